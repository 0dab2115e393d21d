"""Find the studies in what a user points at: a file or a folder, DICOM or NIfTI."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shortaxis.dicom.reading import read_dicom_study
from shortaxis.dicom.scan import SeriesEntry, SkippedItem, scan_dicom
from shortaxis.dicom.source_header import SourceHeader
from shortaxis.errors import InputNotFoundError, OptionError
from shortaxis.nifti.reading import is_nifti_file, read_nifti_study
from shortaxis.spect.study import AcquisitionFacts, PerfusionStudy, StudyCondition

__all__ = ["FoundStudies", "FoundStudy", "LoadedStudy", "SkippedItem", "find_studies"]


@dataclass(frozen=True, eq=False)
class LoadedStudy:
    """A study in memory, and the DICOM header it came with, if any."""

    study: PerfusionStudy
    header: SourceHeader | None = None


@dataclass(frozen=True, eq=False)
class FoundStudy:
    """A study on disk that can be reoriented; `series` is None for a NIfTI file."""

    paths: tuple[Path, ...]
    series: SeriesEntry | None = None
    force_input: bool = False

    @property
    def facts(self) -> AcquisitionFacts:
        """What the header says, without reading counts."""
        return AcquisitionFacts() if self.series is None else self.series.facts

    @property
    def native_format(self) -> str:
        """The format it is stored in, which is the default for what is written."""
        return "nifti" if self.series is None else "dicom"

    @property
    def is_gated(self) -> bool:
        """Whether DICOM time slots were announced; unknown, so False, for NIfTI."""
        return self.series is not None and self.series.n_time_slots > 1

    def load(self) -> LoadedStudy:
        """Read counts and geometry.

        Raises
        ------
        ShortAxisError
            One of its children, naming the file and what is wrong with it.
        """
        if self.series is None:
            return LoadedStudy(read_nifti_study(self.paths[0]))
        read = read_dicom_study(self.series, force_input=self.force_input)
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
            f"{number:02d}-{_condition_word(found)}{'-gated' if found.is_gated else ''}"
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
        raise InputNotFoundError(
            "does not exist", path=path, expected="a file or a folder", found="nothing"
        )
    if path.is_file() and is_nifti_file(path):
        if series_uid is not None:
            raise OptionError(
                "a series was named for a NIfTI file",
                path=path,
                expected="no series: a NIfTI file holds one image",
                found=series_uid,
            )
        return FoundStudies((FoundStudy((path,)),))
    nifti_files = _nifti_files(path) if path.is_dir() and series_uid is None else []
    try:
        inventory = scan_dicom(
            path, series_uid=series_uid, force_input=force_input, progress=progress
        )
    except InputNotFoundError:
        if not nifti_files:
            raise
        return FoundStudies(tuple(FoundStudy((nifti,)) for nifti in nifti_files))
    found = [FoundStudy(entry.paths, entry, force_input) for entry in inventory.entries]
    found += [FoundStudy((nifti,)) for nifti in nifti_files]
    skipped = tuple(item for item in inventory.skipped if not is_nifti_file(item.path))
    return FoundStudies(tuple(found), skipped)


def _nifti_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and is_nifti_file(path))


def _condition_word(found: FoundStudy) -> str:
    condition = found.facts.condition
    return "study" if condition is StudyCondition.UNKNOWN else condition.value
