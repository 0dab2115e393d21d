"""What a file tells of the beats that its time slots were made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

__all__ = ["AGREED_WITHIN", "ToldBeats", "agree"]

AGREED_WITHIN = 0.1
"""Lengths of a beat that differ by no more are one: the narrowest usual window takes beats within
a tenth of their length (20 %, Paul and Nabi, J Nucl Med Technol 2004;32:179)."""


def agree(values: Sequence[float]) -> bool:
    """Whether there are values, and all tell the same."""
    return bool(values) and max(values) <= (1 + AGREED_WITHIN) * min(values)


@dataclass(frozen=True)
class ToldBeats:
    """Facts of the gating; None where the file is silent, or says what no heart and clock can do.

    Parameters
    ----------
    slots : int
        Time slots of a beat.
    heart_rate_per_min : float or None
        Beats a minute.
    interval_ms : float or None
        Usual length of a beat, R wave to R wave.
    accepted_ms : (shortest, longest) or None
        Beats that were taken, by their length; over all windows.
    accepted, rejected : int or None
        Numbers of beats; over all windows.
    windows : int or None
        Windows of length whose beats were added up.
    slot_ms : float or None
        Length of a time slot.
    rejects : bool or None
        Whether beats of other lengths were left out.
    trigger : str
        ``ECG``, ``breathing`` or empty.
    """

    slots: int
    heart_rate_per_min: float | None = None
    interval_ms: float | None = None
    accepted_ms: tuple[float, float] | None = None
    accepted: int | None = None
    rejected: int | None = None
    windows: int | None = None
    slot_ms: float | None = None
    rejects: bool | None = None
    trigger: str = ""

    @cached_property
    def told_cycles_ms(self) -> Mapping[str, float]:
        """Every length of a beat that is told, by what tells it; that of the slots first."""
        slots, rate = self.slot_ms, self.heart_rate_per_min
        told = {
            "time slots": None if slots is None else self.slots * slots,
            "R-R interval": self.interval_ms,
            "heart rate": None if rate is None else 60_000 / rate,
        }
        return {name: length for name, length in told.items() if length is not None}

    @property
    def beat_ms(self) -> float | None:
        """Length of a beat by anything but the slots, which need not cover it."""
        lengths = [each for name, each in self.told_cycles_ms.items() if name != "time slots"]
        return lengths[0] if lengths else None

    @property
    def cycle_ms(self) -> float | None:
        """Length of the cycle that the slots show; None unless all that is told agrees."""
        lengths = list(self.told_cycles_ms.values())
        if not agree(lengths):
            return None
        if self.accepted_ms is not None:
            shortest, longest = self.accepted_ms
            slack = 1 + AGREED_WITHIN
            if not shortest / slack <= lengths[0] <= longest * slack:
                return None
        return lengths[0]

    @property
    def cycle_is_told_by(self) -> str:
        """What `cycle_ms` is read from; empty where it is None."""
        return "" if self.cycle_ms is None else next(iter(self.told_cycles_ms))

    @property
    def rejected_part(self) -> float | None:
        """Of all beats, 0 to 1.

        Beats that were acquired may hold the rejected ones, or not: the smaller part is told.
        """
        if self.accepted is None or self.rejected is None:
            return None
        return self.rejected / (self.accepted + self.rejected)
