"""Counts as 16-bit integers with a rescale slope, so that they survive storage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.valuerep import format_number_as_ds

from shortaxis.geometry.arrays import CountsArray

__all__ = ["StoredCounts", "store_counts"]

LARGEST_STORED = 32767
"""Of 16 bits, leaving out the highest: readers that take unsigned for signed stay right."""


@dataclass(frozen=True, eq=False)
class StoredCounts:
    """Integers and the decimal string that turns them back: ``counts = slope * stored``."""

    stored: np.ndarray
    slope: str

    @property
    def is_signed(self) -> bool:
        """Whether negative values occur."""
        return self.stored.dtype.kind == "i"


def store_counts(counts: CountsArray) -> StoredCounts:
    """Quantise counts of any shape.

    Whole counts up to 32767 are stored as they are, with slope 1. Others lose at most half a
    step of ``max(abs(counts)) / 32767``.

    Examples
    --------
    >>> stored = store_counts(np.array([0.0, 1.5, 3276.7], np.float32))
    >>> stored.stored.tolist(), round(float(stored.slope), 6)
    ([0, 15, 32767], 0.1)
    """
    values = np.asarray(counts, dtype=np.float64)
    largest = float(np.abs(values).max())
    is_whole = largest <= LARGEST_STORED and bool((values == np.round(values)).all())
    slope = "1" if is_whole or largest == 0 else _slope(largest)
    kind = np.int16 if values.min() < 0 else np.uint16
    stored = np.clip(np.round(values / float(slope)), -LARGEST_STORED, LARGEST_STORED)
    return StoredCounts(stored.astype(kind), slope)


def _slope(largest: float) -> str:
    """Decimal string of at most 16 bytes (PS3.5 6.2); its rounding is part of the slope."""
    # Counts so small that the slope would underflow a decimal string are stored as zero.
    return format_number_as_ds(max(largest / LARGEST_STORED, 1e-30))
