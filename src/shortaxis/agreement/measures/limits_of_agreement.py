"""Differences of two methods: bias and limits of agreement, after Bland and Altman."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from shortaxis.evaluation.scores.intervals import CONFIDENCE
from shortaxis.geometry.arrays import FloatArray

__all__ = ["LIMITS_SD", "MIN_PAIRS", "Estimate", "Limits", "limit_error", "limits_of_agreement"]

LIMITS_SD = 1.96
"""Bland and Altman 1986, doi:10.1016/S0140-6736(86)90837-8."""

MIN_PAIRS = 4
"""As many as a correlation needs; an interval of fewer says nothing."""


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; None where there is none."""

    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Limits:
    """First less second method over `pairs` exams.

    Parameters
    ----------
    bias, lower, upper : Estimate
        Mean difference, and the limits that hold 95 % of the differences.
    sd : float
        Standard deviation of the differences.
    slope : Estimate or None
        Change of the difference with the mean of both; None where all means are equal.
    """

    pairs: int
    bias: Estimate
    sd: float
    lower: Estimate
    upper: Estimate
    slope: Estimate | None


def limits_of_agreement(first: FloatArray, second: FloatArray) -> Limits | None:
    """Bias and limits of two series ``(exam,)`` in one unit; None of fewer than four pairs.

    Examples
    --------
    >>> found = limits_of_agreement(np.array([2.0, 4, 6, 8]), np.array([1.0, 2, 7, 6]))
    >>> found.bias.value, round(found.sd, 3), round(found.upper.value, 2)
    (1.0, 1.414, 3.77)
    """
    pairs = len(first)
    if pairs < MIN_PAIRS:
        return None
    difference = first - second
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    around = _t(pairs) * sd / math.sqrt(pairs)
    lower, upper = (
        _within(bias + sign * LIMITS_SD * sd, sd * limit_error(pairs)) for sign in (-1.0, 1.0)
    )
    slope = _slope((first + second) / 2, difference)
    return Limits(pairs, _within(bias, around), sd, lower, upper, slope)


def limit_error(pairs: int) -> float:
    """Half the interval of either limit, in standard deviations of the differences.

    Bland and Altman 1999, doi:10.1177/096228029900800204, section 2.1.
    """
    return float(_t(pairs) * math.sqrt(1 / pairs + LIMITS_SD**2 / (2 * (pairs - 1))))


def _t(pairs: int) -> float:
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, pairs - 1))


def _within(value: float, reach: float) -> Estimate:
    return Estimate(value, (value - reach, value + reach))


def _slope(mean: FloatArray, difference: FloatArray) -> Estimate | None:
    if np.ptp(mean) == 0:
        return None
    line = stats.linregress(mean, difference)
    # One degree of freedom less than for a mean.
    return _within(float(line.slope), _t(len(mean) - 1) * float(line.stderr))
