"""Which two sources are compared, in which exams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from shortaxis.agreement.exams.compared_exam import REST, STRESS, ComparedExam, Source
from shortaxis.agreement.exams.quantities import FUNCTION

__all__ = ["ALL", "FLAGGED", "GROUPS", "Pairing", "in_group", "pairings"]

ALL, ACCEPTED, FLAGGED = GROUPS = ("all", "accepted", "flagged")


@dataclass(frozen=True)
class Pairing:
    """Two sources, in a condition and a group of exams."""

    condition: str
    group: str
    first: Source
    second: Source


def in_group(exam: ComparedExam, group: str, quantity: str = "") -> bool:
    """Whether an exam belongs to all, to the accepted or to the flagged ones."""
    flags = [exam.is_flagged, exam.is_function_flagged if quantity in FUNCTION else None]
    if group == ALL:
        return True
    if all(flag is None for flag in flags):
        return False
    return any(flags) == (group == FLAGGED)


def pairings(sources: Sequence[Source]) -> Iterator[Pairing]:
    """Every two sources, at stress and rest, in every group."""
    for condition in (STRESS, REST):
        for first, second in combinations(sources, 2):
            for group in GROUPS:
                yield Pairing(condition, group, first, second)
