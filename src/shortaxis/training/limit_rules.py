"""From measured calibration exams to the limits of the flag, by one stated rule for each measure.

Good exams are those that were found within 15 degrees and 15 mm. Limits are set on the good exams
of one preset, the usual one; quantiles are conformal: of ``n`` exchangeable exams the next one lies
below the ``ceil(p (n + 1))``-th smallest with a probability of at least ``p``. Too few exams for
such a quantile set no limit: those of `default_judgement` hold then.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

import numpy as np

from shortaxis.reorientation.judgement import (
    Judgement,
    PresenceThresholds,
    default_judgement,
)
from shortaxis.reorientation.network_estimate import bounds_of
from shortaxis.reorientation.quality import UNLIMITED, Limit, Measure, judge
from shortaxis.reorientation.weights import BoundLaw
from shortaxis.training.limit_settings import LimitSettings
from shortaxis.training.measured_exams import MeasuredExam

__all__ = ["RULES", "LimitRule", "calibrated_judgement", "conformal_quantile", "outward"]


class LimitRule(Enum):
    """How a limit is set; the values stand in the docs."""

    KEPT = "kept: about hearts and fields of view, whatever the weights"
    WIDENED = "widened to what 99 of a hundred good usual exams have, if they need it"
    STRICT = "where one good usual exam of fifty lies beyond it"
    TRAINED = "two thirds of the smallest and nine sevenths of the largest voxel of training"


RULES: Mapping[Measure, LimitRule] = {
    Measure.AZIMUTH_DEG: LimitRule.KEPT,
    Measure.ELEVATION_DEG: LimitRule.KEPT,
    Measure.LENGTH_MM: LimitRule.WIDENED,
    Measure.RADIUS_MM: LimitRule.WIDENED,
    Measure.LENGTH_TO_RADIUS: LimitRule.WIDENED,
    Measure.LONG_AXIS_BOUND_DEG: LimitRule.STRICT,
    Measure.CENTER_BOUND_MM: LimitRule.WIDENED,
    Measure.ROLL_BOUND_DEG: LimitRule.WIDENED,
    Measure.START_SPREAD_DEG: LimitRule.WIDENED,
    Measure.START_SPREAD_MM: LimitRule.WIDENED,
    Measure.LAST_STEP_DEG: LimitRule.WIDENED,
    Measure.LAST_STEP_MM: LimitRule.WIDENED,
    Measure.PRESENCE: LimitRule.WIDENED,
    Measure.ELLIPSOID_APART_DEG: LimitRule.WIDENED,
    Measure.ELLIPSOID_APART_MM: LimitRule.WIDENED,
    Measure.EDGE_PART: LimitRule.KEPT,
    Measure.APEX_LEVEL: LimitRule.STRICT,
    Measure.SEEN_PART: LimitRule.WIDENED,
    Measure.RELATIVE_NOISE: LimitRule.WIDENED,
    Measure.COUNTS_ABOVE_PART: LimitRule.KEPT,
    Measure.MIN_VOXEL_MM: LimitRule.TRAINED,
    Measure.MAX_VOXEL_MM: LimitRule.TRAINED,
    Measure.PIXEL_RATIO: LimitRule.KEPT,
    Measure.FORWARD_DEG: LimitRule.KEPT,
    Measure.UPRIGHT_DEG: LimitRule.KEPT,
    Measure.TIPPED_DEG: LimitRule.KEPT,
    Measure.SECOND_PRESENCE: LimitRule.KEPT,
    Measure.MOTION: LimitRule.WIDENED,
}

MIN_PASSED = 0.95
"""The bound of the long axis stops no more than one good usual exam of twenty, failures or not."""

SMALLER_VOXELS, LARGER_VOXELS = 2 / 3, 9 / 7
"""Trained on 3 to 7 mm, the networks are as good at 2 and 9: their grids have 6.4 and 12.8 mm."""


def calibrated_judgement(
    exams: Sequence[MeasuredExam],
    laws: Sequence[BoundLaw],
    trained_voxel_mm: tuple[float, float],
    settings: LimitSettings,
) -> tuple[Judgement, dict[str, Any]]:
    """Limits and thresholds from calibration exams, and what the record says of how.

    Parameters
    ----------
    exams : sequence of MeasuredExam
        Of all presets, with measures.
    laws : sequence of BoundLaw
        Of the bounds, in the order of `BOUNDED_ERRORS`.
    trained_voxel_mm : tuple of float
        Smallest and largest voxel edge of the training exams.
    settings : LimitSettings
        How strict to be.
    """
    usual = settings.usual_of([exam.preset for exam in exams])
    rows = [_measures(exam, laws) for exam in exams]
    failures = [row for exam, row in zip(exams, rows, strict=True) if exam.is_failure]
    good = [row for exam, row in zip(exams, rows, strict=True) if not exam.is_failure]
    usual_good = [
        row
        for exam, row in zip(exams, rows, strict=True)
        if not exam.is_failure and usual in ("", exam.preset)
    ]
    judged = _Calibration(settings, usual_good, failures, trained_voxel_mm)
    judgement = Judgement(
        tuple(judged.limit(each) for each in default_judgement().limits),
        judged.presence([row[Measure.PRESENCE] for row in good]),
        trained_voxel_mm,
        default_judgement().motion,
    )
    flagged = Counter(
        (name, bool(judge(row, judgement.limits, many_near=None).reasons))
        for name, group in (("good", usual_good), ("failures", failures))
        for row in group
    )
    return judgement, {
        "set": "by rule",
        "usual": usual or "all",
        "passed": settings.passed,
        "strictly_passed": settings.strictly_passed,
        "by_hand": sorted(settings.by_hand),
        "kept_for_want_of_exams": judged.wanting,
        "good_exams": len(usual_good),
        "good_flagged": flagged["good", True],
        "failures": len(failures),
        "failures_not_flagged": flagged["failures", False],
    }


class _Calibration:
    """The exams that limits are set on; `wanting` lists measures that had too few."""

    def __init__(
        self,
        settings: LimitSettings,
        good: Sequence[Mapping[Measure, float]],
        failures: Sequence[Mapping[Measure, float]],
        trained_voxel_mm: tuple[float, float],
    ) -> None:
        self.settings = settings
        self.good = good
        self.failures = failures
        self.trained_voxel_mm = trained_voxel_mm
        self.wanting: list[str] = []

    def limit(self, usual: Limit) -> Limit:
        """The limit of one measure, from that of the default table."""
        measure, rule = usual.measure, RULES[usual.measure]
        by_hand = self.settings.hand_set.get(measure)
        if by_hand is not None:
            return by_hand
        if rule is LimitRule.TRAINED:
            return _of_voxels(usual, self.trained_voxel_mm)
        if rule is LimitRule.WIDENED:
            return self._widened(usual)
        if rule is LimitRule.STRICT:
            return self._strict(usual)
        return usual

    def presence(self, good: Sequence[float]) -> PresenceThresholds:
        """Thresholds below what every good exam has, and never above the default ones."""
        usual = default_judgement().presence
        if "presence" in self.wanting or not good:
            return usual
        hearts_above = float(math.floor(min(good)))
        return PresenceThresholds(
            min(usual.refused_below, hearts_above),
            min(usual.searched_on_below, hearts_above),
            hearts_above,
        )

    def _widened(self, usual: Limit) -> Limit:
        part = self.settings.passed
        lowest, highest = (self._quantile(usual.measure, each) for each in (1 - part, part))
        if lowest is None or highest is None:
            return usual
        return replace(
            usual,
            lowest=min(usual.lowest, outward(lowest, -1)),
            highest=max(usual.highest, outward(highest, 1)),
        )

    def _strict(self, usual: Limit) -> Limit:
        part = self.settings.strictly_passed
        if usual.highest == UNLIMITED:
            lowest = self._quantile(usual.measure, 1 - part)
            return usual if lowest is None else replace(usual, lowest=outward(lowest, -1))
        highest, least = (
            self._quantile(usual.measure, each) for each in (part, min(part, MIN_PASSED))
        )
        if highest is None or least is None:
            return usual
        doubted = [row[usual.measure] for row in self.failures if usual.measure in row]
        below = min((_just_below(value) for value in doubted), default=UNLIMITED)
        return replace(usual, highest=max(min(outward(highest, 1), below), outward(least, 1)))

    def _quantile(self, measure: Measure, part: float) -> float | None:
        """Conformal quantile of good usual exams; None, and noted, where they are too few."""
        found = conformal_quantile([row[measure] for row in self.good if measure in row], part)
        if found is None and measure.key not in self.wanting:
            self.wanting.append(measure.key)
        return found


def conformal_quantile(values: Sequence[float], part: float) -> float | None:
    """Value that this part of exams not yet seen lies below; None of too few.

    Of parts below a half, the value that the others lie above.

    Examples
    --------
    >>> conformal_quantile(range(1, 100), 0.9), conformal_quantile(range(1, 100), 0.1)
    (90.0, 10.0)
    """
    ordered = np.sort(np.array(values, dtype=np.float64))
    upper = max(part, 1 - part)
    # Rounded, since 0.99 x 100 is a little more than 99 in binary.
    rank = math.ceil(round(upper * (len(ordered) + 1), 9))
    if rank > len(ordered):
        return None
    return float(ordered[rank - 1] if part >= 1 - part else ordered[-rank])


def outward(value: float, sign: int) -> float:
    """Rounded to two digits, up (1) or down (-1), so that the value itself stays inside.

    Examples
    --------
    >>> outward(7.531, 1), outward(0.3967, -1), outward(-23.2, -1), outward(8.0, 1)
    (7.6, 0.39, -24.0, 8.0)
    """
    if value == 0:
        return 0.0
    digits = 1 - math.floor(math.log10(abs(value)))
    scaled = round(value * 10.0**digits, 6)
    whole = math.ceil(scaled) if sign > 0 else math.floor(scaled)
    return round(whole / 10.0**digits, max(digits, 0))


def _just_below(value: float) -> float:
    """The next lower number of two digits."""
    down = outward(value, -1)
    return down if down < value else outward(value * 0.99, -1)


def _measures(exam: MeasuredExam, laws: Sequence[BoundLaw]) -> dict[Measure, float]:
    """What an exam is judged by, the bounds among it."""
    bounds = bounds_of(exam.spread, laws)
    measures = {Measure.of_key(key): value for key, value in exam.measures.items()}
    for measure, bound in (
        (Measure.LONG_AXIS_BOUND_DEG, bounds.long_axis_deg),
        (Measure.CENTER_BOUND_MM, bounds.center_mm),
        (Measure.ROLL_BOUND_DEG, bounds.roll_deg),
    ):
        if bound is not None and math.isfinite(bound):
            measures[measure] = bound
    return measures


def _of_voxels(usual: Limit, trained_mm: tuple[float, float]) -> Limit:
    smallest, largest = trained_mm
    return Limit(
        usual.measure,
        outward(smallest * SMALLER_VOXELS, -1),
        outward(largest * LARGER_VOXELS, 1),
        f"voxels far from the {smallest:.2g} to {largest:.2g} mm that were trained on",
    )
