"""Find the studies in what a user points at: a file or a folder, DICOM or NIfTI."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.reading.scan import DicomInventory, SeriesEntry, SkippedItem, scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import (
    InputNotFoundError,
    OptionError,
    ShortAxisError,
    UnreadableFileError,
)
from shortaxis.nifti.reading import is_nifti_file, read_nifti_study
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.study import AcquisitionFacts, PerfusionStudy, StudyCondition
from shortaxis.workflow.studies.file_kinds import kind_of_bytes
from shortaxis.workflow.studies.formats import StudyFormat

__all__ = [
    "FoundStudies",
    "FoundStudy",
    "LoadedStudy",
    "SkippedItem",
    "dicom_study",
    "find_studies",
    "nifti_study",
    "nothing_at",
]


@dataclass(frozen=True, eq=False)
class LoadedStudy:
    """A study in memory, and the DICOM header it came with, if any."""

    study: PerfusionStudy
    header: SourceHeader | None = None


@dataclass(frozen=True, eq=False)
class FoundStudy:
    """A study on disk that can be reoriented.

    `shape` is (slice, row, column), `spacing_mm` likewise; `series` is None for NIfTI.
    """

    paths: tuple[Path, ...]
    kind: str
    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    n_time_slots: int
    facts: AcquisitionFacts = field(default_factory=AcquisitionFacts)
    series: SeriesEntry | None = None
    force_input: bool = False

    @property
    def native_format(self) -> StudyFormat:
        """The format it is stored in, which is the default for what is written."""
        return StudyFormat.NIFTI if self.series is None else StudyFormat.DICOM

    def load(self) -> LoadedStudy:
        """Read counts and geometry.

        Raises
        ------
        ShortAxisError
            One of its children, naming the file and what is wrong with it.
        """
        options = ReadingOptions(force_input=self.force_input)
        if self.series is None:
            return LoadedStudy(read_nifti_study(self.paths[0], options))
        read = read_dicom_study(self.series, options)
        return LoadedStudy(read.study, read.header)


@dataclass(frozen=True, eq=False)
class FoundStudies:
    """Everything under a path: what can be reoriented, and what cannot and why."""

    studies: tuple[FoundStudy, ...]
    skipped: tuple[SkippedItem, ...] = ()

    def folder_names(self) -> list[str]:
        """One folder name a study, in order: its number, condition and gating.

        Nothing that could identify a patient goes into a name.
        """
        return [
            f"{number:02d}-{_condition_word(found)}{'-gated' if found.n_time_slots > 1 else ''}"
            for number, found in enumerate(self.studies, start=1)
        ]


def find_studies(
    path: Path,
    *,
    series_uid: str | None = None,
    force_input: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> FoundStudies:
    """Find transaxial perfusion studies in a file or, recursively, in a folder.

    Parameters
    ----------
    path : Path
        A DICOM file, a NIfTI file or a folder.
    series_uid : str, optional
        Take only this Series Instance UID.
    force_input : bool
        Take series that say they are reoriented already.
    progress : callable, optional
        Called with the number of files seen and their total.

    Raises
    ------
    InputNotFoundError
        If the path does not exist or holds nothing usable; the message says what it holds.
    ShortAxisError
        A child that says why a single file cannot be used.
    """
    if not path.exists():
        raise nothing_at(path)
    if path.is_file() and is_nifti_file(path):
        if series_uid is not None:
            raise _series_of_nifti(path, series_uid)
        return FoundStudies((nifti_study(path, force_input=force_input),))
    nifti: list[FoundStudy] = []
    unusable: list[SkippedItem] = []
    if path.is_dir() and series_uid is None:
        nifti, unusable = _nifti_studies(path, force_input=force_input)
    try:
        inventory = scan_dicom(
            path,
            series_uid=series_uid,
            options=ReadingOptions(force_input=force_input),
            progress=progress,
        )
    except InputNotFoundError as error:
        if not nifti and unusable:
            raise _nothing_usable(path, unusable) from error
        if not nifti:
            raise
        inventory = DicomInventory((), ())
    except UnreadableFileError as error:
        error.found = error.found or kind_of_bytes(path)
        raise
    found = [dicom_study(entry, force_input) for entry in inventory.entries]
    skipped = [item for item in inventory.skipped if not is_nifti_file(item.path)]
    return FoundStudies(tuple(found + nifti), tuple(skipped + unusable))


def _nothing_usable(path: Path, unusable: list[SkippedItem]) -> InputNotFoundError:
    named = [f"{item.path.name} {item.reason}" for item in unusable[:3]]
    more = [f"{len(unusable) - 3} more"] if len(unusable) > 3 else []
    return InputNotFoundError(
        "holds no study that can be reoriented",
        path=path,
        expected="DICOM NM or PET reconstructions, or NIfTI images",
        found="; ".join(named + more),
        cause="a folder of masks or of earlier results, or damaged files",
    )


def _series_of_nifti(path: Path, series_uid: str) -> OptionError:
    return OptionError(
        "a series was named for a NIfTI file",
        path=path,
        expected="no series: a NIfTI file holds one image",
        found=series_uid,
    )


def nothing_at(path: Path) -> InputNotFoundError:
    """The error that says that nothing is where the user points."""
    return InputNotFoundError(
        "does not exist",
        path=path,
        expected="a file or a folder",
        found="nothing",
        cause="a mistyped path, or a disk that is not connected",
    )


def dicom_study(entry: SeriesEntry, force_input: bool) -> FoundStudy:
    """A study from what a scan knows of its series."""
    return FoundStudy(
        paths=entry.paths,
        kind=entry.kind,
        shape=(entry.n_slices, entry.rows, entry.columns),
        spacing_mm=entry.spacing_mm,
        n_time_slots=entry.n_time_slots,
        facts=entry.facts,
        series=entry,
        force_input=force_input,
    )


def nifti_study(path: Path, *, force_input: bool) -> FoundStudy:
    """A study in a NIfTI file.

    Raises
    ------
    ShortAxisError
        A child that says why the file cannot be used.
    """
    study = read_nifti_study(path, ReadingOptions(force_input=force_input))
    along_slice, along_row, along_column = study.volume.spacing_mm.tolist()
    return FoundStudy(
        paths=(path,),
        kind="NIfTI",
        shape=study.volume.shape,
        spacing_mm=(along_slice, along_row, along_column),
        n_time_slots=1 if study.gates is None else len(study.gates),
        facts=study.facts,
        force_input=force_input,
    )


def _nifti_studies(
    folder: Path, *, force_input: bool
) -> tuple[list[FoundStudy], list[SkippedItem]]:
    """NIfTI files below a folder; masks and damaged files among them are skipped."""
    found, skipped = [], []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and is_nifti_file(path):
            try:
                found.append(nifti_study(path, force_input=force_input))
            except ShortAxisError as error:
                skipped.append(SkippedItem(path, error.summary))
    return found, skipped


def _condition_word(found: FoundStudy) -> str:
    condition = found.facts.condition
    return "study" if condition is StudyCondition.UNKNOWN else condition.value
