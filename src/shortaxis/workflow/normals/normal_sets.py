"""A set of limits from healthy exams, and what it says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shortaxis._version import __version__
from shortaxis.quantification.normal_group import FACT_VALUES
from shortaxis.quantification.normal_limits import NormalSet
from shortaxis.quantification.reconstructed_alike import reconstruction_statements
from shortaxis.workflow.normals.healthy_exams import GROUPED_BY, HealthyExam, groups_of
from shortaxis.workflow.normals.leaving_out import (
    ABNORMAL_DEFICIT,
    ABNORMAL_SCORE,
    LeftOut,
    judged_left_out,
    specificity,
)

__all__ = ["BuiltNormals", "SetDescription", "build_normal_set"]

FEW_EXAMS = 40
"""Below, the error of a standard deviation is above a ninth."""


@dataclass(frozen=True)
class SetDescription:
    """What a set is called, where it comes from, and what found its walls."""

    name: str
    source: str
    wall: str


@dataclass(frozen=True, eq=False)
class BuiltNormals:
    """A set, and every exam that it was made of as the others judge it."""

    normals: NormalSet
    judged: tuple[LeftOut, ...]

    @property
    def outliers(self) -> list[LeftOut]:
        """Exams that the others call abnormal, the worst first."""
        abnormal = [each for each in self.judged if not each.is_normal]
        return sorted(abnormal, key=lambda each: -each.severity.total_perfusion_deficit)


def build_normal_set(
    described: SetDescription,
    exams: Sequence[HealthyExam],
    grouped_by: Sequence[str] = GROUPED_BY,
) -> BuiltNormals:
    """Limits of every group that is large enough.

    Raises
    ------
    OptionError
        If there are too few exams, or a fact is not known.
    """
    groups = groups_of(exams, grouped_by)
    judged = judged_left_out(exams, groups)
    limits = tuple(each.limits(described.name) for each in groups)
    statements = (
        f"made by ShortAxis {__version__}",
        _valid_for(exams),
        *reconstruction_statements(exam.reconstructed_here for exam in exams),
        _leave_one_out(judged),
        *_warnings(exams),
    )
    normals = NormalSet(described.name, described.source, limits, described.wall, statements)
    return BuiltNormals(normals, tuple(judged))


def _valid_for(exams: Sequence[HealthyExam]) -> str:
    """What the exams were: of anything else the set knows nothing."""
    told = []
    for fact in FACT_VALUES:
        values = [getattr(exam.group, fact) or f"unknown {fact}" for exam in exams]
        counts = {value: values.count(value) for value in sorted(set(values))}
        told.append(", ".join(f"{count} {value}" for value, count in counts.items()))
    ages = [exam.age for exam in exams if exam.age is not None]
    if ages:
        told.append(f"ages {min(ages):.0f} to {max(ages):.0f}, median {np.median(ages):.0f}")
    return f"valid for exams like its {len(exams)}: {'; '.join(told)}"


def _leave_one_out(judged: Sequence[LeftOut]) -> str:
    normal = sum(each.is_normal for each in judged)
    return (
        f"each exam judged by the others: {normal} of {len(judged)} "
        f"({100 * specificity(judged):.0f} %) have a summed score below {ABNORMAL_SCORE} and a "
        f"total perfusion deficit below {100 * ABNORMAL_DEFICIT:.0f} %"
    )


def _warnings(exams: Sequence[HealthyExam]) -> list[str]:
    if len(exams) >= FEW_EXAMS:
        return []
    error = 1 / np.sqrt(2 * (len(exams) - 1))
    return [
        f"few exams: with {len(exams)} the error of a standard deviation is {100 * error:.0f} % of "
        f"it; {FEW_EXAMS} or more of each group are better"
    ]
