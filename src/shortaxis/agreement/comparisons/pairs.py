"""Numbers of two sources: bias, limits of agreement, correlation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from shortaxis.agreement.comparisons.pairings import Pairing, in_group, pairings
from shortaxis.agreement.exams.compared_exam import ComparedExam, Source
from shortaxis.agreement.exams.quantities import COMPARED
from shortaxis.agreement.measures.intraclass import intraclass_correlation
from shortaxis.agreement.measures.limits_of_agreement import Estimate, Limits, limits_of_agreement
from shortaxis.evaluation.scores.intervals import Correlation, correlate
from shortaxis.geometry.arrays import FloatArray

__all__ = ["PairAgreement", "paired_values", "pairs_of"]


@dataclass(frozen=True)
class PairAgreement:
    """One quantity of two sources: `first` less `second`.

    `without` exams lack a number of either. What too few exams do not tell is None.
    """

    quantity: str
    pairing: Pairing
    exams: int
    without: int
    limits: Limits | None
    correlation: Correlation | None
    icc: Estimate | None
    outside: tuple[int, ...]


def pairs_of(exams: Sequence[ComparedExam], sources: Sequence[Source]) -> Iterator[PairAgreement]:
    """Every quantity that both sources give of at least one exam."""
    for quantity in COMPARED:
        for pairing in pairings(sources):
            kept, values, without = paired_values(exams, quantity, pairing)
            if not kept:
                continue
            first, second = values.T
            limits = limits_of_agreement(first, second)
            yield PairAgreement(
                quantity,
                pairing,
                len(kept),
                without,
                limits,
                correlate(first, second),
                intraclass_correlation(values),
                () if limits is None else _outside(kept, first - second, limits),
            )


def paired_values(
    exams: Sequence[ComparedExam], quantity: str, pairing: Pairing
) -> tuple[list[ComparedExam], FloatArray, int]:
    """Exams with a number of both, the numbers ``(exam, source)``, and how many lack one.

    Exams of which neither source says anything are not counted.
    """
    kept, values, without = [], [], 0
    for exam in exams:
        if exam.condition != pairing.condition or not in_group(exam, pairing.group, quantity):
            continue
        first, second = (exam.value(each, quantity) for each in (pairing.first, pairing.second))
        if first is not None and second is not None:
            kept.append(exam)
            values.append((first, second))
        elif first is not None or second is not None:
            without += 1
    return kept, np.array(values, dtype=np.float64).reshape(-1, 2), without


def _outside(
    exams: Sequence[ComparedExam], difference: FloatArray, limits: Limits
) -> tuple[int, ...]:
    """Rows whose difference lies outside the limits, the largest first."""
    far = np.abs(difference - limits.bias.value)
    reach = limits.upper.value - limits.bias.value
    order = np.argsort(-far, kind="stable")
    return tuple(exams[place].row for place in order if far[place] > reach)
