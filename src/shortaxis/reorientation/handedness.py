"""Which way round a volume lies, by what surrounds the heart: the likeliest of 48.

An array that was reversed along an axis, or whose axes were exchanged, under a header that was kept
shows a heart that looks like any other. Liver, lungs, chest wall and the right ventricle lie
elsewhere then. A network that was trained to tell gives one energy for each way round
(`shortaxis.geometry.cube_symmetries`); their differences, scaled on calibration exams, are log
odds. Where too little of the surroundings is seen, nothing is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.cube_symmetries import AS_IT_IS, FLIPS, ORDERS, WayRound
from shortaxis.spect.stated_geometry import NOTHING_STATED, StatedGeometry

__all__ = ["Handedness", "HandednessRule", "judged"]


@dataclass(frozen=True)
class HandednessRule:
    """From energies to log odds, and below which of them a volume is taken for a wrong one.

    Parameters
    ----------
    temperature, order_temperature : float
        By which energies are divided, so that odds between flips, and between orders of the axes,
        are what they say on calibration exams.
    mirrored_below, exchanged_below : float
        Log odds of *as it is* against the other seven flips, and of the axes' order against the
        other five, below which a pose is for review.
    seen_part : float
        Part of the shell around the heart that must be seen (`seen_shell_part`), 0-1.
    sure_above : float or None
        Log odds, of the flips and of the orders, from which the way round is sure, so that nothing
        else need guess it from the counts; None: it never is.

    Raises
    ------
    ValueError
        If a value is no number or out of its range.
    """

    temperature: float
    order_temperature: float
    mirrored_below: float
    exchanged_below: float
    seen_part: float
    sure_above: float | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name == "sure_above" and value is None:
                continue
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not math.isfinite(value):
                raise ValueError(f"handedness: {name} is no finite number: {value!r}")
        if not (self.temperature > 0 and self.order_temperature > 0):
            raise ValueError("handedness: a temperature is not above 0")
        if not 0 <= self.seen_part <= 1:
            raise ValueError(f"handedness: seen_part is no part: {self.seen_part:g}")


@dataclass(frozen=True)
class Handedness:
    """What is known of the way round of a volume.

    Parameters
    ----------
    seen_part : float
        Part of the shell around the heart that is seen, 0-1.
    log_odds : float or None
        Of *as it is* against the other seven flips of the axes in their order; None where too
        little is seen.
    order_log_odds : float or None
        Of the order of the axes as it is against the other five.
    likeliest : WayRound
        By which the volume would be explained best, judged by the rule; *as it is* where it is
        accepted or nothing can be said.
    stated : StatedGeometry
        What a user states so that the volume is read that way.
    is_sure : bool
        Whether both odds are so high that no wrong way round of a calibration exam had them.
    """

    seen_part: float
    log_odds: float | None = None
    order_log_odds: float | None = None
    likeliest: WayRound = AS_IT_IS
    stated: StatedGeometry = NOTHING_STATED
    is_sure: bool = False

    @property
    def can_tell(self) -> bool:
        """Whether enough of the surroundings is seen."""
        return self.log_odds is not None

    @property
    def is_doubted(self) -> bool:
        """Whether another way round is likelier than the rule accepts."""
        return self.likeliest != AS_IT_IS

    @property
    def verdict(self) -> str:
        """In a word or two: what a record says."""
        if not self.can_tell:
            return "cannot tell"
        if self.likeliest.order != AS_IT_IS.order:
            return "exchanged"
        return "mirrored" if self.is_doubted else "as it is"


def judged(energies: CountsArray, rule: HandednessRule, seen_part: float) -> Handedness:
    """What energies ``(order, flip)`` mean by a rule.

    The order comes first: its odds weigh each order with all its flips. The likeliest flip is that
    of the order which is believed.
    """
    by_order = np.logaddexp.reduce(energies.astype(np.float64) / rule.order_temperature, axis=1)
    order_log_odds = float(by_order[0] - np.logaddexp.reduce(by_order[1:]))
    flips = energies.astype(np.float64) / rule.temperature
    log_odds = float(flips[0, 0] - np.logaddexp.reduce(flips[0, 1:]))
    order, flip = 0, 0
    if order_log_odds < rule.exchanged_below:
        order = int(by_order[1:].argmax()) + 1
        flip = int(flips[order].argmax())
    elif log_odds < rule.mirrored_below:
        flip = int(flips[0, 1:].argmax()) + 1
    likeliest = WayRound(ORDERS[order], FLIPS[flip])
    is_sure = rule.sure_above is not None and min(log_odds, order_log_odds) >= rule.sure_above
    return Handedness(seen_part, log_odds, order_log_odds, likeliest, is_sure=is_sure)
