"""Which exams a report is of: found where the user points, loaded, and checked to be a pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from shortaxis.dicom.carried.same_patient import days_between, differing_identity, says_identity
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.errors import InputNotFoundError, OptionError
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.study import PerfusionStudy, StudyCondition
from shortaxis.workflow.studies.finding import FoundStudies, FoundStudy, find_studies

__all__ = ["FoundExam", "FoundExams", "LoadedExams", "ReportExam", "find_exams", "load_exams"]

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
    """One exam, or stress and rest, and what was left out."""

    exams: tuple[FoundExam, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class LoadedExams:
    """The same exams in memory, and what was taken on the user's word."""

    exams: tuple[ReportExam, ...]
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_exams(
    stress: Path, rest: Path | None = None, *, options: ReadingOptions = AS_STORED
) -> FoundExams:
    """Find one exam, or stress and rest.

    Two paths name stress and rest. One path names a single exam, or a folder with one exam of each.
    Of a gated and an ungated series of one reconstruction the gated one is taken: its sum over the
    time slots is the ungated exam.

    Raises
    ------
    OptionError
        If it is not clear which exams are meant.
    ShortAxisError
        What `find_studies` raises.
    """
    notes: list[str] = []
    if rest is None:
        studies = find_studies(stress, options=options)
        if len(studies.studies) == 1:
            only = studies.studies[0]
            return FoundExams((FoundExam(only.facts.condition, only),))
        exams = [FoundExam(each, _chosen(studies, each, stress, notes)) for each in PAIR]
        return FoundExams(tuple(exams), tuple(notes))
    exams = []
    for condition, path in zip(PAIR, (stress, rest), strict=True):
        studies = find_studies(path, options=options)
        single = len(studies.studies) == 1
        found = studies.studies[0] if single else _chosen(studies, condition, path, notes)
        exams.append(FoundExam(condition, found))
    return FoundExams(tuple(exams), tuple(notes))


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
    reasons, notes = [], list(found.notes)
    if len(exams) == len(PAIR):
        path = found.exams[1].found.paths[0]
        _refuse_same(exams, path)
        reasons += _exchanged(found.exams, force=force_pair)
        reasons += _of_two_patients(exams, path, force=force_pair)
        header_reasons, header_notes = _apart(exams)
        reasons += header_reasons
        notes += header_notes
    return LoadedExams(tuple(exams), tuple(reasons), tuple(notes))


def _chosen(
    studies: FoundStudies, condition: StudyCondition, path: Path, notes: list[str]
) -> FoundStudy:
    """The exam of a condition; of a gated and an ungated series of it, the gated one."""
    fitting = [each for each in studies.studies if each.facts.condition is condition]
    if len(fitting) == 1:
        return fitting[0]
    gated = [each for each in fitting if each.n_time_slots > 1]
    corrections = {each.facts.attenuation_corrected for each in fitting}
    if len(fitting) == len(PAIR) and len(gated) == 1 and len(corrections) == 1:
        notes.append(f"{condition.value}: the gated series is shown, an ungated one left out")
        return gated[0]
    named = ", ".join(studies.folder_names())
    kind = InputNotFoundError if not fitting else OptionError
    raise kind(
        f"holds no single {condition.value} exam",
        path=path,
        expected=f"one {condition.value} exam, or files named one by one",
        found=f"{len(studies.studies)} exams: {named}",
        cause="several reconstructions, or exams that do not say whether they are stress or rest; "
        "shortaxis info lists them",
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
    if not all(map(says_identity, headers)):
        notes.append("nothing says that stress and rest are of one patient")
    days = days_between(*headers)
    if days is not None and days > MAX_APART_DAYS:
        reasons.append(f"stress and rest were acquired {days} days apart")
    elif days:
        notes.append(f"stress and rest were acquired {days} day{'s' if days > 1 else ''} apart")
    return reasons, notes
