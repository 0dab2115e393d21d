"""Write a reconstruction: transaxial series, record and picture, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from shortaxis._version import __version__
from shortaxis.dicom.documents.object_origin import NewOrigin, ObjectOrigin
from shortaxis.dicom.elements.uids import UidGenerator, random_uid
from shortaxis.dicom.writing.derivation import ReconstructionDerivation, Stamp
from shortaxis.dicom.writing.derived_header import with_study_uids
from shortaxis.dicom.writing.derived_series import DerivedSeries, write_derived_series
from shortaxis.errors import OptionError
from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import earlier_results, refuse_existing, staged_folder
from shortaxis.nifti.writing import write_nifti
from shortaxis.spect.reading_notes import doubts
from shortaxis.workflow.reconstruct.record import build_reconstruction
from shortaxis.workflow.reconstruct.sheet import write_reconstruction_sheet
from shortaxis.workflow.studies.formats import StudyFormat
from shortaxis.workflow.studies.reconstructing import MadeStudy
from shortaxis.workflow.studies.record import NOTICE

__all__ = ["RECONSTRUCTION_NAMES", "WritingOptions", "write_reconstruction"]

SUFFIXES: dict[str, str] = {StudyFormat.DICOM: ".dcm", StudyFormat.NIFTI: ".nii.gz"}

RECORD, PICTURE = "reconstruction.json", "reconstruction.png"

FIRST_NUMBER = 9501
"""Of the transaxial series among what is derived from a source; slices and documents stay below."""


@dataclass(frozen=True)
class WritingOptions:
    """What is written and how; `uid_generator` and `clock` are injected for repeatable files.

    Parameters
    ----------
    formats : sequence of StudyFormat, or of their names
        Formats of the slices.
    force : bool
        Overwrite results of an earlier run.
    origin : ObjectOrigin, optional
        Gives UIDs and time in the place of `uid_generator` and `clock`.
    """

    formats: Sequence[str] = (StudyFormat.DICOM,)
    force: bool = False
    uid_generator: UidGenerator = random_uid
    clock: Callable[[], datetime] = field(default=datetime.now)
    origin: ObjectOrigin | None = None

    def __post_init__(self) -> None:
        formats = tuple(dict.fromkeys(self.formats))
        unknown = [name for name in formats if name not in SUFFIXES]
        if unknown or not formats:
            raise OptionError(
                "unknown output format", expected=" or ".join(SUFFIXES),
                found=", ".join(unknown) or "none",
            )  # fmt: skip


def output_names(formats: Iterable[str], *, gated: bool) -> list[str]:
    """Names of all files of one study, in the order in which they are listed."""
    gatings = ("", "_gated") if gated else ("",)
    slices = [f"transaxial{gating}{SUFFIXES[name]}" for name in formats for gating in gatings]
    return [*slices, RECORD, PICTURE]


RECONSTRUCTION_NAMES = frozenset(output_names(SUFFIXES, gated=True))
"""Every name that any choice of options can produce."""


def write_reconstruction(made: MadeStudy, folder: Path, options: WritingOptions) -> list[Path]:
    """Write all files of one study into `folder`, all of them or none.

    Raises
    ------
    ExistingOutputError
        If results are there already and `options.force` is off.
    OutputError
        If anything cannot be written.
    """
    if not options.force:
        refuse_existing(folder, RECONSTRUCTION_NAMES)
    names = output_names(options.formats, gated=made.study.is_gated)
    earlier = earlier_results(folder, RECORD, RECONSTRUCTION_NAMES)
    with staged_folder(folder, earlier) as staging:
        if StudyFormat.DICOM in options.formats:
            origin = options.origin or NewOrigin(options.uid_generator, options.clock)
            origin.write(staging, partial(_write_dicom, made, staging))
        if StudyFormat.NIFTI in options.formats:
            _write_nifti(made, staging)
        write_json(staging / RECORD, build_reconstruction(made, names))
        write_reconstruction_sheet(staging / PICTURE, made)
    return [folder / name for name in names]


def _write_dicom(made: MadeStudy, folder: Path, uids: UidGenerator, now: datetime) -> None:
    header = with_study_uids(made.header, uids)
    notes = made.study.notes
    derivation = ReconstructionDerivation(
        words=made.study.facts.reconstructed_here,
        software_version=__version__,
        description=NOTICE,
        is_iterative=made.reconstructed.settings.method != "fbp",
        notes=tuple(note.text for note in notes if not note.is_doubtful),
        reasons=tuple(doubts(notes)),
    )
    volume, gates = made.study.volume, made.study.gates
    series = {"transaxial.dcm": DerivedSeries(None, volume)}
    if gates is not None:
        series["transaxial_gated.dcm"] = DerivedSeries(None, volume, gates)
    for number, (name, each) in enumerate(series.items(), start=FIRST_NUMBER):
        stamp = Stamp(number, uids, now)
        write_derived_series(folder / name, each, header, derivation, stamp)


def _write_nifti(made: MadeStudy, folder: Path) -> None:
    affine = made.study.volume.patient_from_index
    write_nifti(folder / "transaxial.nii.gz", made.study.volume.counts, affine)
    if made.study.gates is not None:
        write_nifti(folder / "transaxial_gated.nii.gz", made.study.gates, affine)
