"""Find the studies in what a user points at: a file or a folder, DICOM or NIfTI."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.elements.part10 import NOT_DICOM
from shortaxis.dicom.reading.finding.scan import DicomInventory, SeriesEntry, scan_dicom
from shortaxis.dicom.reading.finding.skipped import (
    SkippedItem,
    may_hold_an_exam,
    skipped_together,
)
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import (
    InputNotFoundError,
    OptionError,
    ShortAxisError,
    UnreadableFileError,
)
from shortaxis.nifti.file_names import MASK, header_of_pair, is_counts_of_pair, is_nifti_file
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.study import AcquisitionFacts, PerfusionStudy, StudyCondition
from shortaxis.workflow.studies.file_kinds import explain_format, explained_reason, kind_of_bytes
from shortaxis.workflow.studies.formats import StudyFormat

__all__ = [
    "ANY_STUDY",
    "FoundStudies",
    "FoundStudy",
    "LoadedStudy",
    "SkippedItem",
    "StudyChoice",
    "chosen_of",
    "dicom_study",
    "explained",
    "find_studies",
    "narrowed",
    "nifti_skipped",
    "nifti_study",
    "nothing_at",
]


NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
"""What names of folders do not hold."""


@dataclass(frozen=True)
class StudyChoice:
    """Which of several studies are meant; None leaves all of them.

    Parameters
    ----------
    corrected : bool or None
        Those with attenuation correction, or those that say they have none.
    number : int or None
        The one of this number, from 1, as ``shortaxis info`` lists them.
    """

    corrected: bool | None = None
    number: int | None = None


ANY_STUDY = StudyChoice()


@dataclass(frozen=True, eq=False)
class LoadedStudy:
    """A study in memory, and the DICOM header it came with, if any."""

    study: PerfusionStudy
    header: SourceHeader | None = None


@dataclass(frozen=True, eq=False)
class FoundStudy:
    """A study on disk that can be reoriented.

    `shape` is (slice, row, column), `spacing_mm` likewise; `series` is None for NIfTI. `reading`
    says how it is read, `notes` what reading concludes from the header.
    """

    paths: tuple[Path, ...]
    kind: str
    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    n_time_slots: int
    facts: AcquisitionFacts = field(default_factory=AcquisitionFacts)
    series: SeriesEntry | None = None
    reading: ReadingOptions = AS_STORED
    notes: tuple[ReadingNote, ...] = ()

    @property
    def native_format(self) -> StudyFormat:
        """The format it is stored in, which is the default for what is written."""
        return StudyFormat.NIFTI if self.series is None else StudyFormat.DICOM

    def load(self) -> LoadedStudy:
        """Read counts and geometry; raw projections are reconstructed, as stated or as suits.

        Raises
        ------
        ShortAxisError
            One of its children, naming the file and what is wrong with it.
        """
        if self.series is None:
            return LoadedStudy(_nifti_at(self.paths[0], self.reading))
        if self.series.holds_projections:
            # What reconstructs takes long to load, and few studies need it.
            from shortaxis.dicom.reading.projections import read_projections
            from shortaxis.workflow.studies.reconstructing import study_of_projections
            from shortaxis.workflow.studies.stated_making import making_of

            raw = read_projections(self.series, self.reading)
            made = study_of_projections(raw, making_of(raw, self.reading.reconstruction))
            return LoadedStudy(made.study, made.header)
        read = read_dicom_study(self.series, self.reading)
        return LoadedStudy(read.study, read.header)


@dataclass(frozen=True, eq=False)
class FoundStudies:
    """Everything under a path: what can be reoriented, and what cannot and why.

    Where some studies were chosen, `numbers` and `names` are those that they have among all under
    the path; both are empty where all are there, with numbers from 1.
    """

    studies: tuple[FoundStudy, ...]
    skipped: tuple[SkippedItem, ...] = ()
    numbers: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def numbered(self) -> list[tuple[int, FoundStudy]]:
        """The studies, each with the number that ``--study`` knows it by."""
        numbers = self.numbers or range(1, len(self.studies) + 1)
        return list(zip(numbers, self.studies, strict=True))

    def folder_names(self) -> list[str]:
        """One folder name a study, in order: its number, condition, gating and what tells it apart.

        Nothing that could identify a patient goes into a name.
        """
        if self.names:
            return list(self.names)
        telling = _corrections_tell(self.studies)
        return [
            "-".join([f"{number:02d}", *_name_words(found, telling=telling)])
            for number, found in self.numbered
        ]


def find_studies(
    path: Path,
    *,
    series_uid: str | None = None,
    options: ReadingOptions = AS_STORED,
    choice: StudyChoice = ANY_STUDY,
    progress: Callable[[int, int], None] | None = None,
) -> FoundStudies:
    """Find transaxial perfusion studies in a file or, recursively, in a folder.

    Parameters
    ----------
    path : Path
        A DICOM file, a NIfTI file or a folder.
    series_uid : str, optional
        Take only this Series Instance UID.
    options : ReadingOptions
        What the user allows and states.
    choice : StudyChoice
        Which of the studies are meant.
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
        return FoundStudies((nifti_study(path, options),))
    header = header_of_pair(path) if path.is_file() else None
    if header is not None:
        return FoundStudies((nifti_study(header, options),))
    nifti: list[FoundStudy] = []
    unusable: list[SkippedItem] = []
    if path.is_dir() and series_uid is None:
        nifti, unusable = _nifti_studies(path, options)
    try:
        inventory = scan_dicom(
            path,
            series_uid=series_uid,
            options=options,
            progress=progress,
        )
    except InputNotFoundError as error:
        if not nifti and unusable:
            raise _nothing_usable(path, unusable) from error
        if not nifti:
            raise
        inventory = DicomInventory((), ())
    except UnreadableFileError as error:
        explain_format(error, path)
        error.found = error.found or kind_of_bytes(path)
        raise
    found = [dicom_study(entry, options) for entry in inventory.entries]
    skipped = [
        explained(item)
        for item in inventory.skipped
        if not is_nifti_file(item.path) and not is_counts_of_pair(item.path)
    ]
    return chosen_of(FoundStudies(tuple(found + nifti), tuple(skipped + unusable)), choice, path)


def explained(item: SkippedItem) -> SkippedItem:
    """The same, with the name of its format where that is known; what is DICOM stays it."""
    if item.is_exam or not item.reason.startswith(NOT_DICOM):
        return item
    reason = explained_reason(item.path)
    return item if reason is None else SkippedItem(item.path, reason)


def chosen_of(found: FoundStudies, choice: StudyChoice, path: Path) -> FoundStudies:
    """The studies that are meant; the others are listed as skipped.

    Raises
    ------
    OptionError
        If none is left; it says what there is.
    """
    chosen = narrowed(found, choice)
    if not chosen.studies:
        raise OptionError(
            "holds no study that was chosen",
            path=path,
            expected="the number of one of them, or the correction that one of them has",
            found=", ".join(
                f"{number} {' '.join(_name_words(study, telling=True))}"
                for number, study in found.numbered
            ),
            way_on="choose by --study or --corrected from what shortaxis info lists",
        )
    return chosen


def narrowed(found: FoundStudies, choice: StudyChoice) -> FoundStudies:
    """The studies that are meant, perhaps none; the others are listed as skipped."""
    kept: list[tuple[int, str, FoundStudy]] = []
    skipped = list(found.skipped)
    for name, (number, study) in zip(found.folder_names(), found.numbered, strict=True):
        if choice.number in (None, number) and (
            choice.corrected in (None, study.facts.attenuation_corrected)
        ):
            kept.append((number, name, study))
        else:
            skipped += skipped_together(study.paths, "was not chosen")
    return FoundStudies(
        tuple(study for *_, study in kept),
        tuple(skipped),
        tuple(number for number, *_ in kept),
        tuple(name for _, name, _ in kept),
    )


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


def dicom_study(entry: SeriesEntry, options: ReadingOptions = AS_STORED) -> FoundStudy:
    """A study from what a scan knows of its series."""
    return FoundStudy(
        paths=entry.paths,
        kind=entry.kind,
        shape=(entry.n_slices, entry.rows, entry.columns),
        spacing_mm=entry.spacing_mm,
        n_time_slots=entry.n_time_slots,
        facts=entry.facts,
        series=entry,
        reading=options,
        notes=entry.notes,
    )


def nifti_study(path: Path, options: ReadingOptions = AS_STORED) -> FoundStudy:
    """A study in a NIfTI file.

    Raises
    ------
    ShortAxisError
        A child that says why the file cannot be used.
    """
    study = _nifti_at(path, options)
    along_slice, along_row, along_column = study.volume.spacing_mm.tolist()
    return FoundStudy(
        paths=(path,),
        kind="NIfTI",
        shape=study.volume.shape,
        spacing_mm=(along_slice, along_row, along_column),
        n_time_slots=1 if study.gates is None else len(study.gates),
        facts=study.facts,
        reading=options,
        notes=study.notes,
    )


def _nifti_at(path: Path, options: ReadingOptions) -> PerfusionStudy:
    # Whoever has no such file needs no nibabel.
    from shortaxis.nifti.reading import read_nifti_study

    return read_nifti_study(path, options)


def _nifti_studies(
    folder: Path, options: ReadingOptions
) -> tuple[list[FoundStudy], list[SkippedItem]]:
    """NIfTI files below a folder; masks and damaged files among them are skipped."""
    found, skipped = [], []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and is_nifti_file(path):
            try:
                found.append(nifti_study(path, options))
            except ShortAxisError as error:
                skipped.append(nifti_skipped(path, error))
    return found, skipped


def nifti_skipped(path: Path, error: ShortAxisError) -> SkippedItem:
    """A NIfTI file that was not used; masks and earlier results are no exams."""
    is_exam = error.summary != MASK and may_hold_an_exam(error)
    return SkippedItem(path, error.summary, error.way_on or "", is_exam)


def _corrections_tell(studies: Sequence[FoundStudy]) -> bool:
    """Whether some studies are corrected for attenuation and others are not."""
    return len({found.facts.attenuation_corrected for found in studies}) > 1


def _name_words(found: FoundStudy, *, telling: bool) -> list[str]:
    facts = found.facts
    is_unknown = facts.condition is StudyCondition.UNKNOWN
    words = ["study" if is_unknown else facts.condition.value]
    if telling and facts.attenuation_corrected is not None:
        words.append("corrected" if facts.attenuation_corrected else "uncorrected")
    if facts.energy_window:
        words.append(NOT_IN_NAMES.sub("-", facts.energy_window.lower()).strip("-"))
    return [*words, "gated"] if found.n_time_slots > 1 else words
