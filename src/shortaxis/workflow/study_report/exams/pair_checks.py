"""Whether exams are what they are shown as, and of one patient, as far as their headers say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from shortaxis.dicom.carried.same_patient import (
    days_between,
    differing_identity,
    is_named_otherwise,
    says_identity,
)
from shortaxis.errors import OptionError
from shortaxis.spect.study import AcquisitionFacts, StudyCondition
from shortaxis.workflow.drawing.header_words import nuclide_of, tracer_words
from shortaxis.workflow.study_report.exams.report_exam import FoundExam, ReportExam

__all__ = ["apart", "are_two_tracers", "exchanged", "of_two_patients", "refuse_same"]

MAX_APART_DAYS = 30
"""Between stress and rest: a protocol takes two days, and a heart changes in weeks."""


def exchanged(exams: Sequence[FoundExam], *, force: bool) -> list[str]:
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


def refuse_same(exams: Sequence[ReportExam], path: Path, named: str = "stress and rest") -> None:
    """Raise `OptionError` for the same exam twice."""
    first, second = (exam.study for exam in exams)
    shared = set(first.facts.sop_instance_uids) & set(second.facts.sop_instance_uids)
    if shared - {""} or np.array_equal(first.volume.counts, second.volume.counts):
        raise OptionError(
            f"{named} are the same exam",
            path=path,
            expected="two exams",
            found="the same counts twice",
            cause="one file given twice, or a copy of it",
        )


def of_two_patients(
    exams: Sequence[ReportExam], path: Path, named: str = "stress and rest", *, force: bool
) -> list[str]:
    """Reasons to review exams that name two patients; without `force` an error."""
    differing = differing_identity(exams[0].header, exams[1].header)
    if not differing:
        return []
    if not force:
        raise OptionError(
            f"is of another patient than the {named.split()[0]} exam",
            path=path,
            expected=f"the same {differing}",
            found="another one",
            cause="files mixed up, or de-identified one by one; --force-pair takes them",
        )
    return [f"{named} differ in {differing}: two patients?"]


def apart(exams: Sequence[ReportExam]) -> tuple[list[str], list[str]]:
    """Reasons and notes about exams that do not compare, as far as their headers say."""
    reasons, notes = [], []
    first, second = (exam.study.facts for exam in exams)
    if first.modality is not second.modality:
        reasons.append("stress and rest are of two modalities: scores do not compare")
    if first.attenuation_corrected is not second.attenuation_corrected:
        reasons.append(
            "stress and rest are not corrected for attenuation alike: scores do not compare"
        )
    notes += _tracers(first, second)
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


def _tracers(first: AcquisitionFacts, second: AcquisitionFacts) -> list[str]:
    """Whether two exams are of two tracers; a code that nobody knows is none."""
    named = [nuclide_of(each) for each in (first, second)]
    words = [tracer_words(each) for each in (first, second)]
    if not any(named):
        return []
    if not all(named):
        silent, other = ("rest", "stress") if named[0] else ("stress", "rest")
        told = next(filter(None, named))
        return [f"the header of {silent} does not tell its tracer; {other} is of {told}"]
    if not are_two_tracers(named, words):
        return []
    return [f"stress and rest are of two tracers: {words[0]} and {words[1]}"]


def are_two_tracers(nuclides: Sequence[str], words: Sequence[str]) -> bool:
    """Whether two exams that name their nuclides are of two tracers, by `tracer_words` of each.

    A nuclide whose drug nobody says may be of any drug.
    """
    is_drug_open = nuclides[0] == nuclides[1] and bool(set(nuclides) & set(words))
    return words[0] != words[1] and not is_drug_open
