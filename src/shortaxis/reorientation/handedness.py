"""Which way round a volume lies, by what surrounds the heart: the likeliest of 48.

An array that was reversed along an axis, or whose axes were exchanged, under a header that was kept
shows a heart that looks like any other. Liver, lungs, chest wall and the right ventricle lie
elsewhere then. A network that was trained to tell gives one energy for each way round
(`shortaxis.geometry.cube_symmetries`); their differences, scaled on calibration exams, are log
odds. Where too little of the surroundings is seen, nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.cube_symmetries import AS_IT_IS, FLIPS, ORDERS, WayRound
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.network_grid import NetworkGrid, SmoothedVolume
from shortaxis.reorientation.seen_shell import seen_shell_part

__all__ = ["Handedness", "HandednessCheck", "HandednessRule"]


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

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
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
        Of *as it is* against the other seven flips, in the likeliest order of axes; None where
        too little is seen.
    order_log_odds : float or None
        Of the order of the axes as it is against the other five.
    likeliest : WayRound
        By which the volume would be explained best, judged by the rule; *as it is* where it is
        accepted or nothing can be said.
    """

    seen_part: float
    log_odds: float | None = None
    order_log_odds: float | None = None
    likeliest: WayRound = AS_IT_IS

    @property
    def can_tell(self) -> bool:
        """Whether enough of the surroundings is seen."""
        return self.log_odds is not None

    @property
    def is_doubted(self) -> bool:
        """Whether another way round is likelier than the rule accepts."""
        return self.likeliest != AS_IT_IS


@dataclass(frozen=True, eq=False)
class HandednessCheck:
    """The network, what it is shown, and the rule that its energies are judged by."""

    grids: tuple[NetworkGrid, ...]
    energies: Callable[[CountsArray], CountsArray]
    rule: HandednessRule

    def look(self, volume: SmoothedVolume, center_mm: FloatArray) -> Handedness:
        """Judge the way round of a volume whose heart was found at `center_mm`, LPS mm."""
        seen = seen_shell_part(volume.original, center_mm)
        if seen < self.rule.seen_part:
            return Handedness(seen)
        return judged(self.energies_of(volume, center_mm), self.rule, seen)

    def energies_of(self, volume: SmoothedVolume, center_mm: FloatArray) -> CountsArray:
        """Energies ``(order, flip)`` as the network gives them."""
        crops = handedness_crops(self.grids, volume, center_mm)
        energies: CountsArray = self.energies(crops[np.newaxis])[0]
        return energies


def handedness_crops(
    grids: Sequence[NetworkGrid], volume: SmoothedVolume, center_mm: FloatArray
) -> CountsArray:
    """Normalised counts ``(grid, size, size, size)`` around a heart, in the patient's axes."""
    frame = RigidPose(np.eye(3), center_mm).matrix
    return np.stack(
        [grid.normalised(grid.sampled(volume.at(grid.spacing_mm), frame)) for grid in grids]
    )


def judged(energies: CountsArray, rule: HandednessRule, seen_part: float) -> Handedness:
    """What energies ``(order, flip)`` mean by a rule.

    The order comes first: its odds weigh each order with all its flips. Flips are compared within
    the order that is believed.
    """
    by_order = logsumexp(energies.astype(np.float64) / rule.order_temperature, axis=1)
    order_log_odds = float(by_order[0] - logsumexp(by_order[1:]))
    order = int(by_order.argmax()) if order_log_odds < rule.exchanged_below else 0
    flips = energies[order].astype(np.float64) / rule.temperature
    log_odds = float(flips[0] - logsumexp(flips[1:]))
    flip = int(flips.argmax())
    if order == 0 and log_odds >= rule.mirrored_below:
        flip = 0
    return Handedness(seen_part, log_odds, order_log_odds, WayRound(ORDERS[order], FLIPS[flip]))
