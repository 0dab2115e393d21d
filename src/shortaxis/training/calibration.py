"""From expected errors to bounds that hold for nine exams of ten, whether they are hard or easy.

A network's expected errors are right in their order more than in their size: a single factor gives
bounds that are too wide for easy exams and too narrow for hard ones. So the bound is a power of
the expected error, ``factor * spread ** power``. The power and a first factor are the 90 % line of
a quantile regression of the errors on the expected errors, in logarithms (Koenker and Bassett,
Econometrica 1978); the factor is then set by the conformal quantile of what the line misses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy.optimize import linprog

from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.network_cascade import Cascade
from shortaxis.reorientation.weights import BOUNDED_ERRORS, BoundLaw
from shortaxis.simulation.exam_files import StoredExam
from shortaxis.training.exams import SeedRange

__all__ = ["BOUND", "bound_factor", "bound_law", "calibrated"]

BOUND = 0.9
"""Part of the errors that a bound shall hold."""

SMALLEST_ERROR = 1e-3
"""Degrees or mm; keeps the logarithm finite."""


def calibrated(
    cascade: Cascade, ranges: Iterable[SeedRange], progress: Callable[[int, int], None]
) -> dict[str, Any]:
    """The bounds of a cascade, as ``record.json`` has them, from the exams of all ranges."""
    ranges = list(ranges)
    paths = [path for one in ranges for path in one.paths]
    rows = []
    for done, exam in enumerate((exam for one in ranges for exam in one.exams()), start=1):
        rows.append(_errors_and_spread(cascade, exam))
        progress(done, len(paths))
    errors, spreads = np.moveaxis(np.array(rows), 1, 0)
    laws = [bound_law(errors[:, i], spreads[:, i]) for i in range(len(BOUNDED_ERRORS))]
    return {
        "bound": BOUND,
        "exams": [one.facts for one in ranges],
        **{
            name: {"factor": law.factor, "power": law.power}
            for name, law in zip(BOUNDED_ERRORS, laws, strict=True)
        },
    }


def bound_law(errors: FloatArray, spreads: FloatArray) -> BoundLaw:
    """The law that holds for `BOUND` of exams like these.

    Parameters
    ----------
    errors, spreads : (n,) arrays
        What came out and what the network expected, in the same unit, above zero.

    Examples
    --------
    >>> spreads = np.repeat([1.0, 2.0, 4.0], 99)
    >>> law = bound_law(np.tile(np.arange(1, 100), 3) * spreads**2, spreads)
    >>> round(law.factor, 3), round(law.power, 3)
    (90.0, 2.0)
    """
    wanted = np.log(np.maximum(errors, SMALLEST_ERROR))
    expected = np.log(spreads)
    power = _quantile_slope(expected, wanted)
    return BoundLaw(bound_factor(np.exp(wanted - power * expected)), power)


def bound_factor(ratios: Iterable[float]) -> float:
    """The conformal quantile: the smallest factor that holds for 90 % of exams not yet seen.

    Of ``n`` exchangeable ratios the next one lies below the ``ceil(0.9 (n + 1))``-th smallest with
    a probability of at least 90 % (Vovk et al. 2005). After a regression on the same exams they
    are exchangeable with the next one only nearly: one slope was chosen with them.

    Examples
    --------
    >>> bound_factor(range(1, 100))
    90.0
    """
    ordered = np.sort(np.fromiter(ratios, dtype=np.float64))
    rank = min(int(np.ceil(BOUND * (len(ordered) + 1))), len(ordered))
    return float(ordered[rank - 1])


def _quantile_slope(expected: FloatArray, wanted: FloatArray) -> float:
    """Slope of the line below which `BOUND` of the points lie; not below zero.

    Exact, as a linear program: what lies above the line costs `BOUND`, below it the rest.
    """
    count = len(expected)
    costs = np.r_[0.0, 0.0, np.full(count, BOUND), np.full(count, 1 - BOUND)]
    line = np.stack([np.ones(count), expected], axis=1)
    found = linprog(
        costs,
        A_eq=np.hstack([line, np.eye(count), -np.eye(count)]),
        b_eq=wanted,
        bounds=[(None, None), (0, None), *[(0, None)] * (2 * count)],
    )
    if found.x is None:
        raise RuntimeError(f"the quantile regression failed: {found.message}")
    return float(found.x[1])


def _errors_and_spread(cascade: Cascade, exam: StoredExam) -> FloatArray:
    found = cascade.find(exam.volume)
    errors = pose_errors(found.pose, exam.pose)
    return np.array([[errors.long_axis_deg, errors.roll_deg, errors.center_mm], found.spread])
