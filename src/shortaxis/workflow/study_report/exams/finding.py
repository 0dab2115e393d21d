"""Which exams a report is of: found where the user points, loaded, and checked to be a pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from shortaxis.dicom.carried.same_patient import (
    days_between,
    differing_identity,
    is_named_otherwise,
    says_identity,
)
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.reading.finding.skipped import SkippedItem, skipped_together
from shortaxis.errors import InputNotFoundError, OptionError
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.study import PerfusionStudy, StudyCondition
from shortaxis.workflow.studies.finding import (
    FoundStudies,
    FoundStudy,
    StudyChoice,
    chosen_of,
    find_studies,
)
from shortaxis.workflow.study_report.exams.choosing import (
    ANY_EXAM,
    ExamChoice,
    Preferred,
    preferred,
)

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

MAX_APART_DAYS = 30
"""Between stress and rest: a protocol takes two days, and a heart changes in weeks."""


@dataclass(frozen=True, eq=False)
class ReportExam:
    """One exam of a report: what it is shown as, and its study.

    `condition` is what the user said it is, or else what the study says, and the facts of the study
    say the same; `header` is None for sources other than DICOM.
    """

    condition: StudyCondition
    study: PerfusionStudy = field(repr=False)
    header: SourceHeader | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """The word that pages and tables carry."""
        return "Study" if self.condition is StudyCondition.UNKNOWN else self.condition.value.title()


@dataclass(frozen=True, eq=False)
class FoundExam:
    """An exam on disk, and what it shall be shown as."""

    condition: StudyCondition
    found: FoundStudy


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
) -> FoundExams:
    """Find one exam, or stress and rest.

    Two paths name stress and rest. One path names a single exam, or a folder with one exam of each.
    Of several reconstructions the rule of `shortaxis.workflow.study_report.exams.choosing` takes
    one, unless the user chooses; all others are in `left_out`.

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
        chosen = Preferred(tuple((exam.found,) for exam in exams))
    else:
        candidates = [
            chosen_of(found, StudyChoice(choice.corrected), path)
            for found, path in zip(all_found, paths, strict=True)
        ]
        exams, chosen = _by_rule(candidates, paths)
    left_out = _left_out(all_found, [exam.found for exam in exams])
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
                return [FoundExam(condition, only[0])], chosen
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
    exams = [FoundExam(each, group[0]) for each, group in zip(PAIR, chosen.groups, strict=True)]
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
    exams = []
    for each in found.exams:
        loaded = each.found.load()
        facts = replace(loaded.study.facts, condition=each.condition)
        exams.append(ReportExam(each.condition, replace(loaded.study, facts=facts), loaded.header))
    reasons, notes = list(found.reasons), list(found.notes)
    days_apart = None
    if len(exams) == len(PAIR):
        days_apart = days_between(*(exam.header for exam in exams))
        path = found.exams[1].found.paths[0]
        _refuse_same(exams, path)
        reasons += _exchanged(found.exams, force=force_pair)
        reasons += _of_two_patients(exams, path, force=force_pair)
        header_reasons, header_notes = _apart(exams)
        reasons += header_reasons
        notes += header_notes
    return LoadedExams(tuple(exams), tuple(reasons), tuple(notes), found.left_out, days_apart)


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


def _exchanged(exams: Sequence[FoundExam], *, force: bool) -> list[str]:
    """Reasons to review exams that say they are the other one; without `force` an error."""
    reasons = []
    for exam in exams:
        said = exam.found.facts.condition
        if said in (exam.condition, StudyCondition.UNKNOWN):
            continue
        if not force:
            raise OptionError(
                f"says that it is {said.value}",
                path=exam.found.paths[0],
                expected=f"the {exam.condition.value} exam",
                found=exam.found.facts.condition_evidence or said.value,
                cause="stress and rest exchanged on the command line; where the file is wrong, "
                "--force-pair takes it",
            )
        reasons.append(f"what is shown as {exam.condition.value} says that it is {said.value}")
    return reasons


def _refuse_same(exams: Sequence[ReportExam], path: Path) -> None:
    first, second = (exam.study for exam in exams)
    shared = set(first.facts.sop_instance_uids) & set(second.facts.sop_instance_uids)
    if shared - {""} or np.array_equal(first.volume.counts, second.volume.counts):
        raise OptionError(
            "stress and rest are the same exam",
            path=path,
            expected="two exams",
            found="the same counts twice",
            cause="one file given twice, or a copy of it",
        )


def _of_two_patients(exams: Sequence[ReportExam], path: Path, *, force: bool) -> list[str]:
    """Reasons to review exams that name two patients; without `force` an error."""
    differing = differing_identity(exams[0].header, exams[1].header)
    if not differing:
        return []
    if not force:
        raise OptionError(
            "is of another patient than the stress exam",
            path=path,
            expected=f"the same {differing}",
            found="another one",
            cause="files mixed up, or de-identified one by one; --force-pair takes them",
        )
    return [f"stress and rest differ in {differing}: two patients?"]


def _apart(exams: Sequence[ReportExam]) -> tuple[list[str], list[str]]:
    """Reasons and notes about exams that do not compare, as far as their headers say."""
    reasons, notes = [], []
    first, second = (exam.study.facts for exam in exams)
    if first.modality is not second.modality:
        reasons.append("stress and rest are of two modalities: scores do not compare")
    if first.attenuation_corrected is not second.attenuation_corrected:
        reasons.append(
            "stress and rest are not corrected for attenuation alike: scores do not compare"
        )
    if first.tracer != second.tracer:
        notes.append("stress and rest are of two tracers")
    if first.camera != second.camera:
        notes.append("stress and rest are of two cameras")
    headers = [exam.header for exam in exams]
    if is_named_otherwise(*headers):
        notes.append("the patient's names of stress and rest differ, and their IDs do not")
    if not all(map(says_identity, headers)):
        notes.append("nothing says that stress and rest are of one patient")
    days = days_between(*headers)
    if days is not None and days > MAX_APART_DAYS:
        reasons.append(f"stress and rest were acquired {days} days apart")
    elif days:
        notes.append(f"stress and rest were acquired {days} day{'s' if days > 1 else ''} apart")
    return reasons, notes
