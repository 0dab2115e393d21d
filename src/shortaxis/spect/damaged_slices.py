"""Slices that a transfer lost or stored twice, told from the counts alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["damaged_slice_notes"]

BoolArray = npt.NDArray[np.bool_]

LEAST_PART = 0.1
"""Of the counts of the fullest slice: beyond the body, slices may be empty or alike."""

MOST_COPIES = 0.25
"""Part of the slices: where more are copies, somebody made thick slices thin by repeating them."""


def damaged_slice_notes(gates: CountsArray) -> tuple[ReadingNote, ...]:
    """A doubtful note for every slice that is empty between others, or a copy of the one before.

    Parameters
    ----------
    gates : (time_slot, slice, row, column) array
        Counts; one time slot of an ungated study.

    Notes
    -----
    Whoever sees the pictures sees such a slice at once. A pose is hardly moved by it, so nothing
    else would tell.
    """
    sums = gates.sum(axis=(2, 3), dtype=np.float64)
    whole = sums.sum(axis=0)
    if not np.isfinite(whole).all() or not whole.max() > 0:
        return ()
    is_full = whole >= LEAST_PART * whole.max()
    is_between = _is_between(whole > 0)
    notes = []
    for number, (slot, of_slot) in enumerate(zip(gates, sums, strict=True), 1):
        name = f" of time slot {number}" if len(gates) > 1 else ""
        is_lost = is_between & (whole == 0) if number == 1 else np.zeros_like(is_full)
        if of_slot.any():
            is_lost = is_lost | (is_full & (of_slot == 0))
        notes += [_lost(at, len(whole), "" if whole[at] == 0 else name) for at in _places(is_lost)]
        copies = [at for at in _places(is_full[1:] & is_full[:-1]) if _is_copy(slot, of_slot, at)]
        if len(copies) <= MOST_COPIES * len(whole):
            notes += [_copy(at + 1, len(whole), name) for at in copies]
    return tuple(notes)


def _is_between(is_there: BoolArray) -> BoolArray:
    """Places with something before and behind them."""
    there = np.flatnonzero(is_there)
    places = np.arange(is_there.size)
    found: BoolArray = (places > there[0]) & (places < there[-1])
    return found


def _places(chosen: BoolArray) -> list[int]:
    found: list[int] = np.flatnonzero(chosen).tolist()
    return found


def _is_copy(slot: CountsArray, sums: FloatArray, at: int) -> bool:
    """Whether the slice behind a place holds the very counts of the one at it."""
    if sums[at] != sums[at + 1] or not sums[at] > 0:
        return False
    first, second = slot[at], slot[at + 1]
    return bool(np.array_equal(first, second)) and bool((first != first.flat[0]).any())


def _lost(at: int, slices: int, name: str) -> ReadingNote:
    return ReadingNote(
        f"slice {at + 1} of {slices}{name} is empty, and those about it hold counts: was it lost?",
        True,
    )


def _copy(at: int, slices: int, name: str) -> ReadingNote:
    return ReadingNote(
        f"slice {at + 1} of {slices}{name} holds the very counts of slice {at}: was one stored "
        "twice?",
        True,
    )
