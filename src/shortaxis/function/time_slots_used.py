"""Which time slots a beat is made of, and what the gating is to blame for.

Every slot is compared with the others (`shortaxis.spect.time_slots`). One that is empty, or shows
another image, is left out and read from the harmonics of the rest; so is the copy of another one. A
slot that holds fewer beats is scaled, which is certain. Each of these is a reason to look: none
ever changes a number in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from shortaxis.errors import OptionError
from shortaxis.function.harmonics import HARMONICS, BeatFit
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.time_slots import SlotLikeness, likeness_of_slots

__all__ = ["MIN_TIME_SLOTS", "UsedTimeSlots", "used_time_slots"]

MIN_TIME_SLOTS = 4
"""Fewer average end-systole away."""

MOST_LEFT_OUT = 0.3
"""Part of the slots that may be left out: of eight, two; more leave harmonics without support."""

BEATS_LOST = 0.9
"""Of the usual counts: a slot with less is told to hold fewer beats."""


@dataclass(frozen=True, eq=False)
class UsedTimeSlots:
    """Slots of a beat.

    `reasons` are for an operator to look, `notes` for readers: what was corrected.
    """

    is_used: npt.NDArray[np.bool_]
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    likeness: tuple[SlotLikeness, ...] = field(default=(), repr=False)

    @property
    def fit(self) -> BeatFit:
        """Harmonics through them: two, or one where there are too few slots for two.

        Two have five numbers: through five slots they go exactly, noise and all, and nothing is
        left over to tell the noise by.
        """
        return BeatFit(self.is_used, HARMONICS if _are_enough(self.is_used) else 1)


def used_time_slots(gates: CountsArray, spacing_mm: FloatArray) -> UsedTimeSlots:
    """Look at the slots of a study.

    Parameters
    ----------
    gates : (time_slot, slice, row, column) array
        Counts.
    spacing_mm : (slice, row, column)
        Voxel size.

    Raises
    ------
    OptionError
        If too few slots are left to tell anything of the beat.
    """
    slots = len(gates)
    likeness = likeness_of_slots(gates, spacing_mm)
    copies = _copies(gates)
    odd = {each.number for each in likeness if each.is_empty or each.is_another_image}
    is_used = np.array([number not in odd | set(copies) for number in range(1, slots + 1)])
    reasons = [
        f"time slot {each.number} of {slots} {each.fault}: the beat was read without it"
        for each in likeness
        if each.number in odd
    ]
    reasons += [
        f"time slot {number} of {slots} is a copy of {of}: the beat was read without it"
        for number, of in copies.items()
    ]
    _refuse_too_few(is_used, reasons)
    if not _are_enough(is_used):
        reasons.append(f"{int(is_used.sum())} time slots follow a beat by one harmonic only")
    lost = [each for each in likeness if is_used[each.number - 1] and each.counts_part < BEATS_LOST]
    told = ", ".join(f"{each.number} ({100 * each.counts_part:.0f} %)" for each in lost)
    notes = (f"time slots with fewer beats, scaled to those of the others: {told}",) if lost else ()
    faulty = [each for each in likeness if is_used[each.number - 1] and each.fault]
    reasons += [f"time slot {each.number} of {slots} {each.fault}" for each in faulty]
    return UsedTimeSlots(is_used, tuple(reasons), notes, likeness)


def _are_enough(is_used: npt.NDArray[np.bool_]) -> bool:
    """Whether more slots are used than two harmonics have numbers."""
    return int(is_used.sum()) > 2 * HARMONICS + 1


def _refuse_too_few(is_used: npt.NDArray[np.bool_], reasons: list[str]) -> None:
    used, slots = int(is_used.sum()), is_used.size
    if used >= MIN_TIME_SLOTS and slots - used <= MOST_LEFT_OUT * slots:
        return
    if slots < MIN_TIME_SLOTS:
        raise OptionError(
            "so few time slots do not tell how the heart beats",
            expected=f"{MIN_TIME_SLOTS} or more",
            found=f"{slots}",
            cause="fewer average end-systole away",
            way_on="reconstruct with 8 time slots or more; what is told of their sum stands",
        )
    raise OptionError(
        "the time slots do not tell how the heart beats",
        expected=f"{MIN_TIME_SLOTS} slots or more that show it, and at most "
        f"{100 * MOST_LEFT_OUT:.0f} % of them left out",
        found=f"{used} of {slots}" + "".join(f"; {reason}" for reason in reasons),
        cause="lost beats, a gating that failed, or slots that were stored wrongly",
        way_on="gate again; what is told of the sum over the slots stands",
    )


def _copies(gates: CountsArray) -> dict[int, int]:
    """Numbers of slots that hold the very counts of an earlier one, and of which."""
    seen: dict[bytes, int] = {}
    copies: dict[int, int] = {}
    for number, gate in enumerate(gates, start=1):
        if not gate.any():
            continue
        digest = sha256(np.ascontiguousarray(gate).tobytes()).digest()
        if digest in seen:
            copies[number] = seen[digest]
        else:
            seen[digest] = number
    return copies
