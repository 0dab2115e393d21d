"""How limits judge healthy exams that they were not made of: each is left out once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shortaxis.quantification.severity import Severity, limits_severity
from shortaxis.workflow.normals.healthy_exams import ExamGroup, HealthyExam

__all__ = ["ABNORMAL_DEFICIT", "ABNORMAL_SCORE", "LeftOut", "judged_left_out", "specificity"]

ABNORMAL_SCORE = 4
"""Summed score from which an exam is called abnormal."""

ABNORMAL_DEFICIT = 0.05


@dataclass(frozen=True, eq=False)
class LeftOut:
    """A healthy exam, judged by the narrowest limits that fit it, made without it."""

    exam: HealthyExam
    severity: Severity

    @property
    def is_normal(self) -> bool:
        """Whether it is called normal, as it should be."""
        return (
            self.severity.summed_score < ABNORMAL_SCORE
            and self.severity.total_perfusion_deficit < ABNORMAL_DEFICIT
        )


def judged_left_out(exams: Sequence[HealthyExam], groups: Sequence[ExamGroup]) -> list[LeftOut]:
    """Every exam by limits that know nothing of it, in the order of the exams."""
    judged = []
    for place, exam in enumerate(exams):
        fitting = [each for each in groups if place in each.places]
        own = max(fitting, key=lambda each: each.group.rank)
        limits = own.limits("left out", without=place)
        judged.append(LeftOut(exam, limits_severity(exam.polar_map, limits)))
    return judged


def specificity(judged: Sequence[LeftOut]) -> float:
    """Part of the healthy exams that are called normal, 0 to 1."""
    return sum(each.is_normal for each in judged) / len(judged)
