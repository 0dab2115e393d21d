"""Grades of two sources: segment scores, and verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shortaxis.agreement.comparisons.pairings import Pairing, in_group, pairings
from shortaxis.agreement.exams.compared_exam import ComparedExam, Source
from shortaxis.agreement.exams.quantities import ABNORMAL, SEGMENTS, SUMMED, TPD, segment_column
from shortaxis.agreement.measures.kappa import Kappa, weighted_kappa

__all__ = ["SEED", "Grading", "gradings_of", "verdict"]

SEED = 20_240_101
"""Of the bootstrap: the same table gives the same interval."""


@dataclass(frozen=True)
class Grading:
    """Segment scores, or verdicts, of two sources."""

    what: str
    pairing: Pairing
    exams: int
    without: int
    kappa: Kappa | None


def gradings_of(
    exams: Sequence[ComparedExam], sources: Sequence[Source], cuts: Mapping[str, float]
) -> Iterator[Grading]:
    """Segments, and verdicts, that both sources give of at least one exam."""
    names = [segment_column(number) for number in SEGMENTS]
    for pairing in pairings(sources):
        yield from _graded(exams, "segments", pairing, 5, lambda exam, source: [
            exam.values.get((source, name)) for name in names
        ])  # fmt: skip
        yield from _graded(exams, "verdict", pairing, 2, lambda exam, source: [
            verdict(exam, source, cuts)
        ])  # fmt: skip


def verdict(exam: ComparedExam, source: Source, cuts: Mapping[str, float]) -> float | None:
    """1 for abnormal: as the source says, else by its deficit, else by its summed score."""
    said = exam.values.get((source, ABNORMAL))
    if said is not None:
        return said
    for quantity in (TPD, SUMMED):
        value = exam.value(source, quantity)
        if value is not None:
            return float(value >= cuts[quantity])
    return None


def _graded(
    exams: Sequence[ComparedExam],
    what: str,
    pairing: Pairing,
    grades: int,
    grades_of: Callable[[ComparedExam, Source], list[float | None]],
) -> Iterator[Grading]:
    kept, without = [], 0
    for exam in exams:
        if exam.condition != pairing.condition or not in_group(exam, pairing.group):
            continue
        both = [grades_of(exam, each) for each in (pairing.first, pairing.second)]
        known = [None not in each for each in both]
        if all(known):
            kept.append(both)
        elif any(known):
            without += 1
    if not kept:
        return
    values = np.array(kept, dtype=np.float64)
    kappa = weighted_kappa(values[:, 0], values[:, 1], grades, np.random.default_rng(SEED))
    yield Grading(what, pairing, len(kept), without, kappa)
