"""From expected errors to bounds that hold for nine exams of ten, whether they are hard or easy.

The limits of the flag are set on the same exams (`limit_rules`).

A network's expected errors are right in their order more than in their size: a single factor gives
bounds that are too wide for easy exams and too narrow for hard ones. So the bound is a power of
the expected error, ``factor * spread ** power``. The power is the slope of a quantile regression of
errors on expected errors, in logarithms (Koenker and Bassett, Econometrica 1978), on selection
exams; the factor is the conformal quantile of what is left, on calibration exams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linprog

from shortaxis.geometry.arrays import FloatArray
from shortaxis.reorientation.judgement import Judgement
from shortaxis.reorientation.network_cascade import Cascade
from shortaxis.reorientation.weights import BOUNDED_ERRORS, BoundLaw
from shortaxis.training.config import TrainingConfig
from shortaxis.training.limit_rules import calibrated_judgement
from shortaxis.training.measured_exams import MeasuredExam, MeasuredFile, measured_exams

__all__ = [
    "BOUND",
    "MAX_POWER",
    "Calibration",
    "bound_factor",
    "bound_laws",
    "bound_power",
    "calibrated",
]

BOUND = 0.9
"""Part of the errors that a bound shall hold."""

MAX_POWER = 4.0
"""Expected errors that hardly differ say nothing of a slope; any would fit."""

MIN_ERROR = 1e-3
"""Degrees or mm; keeps the logarithm finite."""


class Calibration(NamedTuple):
    """What calibration gives: the bounds and how they were set, and the judgement."""

    record: dict[str, Any]
    judgement: Judgement


def calibrated(
    cascade: Cascade,
    config: TrainingConfig,
    trained_voxel_mm: tuple[float, float],
    progress: Callable[[int, int], None],
    kept: MeasuredFile | None = None,
) -> Calibration:
    """Bounds and limits of a cascade from the exams of a configuration.

    Parameters
    ----------
    cascade : Cascade
        As exported.
    config : TrainingConfig
        Its selection and calibration exams, and its limits.
    trained_voxel_mm : tuple of float
        Smallest and largest voxel edge of the training exams.
    progress : callable
        Is told how many exams of how many are done.
    kept : MeasuredFile, optional
        Exams that were measured before, which gets the new ones.

    Raises
    ------
    OptionError
        If exams are missing.
    """
    config.require_exams(("selection", "calibration"))
    total = sum(one.count for one in (*config.selection, *config.calibration))
    measured: list[list[MeasuredExam]] = []
    done = 0
    for ranges, with_measures in ((config.selection, False), (config.calibration, True)):
        measured.append([])
        for exam in measured_exams(cascade, ranges, kept, with_measures=with_measures):
            measured[-1].append(exam)
            done += 1
            progress(done, total)
    selection, calibration = measured
    laws = bound_laws(selection, calibration)
    judgement, limits = calibrated_judgement(
        calibration, list(laws.values()), trained_voxel_mm, config.limits
    )
    record = {
        "bound": BOUND,
        "powers_from": [one.facts for one in config.selection],
        "exams": [one.facts for one in config.calibration],
        **{name: asdict(law) for name, law in laws.items()},
        "limits": limits,
    }
    return Calibration(record, judgement)


def bound_laws(
    selection: Sequence[MeasuredExam], calibration: Sequence[MeasuredExam]
) -> dict[str, BoundLaw]:
    """The law of every bound, by the name of its error in the order of `BOUNDED_ERRORS`.

    Powers are set on selection exams, factors on calibration exams.
    """
    laws = {}
    for i, name in enumerate(BOUNDED_ERRORS):
        first, rest = (
            np.array([(exam.errors[i], exam.spread[i]) for exam in exams]).T
            for exams in (selection, calibration)
        )
        power = bound_power(*first)
        laws[name] = BoundLaw(bound_factor(rest[0] / rest[1] ** power), power)
    return laws


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
