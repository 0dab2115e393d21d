"""Intraclass correlation: one exam's share of all variance, disagreement in level included."""

from __future__ import annotations

import numpy as np
from scipy import stats

from shortaxis.agreement.measures.limits_of_agreement import MIN_PAIRS, Estimate
from shortaxis.evaluation.scores.intervals import CONFIDENCE
from shortaxis.geometry.arrays import FloatArray

__all__ = ["intraclass_correlation"]

TINY = 1e-12
"""Of all variance: what is left below it is rounding."""


def intraclass_correlation(values: FloatArray) -> Estimate | None:
    """ICC(2,1) of ``(exam, rater)``: two-way random, absolute agreement, single rater.

    Shrout and Fleiss 1979, doi:10.1037/0033-2909.86.2.420, with their interval. None of fewer than
    four exams, or where all values are equal; the interval is None where raters differ by a
    constant alone.
    """
    n, k = values.shape
    total = float(((values - values.mean()) ** 2).sum())
    if n < MIN_PAIRS or total <= TINY:
        return None
    between = k * float(((values.mean(axis=1) - values.mean()) ** 2).sum())
    raters = n * float(((values.mean(axis=0) - values.mean()) ** 2).sum())
    exam, rater = between / (n - 1), raters / (k - 1)
    error = max(total - between - raters, 0.0) / ((n - 1) * (k - 1))
    icc = (exam - error) / (exam + (k - 1) * error + k * (rater - error) / n)
    if error <= TINY * total:
        return Estimate(icc, None)
    return Estimate(icc, _interval(icc, (exam, rater, error), n, k))


def _interval(
    icc: float, squares: tuple[float, float, float], n: int, k: int
) -> tuple[float, float]:
    exam, rater, error = squares
    ratio = rater / error
    spread = n * (1 + (k - 1) * icc) - k * icc
    freedom = ((k - 1) * (n - 1) * (k * icc * ratio + spread) ** 2) / (
        (n - 1) * (k * icc * ratio) ** 2 + spread**2
    )
    tail = (1 + CONFIDENCE) / 2
    low_f, high_f = stats.f.ppf(tail, n - 1, freedom), stats.f.ppf(tail, freedom, n - 1)
    rest = k * rater + (k * n - k - n) * error
    low = n * (exam - low_f * error) / (low_f * rest + n * exam)
    high = n * (high_f * exam - error) / (rest + n * high_f * exam)
    return float(low), float(np.minimum(high, 1.0))
