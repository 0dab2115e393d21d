"""Healthy patients as exams for normal limits: found, read, and quantified as in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from shortaxis.errors import OptionError, ShortAxisError
from shortaxis.quantification.normal_group import NOTHING_STATED, NormalGroup
from shortaxis.quantification.polar_map import PolarMap
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.study import PerfusionStudy
from shortaxis.workflow.normals.healthy_exams import HealthyExam
from shortaxis.workflow.normals.low_likelihood_list import ListedExam, read_list
from shortaxis.workflow.quantify.limits_choice import group_of
from shortaxis.workflow.quantify.quantifying import QuantifyOptions, quantify_study
from shortaxis.workflow.studies.finding import FoundStudy, StudyChoice, find_studies

__all__ = ["HealthyPatients", "PatientsRequest", "healthy_patients", "map_without_doubt"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class PatientsRequest:
    """Which patients are meant.

    Parameters
    ----------
    folder : Path
        Where their exams lie, as any verb reads them.
    listed : Path or None
        The list of those that are healthy; None takes every exam in the folder.
    stated : NormalGroup
        What holds for all of them and headers do not say.
    quantify : QuantifyOptions
        How the pose and the wall are found; normal limits are left out.
    reading : ReadingOptions
        How files are read.
    corrected : bool or None
        Only exams with, or without, attenuation correction.
    """

    folder: Path
    listed: Path | None = None
    stated: NormalGroup = NOTHING_STATED
    quantify: QuantifyOptions = field(default_factory=lambda: QuantifyOptions(normals=None))
    reading: ReadingOptions = AS_STORED
    corrected: bool | None = None


@dataclass(frozen=True, eq=False)
class HealthyPatients:
    """Exams with their maps, and what was left out and why, by label."""

    exams: tuple[HealthyExam, ...]
    left_out: tuple[tuple[str, str], ...]


def healthy_patients(
    request: PatientsRequest, progress: Progress = lambda done, total: None
) -> HealthyPatients:
    """Quantify every patient; one whose axes or wall are in doubt is left out, and why is told.

    Raises
    ------
    OptionError
        If a row of the list names no exam or several, or states what the header denies.
    ShortAxisError
        What reading the list or finding studies raises.
    """
    listed = _listed(request)
    exams, left_out = [], []
    for done, (row, found) in enumerate(listed, start=1):
        made = _exam(row, found, request)
        if isinstance(made, HealthyExam):
            exams.append(made)
        else:
            left_out.append((row.label, made))
        progress(done, len(listed))
    return HealthyPatients(tuple(exams), tuple(left_out))


def _listed(request: PatientsRequest) -> list[tuple[ListedExam, FoundStudy]]:
    choice = StudyChoice(request.corrected)
    studies = find_studies(request.folder, options=request.reading, choice=choice).studies
    if request.listed is None:
        rows = [
            ListedExam(number, each.paths[0], NOTHING_STATED)
            for number, each in enumerate(studies, 1)
        ]
        return list(zip(rows, studies, strict=True))
    path = request.listed
    return [(row, _study_of(row, studies, path)) for row in read_list(path, request.folder)]


def _study_of(row: ListedExam, studies: Sequence[FoundStudy], path: Path) -> FoundStudy:
    meant = [
        each
        for each in studies
        if any(row.path in (one, *one.parents) for one in map(Path.resolve, each.paths))
    ]
    if len(meant) != 1:
        raise OptionError(
            f"row {row.row}, column file: names {len(meant)} exams",
            path=path,
            expected="one exam",
            found=f"{len(meant)} that can be used",
            cause="several reconstructions in one folder, or a file that is no exam",
            way_on="name the file of the one that is meant; shortaxis info lists them",
        )
    return meant[0]


def _exam(row: ListedExam, found: FoundStudy, request: PatientsRequest) -> HealthyExam | str:
    """The exam, or why it is left out."""
    said = group_of(found.facts)
    _refuse_contradiction(row, said, request.listed)
    group = said.with_facts(request.stated).with_facts(row.stated)
    try:
        study = found.load().study
        polar_map, doubts = map_without_doubt(study, request.quantify)
    except ShortAxisError as error:
        return error.summary
    if polar_map is None:
        return "; ".join(doubts)
    return HealthyExam(row.label, group, polar_map, row.age, study.facts.reconstructed_here)


def _refuse_contradiction(row: ListedExam, said: NormalGroup, path: Path | None) -> None:
    """A list that has slipped by a row makes limits of the wrong people."""
    for fact, stated in _values(row.stated):
        of_header = getattr(said, fact)
        if of_header and of_header != stated:
            raise OptionError(
                f"row {row.row}, column {fact}: is not what the header says",
                path=path,
                expected=f"{of_header}, as in the header, or nothing",
                found=stated,
                cause="rows that have slipped, or exams of two groups mixed up",
                way_on="correct the row; where the header is wrong, correct a copy of the file",
            )


def _values(group: NormalGroup) -> Iterator[tuple[str, str]]:
    yield from ((name, value) for name, value in vars(group).items() if value)


def map_without_doubt(
    study: PerfusionStudy, options: QuantifyOptions
) -> tuple[PolarMap | None, tuple[str, ...]]:
    """The polar map of a study, or None and the reasons to look at its axes and wall.

    In use it would not be read unreviewed.

    Raises
    ------
    ShortAxisError
        What quantifying raises.
    """
    quantified = quantify_study(study, replace(options, normals=None))
    reasons = quantified.estimate.quality.reasons
    return (None, reasons) if reasons else (quantified.traced.polar_map, ())
