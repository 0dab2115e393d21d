"""Proportions and correlations with their 95 % confidence intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from shortaxis.errors import OptionError

__all__ = ["CONFIDENCE", "Correlation", "Proportion", "correlate"]

CONFIDENCE = 0.95

MIN_PAIRS = 4
"""Fisher's z has the variance 1 / (n - 3)."""

MIN_SPREAD = 1e-9
"""Of values in mm or degrees: below it they are equal but for rounding."""

Interval = tuple[float, float]


@dataclass(frozen=True)
class Proportion:
    """`hits` of `total`, with Wilson's interval, which stays within 0 to 1 and suits few exams.

    Examples
    --------
    >>> Proportion(1, 10).part
    0.1
    >>> low, high = Proportion(1, 10).interval
    >>> round(low, 3), round(high, 3)  # Newcombe 1998, doi:10.1002/(SICI)1097-0258
    (0.018, 0.404)
    >>> Proportion(0, 0).part is None
    True
    """

    hits: int
    total: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.total:
            raise OptionError(
                "not a proportion", expected=f"0 to {self.total} hits", found=str(self.hits)
            )

    @property
    def part(self) -> float | None:
        """Hits as a part of all, 0-1; None of nothing."""
        return self.hits / self.total if self.total else None

    @cached_property
    def interval(self) -> Interval | None:
        """95 % confidence interval of the part; None of nothing."""
        if not self.total:
            return None
        interval = stats.binomtest(self.hits, self.total).proportion_ci(CONFIDENCE, "wilson")
        return float(interval.low), float(interval.high)


@dataclass(frozen=True)
class Correlation:
    """Pearson's r of `exams` pairs, with the interval of Fisher's z."""

    exams: int
    r: float
    interval: Interval


def correlate(true: ArrayLike, estimated: ArrayLike) -> Correlation | None:
    """Correlation of two series; None for fewer than four pairs, or where one is constant."""
    first, second = (np.asarray(values, dtype=np.float64) for values in (true, estimated))
    if len(first) < MIN_PAIRS or min(np.ptp(first), np.ptp(second)) < MIN_SPREAD:
        return None
    found = stats.pearsonr(first, second)
    interval = found.confidence_interval(CONFIDENCE)
    return Correlation(
        len(first), float(found.statistic), (float(interval.low), float(interval.high))
    )
