"""How beats of unequal length fill the time slots of a gated study.

A gated study adds up many beats, each cut into slots of the same duration from its R wave on. A
beat that is shorter than the mean ends before the last slots, which so get fewer counts, and a beat
of another length is at another phase in the same slot. Systole lasts nearly as long in every beat
(Bazett: as the root of its length), diastole gives way.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.ranges import bounded, check_parameters

__all__ = ["Gating", "sample_gating", "slot_shares"]

BEATS = 15
"""Beats of evenly spaced quantiles that stand for all."""
SYSTOLE = 0.375

IRREGULAR_PART = (0.2, 0.4)
"""Patients whose beats vary by more than a twentieth, by spread."""
LATE_TRIGGER_PART = 0.1


@dataclass(frozen=True)
class Gating:
    """Spread of the beats' lengths, relative to their mean, and how late the trigger comes.

    `trigger_delay` is the part of the cycle after the R wave at which slots begin.
    """

    beat_spread: float = bounded(0.0, 0, 0.4)
    trigger_delay: float = bounded(0.0, 0, 0.3)

    def __post_init__(self) -> None:
        check_parameters(self)


def sample_gating(rng: np.random.Generator, spread: int) -> Gating:
    """Draw how regular a heart beats, and how well the camera knows."""
    irregular = rng.random() < IRREGULAR_PART[spread]
    beat_spread = rng.uniform(0.05, 0.25) if irregular else rng.uniform(0, 0.05)
    late = rng.uniform(0.02, 0.12) if rng.random() < LATE_TRIGGER_PART else 0.0
    return Gating(float(beat_spread), float(late))


def slot_shares(gating: Gating, slots: int) -> FloatArray:
    """Which part of every phase each slot holds, ``(slot, phase)``.

    Phases are those of the mean beat, as many as slots. A row adds up to 1 if no beat ends before
    the slot, and to less where some do.

    Examples
    --------
    >>> slot_shares(Gating(), 4).round(6).tolist()[1]
    [0.0, 1.0, 0.0, 0.0]
    """
    shares = np.zeros((slots, slots))
    for length in _beat_lengths(gating.beat_spread):
        for slot in range(slots):
            time = slot / slots + gating.trigger_delay
            # The next R wave starts the first slot again.
            if time >= length and slot / slots >= length:
                continue
            phase = _phase(time % length, length) * slots
            low = int(np.floor(phase))
            part = phase - low
            shares[slot, low % slots] += (1 - part) / BEATS
            shares[slot, (low + 1) % slots] += part / BEATS
    return shares


def _beat_lengths(spread: float) -> list[float]:
    normal = NormalDist()
    quantiles = [normal.inv_cdf((beat + 0.5) / BEATS) for beat in range(BEATS)]
    return [max(1 + spread * quantile, 0.4) for quantile in quantiles]


def _phase(time: float, length: float) -> float:
    """Part of the cycle at a time after the R wave of a beat; both in mean beats."""
    systole = SYSTOLE * np.sqrt(length)
    if time < systole:
        return float(SYSTOLE * time / systole)
    return float(SYSTOLE + (1 - SYSTOLE) * (time - systole) / (length - systole))
