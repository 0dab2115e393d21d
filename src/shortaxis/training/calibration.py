"""From expected errors to bounds that hold for nine exams of ten, whether they are hard or easy.

A network's expected errors are right in their order more than in their size: a single factor gives
bounds that are too wide for easy exams and too narrow for hard ones. So the bound is a power of
the expected error, ``factor * spread ** power``. The power is the slope of a quantile regression of
errors on expected errors, in logarithms (Koenker and Bassett, Econometrica 1978), on selection
exams; the factor is the conformal quantile of what is left, on calibration exams.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog

from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.network_cascade import Cascade
from shortaxis.reorientation.weights import BOUNDED_ERRORS
from shortaxis.training.exams import PosedExam, SeedRange

__all__ = ["BOUND", "MAX_POWER", "bound_factor", "bound_power", "calibrated"]

BOUND = 0.9
"""Part of the errors that a bound shall hold."""

MAX_POWER = 4.0
"""Expected errors that hardly differ say nothing of a slope; any would fit."""

MIN_ERROR = 1e-3
"""Degrees or mm; keeps the logarithm finite."""


def calibrated(
    cascade: Cascade,
    selection: Sequence[SeedRange],
    calibration: Sequence[SeedRange],
    progress: Callable[[int, int], None],
) -> dict[str, Any]:
    """The bounds of a cascade, as ``record.json`` has them.

    Raises
    ------
    OptionError
        If exams are missing.
    """
    paths = [[path for one in ranges for path in one.paths] for ranges in (selection, calibration)]
    total = sum(map(len, paths))
    rows: list[FloatArray] = []
    for exam in itertools.chain.from_iterable(one.posed() for one in (*selection, *calibration)):
        rows.append(_errors_and_spread(cascade, exam))
        progress(len(rows), total)
    errors, spreads = np.moveaxis(np.array(rows), 1, 0)
    first, rest = slice(len(paths[0])), slice(len(paths[0]), None)
    laws = {}
    for i, name in enumerate(BOUNDED_ERRORS):
        power = bound_power(errors[first, i], spreads[first, i])
        factor = bound_factor(errors[rest, i] / spreads[rest, i] ** power)
        laws[name] = {"factor": factor, "power": power}
    return {
        "bound": BOUND,
        "powers_from": [one.facts for one in selection],
        "exams": [one.facts for one in calibration],
        **laws,
    }


def bound_factor(ratios: Iterable[float]) -> float:
    """The conformal quantile: the smallest factor that holds for 90 % of exams not yet seen.

    Of ``n`` exchangeable ratios the next one lies below the ``ceil(0.9 (n + 1))``-th smallest with
    a probability of at least 90 % (Vovk et al. 2005).

    Examples
    --------
    >>> bound_factor(range(1, 100))
    90.0
    """
    ordered = np.sort(np.fromiter(ratios, dtype=np.float64))
    rank = min(int(np.ceil(BOUND * (len(ordered) + 1))), len(ordered))
    return float(ordered[rank - 1])


def bound_power(errors: FloatArray, spreads: FloatArray) -> float:
    """Power of the expected error that the bound grows with; from zero to `MAX_POWER`.

    The slope of the line in logarithms below which 90 % of the errors lie: what lies above it
    costs 0.9, what lies below 0.1, and the sum is the least possible, as a linear program.

    Parameters
    ----------
    errors, spreads : (n,) arrays
        What came out and what the network expected, in the same unit.

    Examples
    --------
    >>> spreads = np.repeat([1.0, 2.0, 4.0], 99)
    >>> round(bound_power(np.tile(np.arange(1, 100), 3) * spreads**2, spreads), 3)
    2.0
    """
    count = len(errors)
    costs = np.r_[0.0, 0.0, np.full(count, BOUND), np.full(count, 1 - BOUND)]
    line = np.stack([np.ones(count), np.log(spreads)], axis=1)
    found = linprog(
        costs,
        A_eq=np.hstack([line, np.eye(count), -np.eye(count)]),
        b_eq=np.log(np.maximum(errors, MIN_ERROR)),
        bounds=[(None, None), (0, MAX_POWER), *[(0, None)] * (2 * count)],
    )
    if found.x is None:
        raise RuntimeError(f"the quantile regression failed: {found.message}")
    return float(found.x[1])


def _errors_and_spread(cascade: Cascade, exam: PosedExam) -> FloatArray:
    found = cascade.find(exam.volume)
    errors = pose_errors(found.pose, exam.pose)
    return np.array([[errors.long_axis_deg, errors.roll_deg, errors.center_mm], found.spread])
