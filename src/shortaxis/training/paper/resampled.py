"""Intervals by drawing patients again: stress and rest of a heart are no two hearts.

Percentile bootstrap (Efron and Tibshirani 1993, chapter 13) over patients: every draw has as many
patients as there are, some of them more than once, with all their rows. What is asked of a
draw is computed with the rows weighted by how often their patient was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortaxis.evaluation.scores.intervals import CONFIDENCE
from shortaxis.geometry.arrays import FloatArray

__all__ = [
    "BOOTSTRAPS",
    "Estimate",
    "interval_of",
    "patient_weights",
    "weighted_correlations",
    "weighted_medians",
]

BOOTSTRAPS = 2000

SEED = 2208

MIN_SPREAD = 1e-9
"""Of values in mm or degrees: below it they are equal but for rounding."""


@dataclass(frozen=True)
class Estimate:
    """A value and the ends of its interval of 95 %."""

    value: float
    low: float
    high: float


def patient_weights(
    patients: NDArray[np.int64], draws: int = BOOTSTRAPS, seed: int = SEED
) -> FloatArray:
    """How often each row counts, ``(1 + draws, row)``; in the first line once each.

    Parameters
    ----------
    patients : (row,) array
        Whom each row belongs to. The same patients give the same draws, whatever rows they have.
    draws, seed : int
        How many, and what they are drawn from.
    """
    names, places = np.unique(patients, return_inverse=True)
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    weights: FloatArray = np.concatenate([np.ones((1, len(names))), counts])[:, places]
    return weights


def weighted_correlations(
    first: FloatArray, second: FloatArray, weights: FloatArray
) -> FloatArray | None:
    """Pearson's r of two series ``(row,)`` for each line of weights; None where one is constant."""
    if len(first) < 2 or min(np.ptp(first), np.ptp(second)) < MIN_SPREAD:
        return None
    total = weights.sum(axis=1)
    # About their means, so that differences of large products are of small ones.
    x, y = first - first.mean(), second - second.mean()
    mean_x, mean_y = weights @ x / total, weights @ y / total
    covariance = weights @ (x * y) / total - mean_x * mean_y
    variance_x = weights @ x**2 / total - mean_x**2
    variance_y = weights @ y**2 / total - mean_y**2
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = covariance / np.sqrt(variance_x * variance_y)
    return found


def weighted_medians(values: FloatArray, weights: FloatArray, part: float = 0.5) -> FloatArray:
    """The value below which this part of the rows lies, for each line of weights."""
    order = np.argsort(values)
    ordered = values[order]
    reached = np.cumsum(weights[:, order], axis=1)
    # Halfway between neighbours where exactly this part lies below one, as the median of even n.
    wanted = part * reached[:, -1:]
    low = np.argmax(reached >= wanted * (1 - 1e-12), axis=1)
    high = np.argmax(reached > wanted * (1 + 1e-12), axis=1)
    found: FloatArray = (ordered[low] + ordered[np.maximum(high, low)]) / 2
    return found


def interval_of(draws: FloatArray) -> Estimate:
    """The first of some values, and the interval of the others."""
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.nanpercentile(draws[1:], (tail, 100 - tail))
    return Estimate(float(draws[0]), float(low), float(high))
