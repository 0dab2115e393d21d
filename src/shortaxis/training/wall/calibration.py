"""Bounds and limits of the wall network, from exams that it has not seen.

Bounds are powers of the expected errors, as those of a pose are: powers are set on selection exams,
factors on calibration exams. A limit lets pass what 19 of 20 right walls of calibration exams have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.reorientation.weights import BoundLaw
from shortaxis.training.calibration import bound_factor, bound_power
from shortaxis.training.limit_rules import outward
from shortaxis.training.wall.measured import MeasuredWall
from shortaxis.ventricle.trust import BOUNDED_WALL_ERRORS, WallLimits, WallMeasures, WallTrust

__all__ = ["PASSED", "calibrated_trust"]

PASSED = 0.95
"""Part of the right walls that each limit lets pass."""

LEAST_LIMIT = WallMeasures(1.0, 2.0, 0.02)
"""No limit is stricter: a network that is sure of everything would flag by chance."""


def calibrated_trust(
    selection: Sequence[MeasuredWall], calibration: Sequence[MeasuredWall]
) -> WallTrust:
    """Laws of the bounds, and limits.

    Raises
    ------
    OptionError
        If no calibration exam has a right wall.
    """
    right = [each for each in calibration if each.is_right]
    if not right:
        raise OptionError(
            "the wall network draws no calibration exam right",
            expected="walls within 3 mm and valve planes within 8 mm",
            found=f"none of {len(calibration)}",
            cause="too few samples, or exams of another kind",
            way_on="train it for longer",
        )
    laws = {}
    for place, name in enumerate(BOUNDED_WALL_ERRORS):
        first, rest = (_columns(exams, place) for exams in (selection, calibration))
        power = bound_power(*first)
        laws[name] = BoundLaw(bound_factor(rest[0] / rest[1] ** power), power)
    limits = {each.name: _limit(right, each.name) for each in fields(WallMeasures)}
    return WallTrust(laws, WallLimits(**limits))


def _limit(right: Sequence[MeasuredWall], name: str) -> float:
    values = [getattr(each.measures, name) for each in right]
    quantile = float(np.quantile(values, PASSED, method="higher"))
    return outward(max(quantile, getattr(LEAST_LIMIT, name)), 1)


def _columns(exams: Sequence[MeasuredWall], place: int) -> FloatArray:
    """Errors and expected errors of one kind, (2, exam)."""
    return np.array([(exam.errors[place], exam.spread[place]) for exam in exams]).T
