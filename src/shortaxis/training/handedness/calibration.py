"""From energies to odds and limits, on calibration exams whose hearts the cascade finds.

A network that makes no mistake on its exams would be believed without end. So energies are divided
by a temperature at which the odds of all calibration exams together say one mistake more than were
made. Limits let pass what 99 of a hundred good usual exams have, and are never above even odds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

from shortaxis.evaluation.scores.exam_score import FAILURE_DEG, FAILURE_MM
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.handedness import HandednessRule, judged
from shortaxis.reorientation.handedness_check import HandednessCheck
from shortaxis.reorientation.network_cascade import Cascade
from shortaxis.reorientation.network_estimate import scaled_for_network
from shortaxis.reorientation.network_grid import SmoothedVolume
from shortaxis.reorientation.seen_shell import seen_shell_part
from shortaxis.training.config import TrainingConfig
from shortaxis.training.exams import PosedExam
from shortaxis.training.limit_rules import conformal_quantile, outward

__all__ = ["SEEN_PART", "SeenExam", "calibrated_rule", "seen_exams", "sure_above", "temperature_of"]

SEEN_PART = 0.6
"""Of the shell around the heart: with less, the network is right too seldom."""

PASSED = 0.99
"""Part of the good usual exams that a limit lets pass."""

HIGHEST_TEMPERATURE = 100.0

LEAST_SURE = 2.0
"""Log odds of seven to one: below, no way round is called sure."""


@dataclass(frozen=True, eq=False)
class SeenExam:
    """A calibration exam as the network sees it where the cascade finds its heart.

    `energies` are those of `HandednessNetwork`, ``(order, flip)``; `is_found` tells whether the
    pose is none that counts as a failure.
    """

    preset: str
    is_found: bool
    seen_part: float
    energies: CountsArray


def seen_exams(
    check: HandednessCheck,
    cascade: Cascade,
    config: TrainingConfig,
    progress: Callable[[int, int], None],
) -> list[SeenExam]:
    """The calibration exams of a configuration, one after the other.

    Raises
    ------
    OptionError
        If an exam is missing, or is another one than its file's name says.
    """
    total = sum(one.count for one in config.calibration)
    seen = []
    for one in config.calibration:
        for exam in one.posed():
            seen.append(_seen(check, cascade, exam, one.preset))
            progress(len(seen), total)
    return seen


def _seen(check: HandednessCheck, cascade: Cascade, exam: PosedExam, preset: str) -> SeenExam:
    smoothed = SmoothedVolume(scaled_for_network(exam.volume))
    found = cascade.find(smoothed.original, smoothed).pose
    errors = pose_errors(found, exam.pose)
    return SeenExam(
        preset,
        errors.long_axis_deg <= FAILURE_DEG and errors.center_mm <= FAILURE_MM,
        seen_shell_part(smoothed.original, found.center_mm),
        check.energies_of(smoothed, found.center_mm),
    )


def calibrated_rule(exams: Sequence[SeenExam], usual: str) -> tuple[HandednessRule, dict[str, Any]]:
    """The rule of the network, and what the record says of how it was set.

    Parameters
    ----------
    exams : sequence of SeenExam
        Of all presets, all the right way round.
    usual : str
        Preset whose exams set the limits; empty: all.
    """
    told = [each for each in exams if each.is_found and each.seen_part >= SEEN_PART]
    good = [each for each in told if usual in ("", each.preset)]
    energies = np.array([each.energies for each in told], dtype=np.float64)
    temperature = temperature_of(energies[:, 0, :])
    order_temperature = temperature_of(np.logaddexp.reduce(energies, axis=2))
    even = HandednessRule(temperature, order_temperature, 0.0, 0.0, SEEN_PART)
    odds = [judged(each.energies, even, each.seen_part) for each in good]
    rule = HandednessRule(
        temperature,
        order_temperature,
        _limit([each.log_odds or 0.0 for each in odds]),
        _limit([each.order_log_odds or 0.0 for each in odds]),
        SEEN_PART,
        sure_above(energies, temperature, order_temperature),
    )
    flagged = sum(judged(each.energies, rule, each.seen_part).is_doubted for each in good)
    return rule, {
        "usual": usual or "all",
        "passed": PASSED,
        "exams_that_tell": len(told),
        "exams_that_cannot_tell": sum(each.seen_part < SEEN_PART for each in exams),
        "good_exams": len(good),
        "good_flagged": flagged,
    }


def sure_above(energies: FloatArray, temperature: float, order_temperature: float) -> float | None:
    """Log odds that no exam has in any wrong way round, of its flips and its orders together.

    Parameters
    ----------
    energies : FloatArray
        ``(exam, order, flip)``, of exams the right way round. In a wrong one the network sees the
        same 48 views, called by other names.

    Returns
    -------
    float or None
        Rounded up, at least `LEAST_SURE`; None without exams.

    Examples
    --------
    >>> told = np.zeros((1, 6, 8))
    >>> told[0, 0, 0] = 20.0
    >>> sure_above(told, 1.0, 1.0)
    2.0
    >>> told[0, 0, 1] = 26.5
    >>> sure_above(told, 1.0, 1.0)
    6.5
    """
    if not len(energies):
        return None
    of_flips = _log_odds(energies / temperature)
    of_orders = _log_odds(np.logaddexp.reduce(energies / order_temperature, axis=2))
    both = np.minimum(of_flips, of_orders[:, :, np.newaxis])
    both[:, 0, 0] = -np.inf
    return max(LEAST_SURE, outward(float(both.max()), 1))


def _log_odds(scaled: FloatArray) -> FloatArray:
    """Of each class of the last axis against all others of it."""
    others = np.stack(
        [
            np.logaddexp.reduce(np.delete(scaled, each, axis=-1), axis=-1)
            for each in range(scaled.shape[-1])
        ],
        axis=-1,
    )
    odds: FloatArray = scaled - others
    return odds


def temperature_of(energies: FloatArray) -> float:
    """Divides energies ``(exam, class)`` so that odds are as often wrong as they say.

    The first class is the right one. At least 1: a network is not made surer than it is.

    Examples
    --------
    >>> round(temperature_of(np.array([[4.0, 0.0]] * 98)), 2)
    1.0
    >>> round(temperature_of(np.array([[40.0, 0.0]] * 98)), 1)
    8.7
    """
    mistakes = int((energies.argmax(axis=1) != 0).sum()) + 1
    expected = mistakes / (len(energies) + 2)

    def surplus(temperature: float) -> float:
        scaled = energies / temperature
        right = np.exp(scaled[:, 0] - np.logaddexp.reduce(scaled, axis=1))
        return float((1 - right).mean()) - expected

    if surplus(1.0) >= 0:
        return 1.0
    if surplus(HIGHEST_TEMPERATURE) <= 0:
        return HIGHEST_TEMPERATURE
    return round(float(brentq(surplus, 1.0, HIGHEST_TEMPERATURE)), 4)


def _limit(log_odds: Sequence[float]) -> float:
    """What `PASSED` of good exams have at least, rounded down; at most 0."""
    lowest = conformal_quantile(log_odds, 1 - PASSED)
    if lowest is None or not math.isfinite(lowest):
        return 0.0
    return min(0.0, outward(lowest, -1))
