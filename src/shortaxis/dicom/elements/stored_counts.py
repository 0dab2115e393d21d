"""Counts as 16-bit integers with a rescale slope, so that they survive storage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from pydicom.valuerep import format_number_as_ds

from shortaxis.geometry.arrays import CountsArray

__all__ = ["StoredCounts", "shared_slope", "store_counts"]

MAX_STORED = 32767
"""Of 16 bits, leaving out the highest: readers that take unsigned for signed stay right."""

FINE_ENOUGH = 2000
"""A highest count from which whole counts lose no more than 0.025 % of it."""


@dataclass(frozen=True, eq=False)
class StoredCounts:
    """Integers and the decimal string that turns them back: ``counts = slope * stored``."""

    stored: np.ndarray
    slope: str

    @property
    def is_signed(self) -> bool:
        """Whether negative values occur."""
        return self.stored.dtype.kind == "i"


def shared_slope(views: Iterable[CountsArray]) -> str:
    """One slope for several arrays of counts, so that stored values compare among them.

    It is 1 wherever whole counts are fine enough: readers that ignore the slope see counts.

    Examples
    --------
    >>> shared_slope([np.array([0, 2500.5]), np.array([0, 0.1])])
    '1'
    >>> shared_slope([np.array([0, 0.5]), np.array([0, 3.2767])])
    '0.0001'
    """
    largest, are_whole = 0.0, True
    # One after the other: they may be made as they are asked for.
    for counts in views:
        largest = max(largest, _largest(counts))
        are_whole = are_whole and _is_whole(counts)
    is_fine = FINE_ENOUGH <= largest <= MAX_STORED
    return "1" if is_fine or are_whole else _slope(largest)


def store_counts(counts: CountsArray, slope: str | None = None) -> StoredCounts:
    """Quantise counts of any shape, in steps of a slope if one is given.

    Else whole counts up to 32767 are stored as they are, with slope 1, and others lose at most
    half a step of ``max(abs(counts)) / 32767``.

    Examples
    --------
    >>> stored = store_counts(np.array([0.0, 1.5, 3276.7], np.float32))
    >>> stored.stored.tolist(), round(float(stored.slope), 6)
    ([0, 15, 32767], 0.1)
    """
    if slope is None:
        slope = "1" if _is_whole(counts) else _slope(_largest(counts))
    stored = np.empty(counts.shape, dtype=np.int16 if counts.min() < 0 else np.uint16)
    # A part at a time: a gated study in double precision is several times its own size.
    for part, of in zip(_parts(stored), _parts(counts), strict=True):
        steps = np.round(of.astype(np.float64) / float(slope))
        part[...] = np.clip(steps, -MAX_STORED, MAX_STORED).astype(stored.dtype)
    return StoredCounts(stored, slope)


def _is_whole(counts: CountsArray) -> bool:
    if _largest(counts) > MAX_STORED:
        return False
    return all(bool((part == np.round(part)).all()) for part in _parts(counts))


def _largest(counts: CountsArray) -> float:
    return max(abs(float(counts.min())), abs(float(counts.max())))


def _parts(counts: np.ndarray) -> Sequence[np.ndarray]:
    """Time slots or slices of an array; a line is one part."""
    return list(counts) if counts.ndim > 1 else [counts]


def _slope(largest: float) -> str:
    """Decimal string of at most 16 bytes (PS3.5 6.2); its rounding is part of the slope."""
    # Counts so small that the slope would underflow a decimal string are stored as zero.
    return format_number_as_ds(max(largest / MAX_STORED, 1e-30))
