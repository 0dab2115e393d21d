"""Which exams a report is of: found where the user points, loaded, and checked to be a pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shortaxis.dicom.carried.same_patient import days_between
from shortaxis.dicom.reading.finding.skipped import SkippedItem, skipped_together
from shortaxis.errors import InputNotFoundError, OptionError
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.study import PerfusionStudy, StudyCondition
from shortaxis.workflow.studies.finding import (
    FoundStudies,
    FoundStudy,
    LoadedStudy,
    StudyChoice,
    chosen_of,
    find_studies,
)
from shortaxis.workflow.studies.only_study import the_only_study
from shortaxis.workflow.study_report.exams.choosing import (
    ANY_EXAM,
    ExamChoice,
    Preferred,
    preferred,
)
from shortaxis.workflow.study_report.exams.pair_checks import (
    apart,
    exchanged,
    of_two_patients,
    refuse_same,
)
from shortaxis.workflow.study_report.exams.report_exam import FoundExam, ReportExam

__all__ = [
    "PAIR",
    "FoundExam",
    "FoundExams",
    "LoadedExams",
    "ReportExam",
    "find_exams",
    "load_exams",
]

PAIR = (StudyCondition.STRESS, StudyCondition.REST)


@dataclass(frozen=True, eq=False)
class FoundExams:
    """One exam, or stress and rest; what the rule decided, and files that are not shown."""

    exams: tuple[FoundExam, ...]
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    left_out: tuple[SkippedItem, ...] = ()


@dataclass(frozen=True, eq=False)
class LoadedExams:
    """The same exams in memory, what was taken on the user's word, and files not shown."""

    exams: tuple[ReportExam, ...]
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[SkippedItem, ...] = ()
    days_apart: int | None = None


def find_exams(
    stress: Path,
    rest: Path | None = None,
    *,
    options: ReadingOptions = AS_STORED,
    choice: ExamChoice = ANY_EXAM,
    second_position: Path | None = None,
) -> FoundExams:
    """Find one exam, or stress and rest.

    Two paths name stress and rest. One path names a single exam, or a folder with one exam of each.
    Of several reconstructions the rule of `shortaxis.workflow.study_report.exams.choosing` takes
    one, unless the user chooses; all others are in `left_out`. `second_position` names the first
    exam once more, with the patient lying or sitting in another way.

    Raises
    ------
    OptionError
        If it is not clear which exams are meant.
    ShortAxisError
        What `find_studies` raises.
    """
    paths = [stress] if rest is None else [stress, rest]
    all_found = [find_studies(path, options=options) for path in paths]
    if choice.numbers:
        exams = _numbered(all_found, choice.numbers, paths)
        chosen = Preferred(tuple((exam.found,) for exam in exams), (None,) * len(exams))
    else:
        candidates = [
            chosen_of(found, StudyChoice(choice.corrected), path)
            for found, path in zip(all_found, paths, strict=True)
        ]
        exams, chosen = _by_rule(candidates, paths)
    if second_position is not None:
        again = the_only_study(find_studies(second_position, options=options), second_position)
        exams[0] = replace(exams[0], beside=again)
    taken = [each for exam in exams for each in (exam.found, exam.beside) if each is not None]
    left_out = _left_out(all_found, taken)
    return FoundExams(tuple(exams), chosen.notes, chosen.reasons, left_out)


def _numbered(
    all_found: Sequence[FoundStudies], numbers: Sequence[int], paths: Sequence[Path]
) -> list[FoundExam]:
    """The exams that the user numbers: both in one folder, or one in each."""
    if len(numbers) == 1 and len(paths) == 2:
        raise OptionError(
            "one number for two exams", expected="numbers of stress and rest", found=str(numbers[0])
        )
    if len(paths) < len(numbers):
        all_found, paths = [*all_found] * 2, [*paths] * 2
    taken = [
        chosen_of(found, StudyChoice(number=number), path).studies[0]
        for found, number, path in zip(all_found, numbers, paths, strict=True)
    ]
    if len(taken) == 1:
        return [FoundExam(taken[0].facts.condition, taken[0])]
    return [FoundExam(condition, each) for condition, each in zip(PAIR, taken, strict=True)]


def _by_rule(
    candidates: Sequence[FoundStudies], paths: Sequence[Path]
) -> tuple[list[FoundExam], Preferred]:
    """The exams that the rule leaves.

    Raises
    ------
    OptionError, InputNotFoundError
        If it leaves none or several of one condition.
    """
    if len(candidates) == 1:
        (found,) = candidates
        said = {each.facts.condition for each in found.studies}
        if len(said) == 1:
            # One condition alone, in several reconstructions: a report of one exam.
            condition = said.pop()
            title = "study" if condition is StudyCondition.UNKNOWN else condition.value
            chosen = preferred([found.studies], [title])
            (only,) = chosen.groups
            if len(only) == 1:
                return [FoundExam(condition, only[0], chosen.beside[0])], chosen
        candidates, paths = [found] * 2, [*paths] * 2
        groups = [_fitting(found, condition) for condition in PAIR]
    else:
        groups = [
            found.studies if len(found.studies) == 1 else _fitting(found, condition)
            for found, condition in zip(candidates, PAIR, strict=True)
        ]
    chosen = preferred(groups, [condition.value for condition in PAIR])
    for group, condition, found, path in zip(chosen.groups, PAIR, candidates, paths, strict=True):
        if len(group) != 1:
            raise _no_single(group, condition, found, path)
    exams = [
        FoundExam(condition, group[0], beside)
        for condition, group, beside in zip(PAIR, chosen.groups, chosen.beside, strict=True)
    ]
    return exams, chosen


def _fitting(found: FoundStudies, condition: StudyCondition) -> tuple[FoundStudy, ...]:
    return tuple(each for each in found.studies if each.facts.condition is condition)


def _left_out(
    all_found: Sequence[FoundStudies], taken: Sequence[FoundStudy]
) -> tuple[SkippedItem, ...]:
    """Every file that is not shown, once, with its reason."""
    items = [item for found in all_found for item in found.skipped]
    for found in all_found:
        names = found.folder_names()
        for study, name in zip(found.studies, names, strict=True):
            if not any(_is_same(study, each) for each in taken):
                items += skipped_together(study.paths, f"another exam: {name}")
    shown = {path for study in taken for path in study.paths}
    return tuple(dict.fromkeys(item for item in items if item.path not in shown))


def _is_same(first: FoundStudy, second: FoundStudy) -> bool:
    numbers = [each.series.energy_window if each.series else 0 for each in (first, second)]
    return first.paths == second.paths and numbers[0] == numbers[1]


def load_exams(found: FoundExams, *, force_pair: bool = False) -> LoadedExams:
    """Read the exams, and check whether they are a pair.

    Raises
    ------
    OptionError
        If stress and rest are one exam. Unless `force_pair`, also if one says that it is the
        other, or they say that they are of two patients: files that were de-identified one by one
        do so, too.
    ShortAxisError
        If one cannot be read.
    """
    exams, reasons, notes = [], list(found.reasons), list(found.notes)
    for each in found.exams:
        loaded = each.found.load()
        facts = replace(loaded.study.facts, condition=each.condition)
        other, doubts = _other_position(each, loaded, force=force_pair)
        reasons += doubts
        exam = replace(loaded.study, facts=facts)
        exams.append(ReportExam(each.condition, exam, loaded.header, other))
    days_apart = None
    if len(exams) == len(PAIR):
        days_apart = days_between(*(exam.header for exam in exams))
        path = found.exams[1].found.paths[0]
        refuse_same(exams, path)
        reasons += exchanged(found.exams, force=force_pair)
        reasons += of_two_patients(exams, path, force=force_pair)
        header_reasons, header_notes = apart(exams)
        reasons += header_reasons
        notes += header_notes
    return LoadedExams(tuple(exams), tuple(reasons), tuple(notes), found.left_out, days_apart)


def _other_position(
    exam: FoundExam, shown: LoadedStudy, *, force: bool
) -> tuple[PerfusionStudy | None, list[str]]:
    """The same exam in another position, as it was read, and reasons to review; None without one.

    Raises
    ------
    OptionError
        Unless `force`, if it says that it is of another patient.
    """
    if exam.beside is None:
        return None, []
    loaded, path = exam.beside.load(), exam.beside.paths[0]
    both = [ReportExam(exam.condition, each.study, each.header) for each in (shown, loaded)]
    refuse_same(both, path, POSITIONS)
    reasons = of_two_patients(both, path, POSITIONS, force=force)
    facts = replace(loaded.study.facts, condition=exam.condition)
    return replace(loaded.study, facts=facts), reasons


POSITIONS = "first and second position"


def _no_single(
    group: Sequence[FoundStudy], condition: StudyCondition, studies: FoundStudies, path: Path
) -> OptionError | InputNotFoundError:
    named = ", ".join(studies.folder_names())
    kind = InputNotFoundError if not group else OptionError
    return kind(
        f"holds no single {condition.value} exam",
        path=path,
        expected=f"one {condition.value} exam, or files named one by one",
        found=f"{len(studies.studies)} exams: {named}",
        cause="several reconstructions, or exams that do not say whether they are stress or rest; "
        "shortaxis info lists them",
        way_on="choose by --corrected, or by number: --study STRESS,REST",
    )
