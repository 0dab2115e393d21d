"""Counts on their way to the page: as 16-bit steps, compressed, or as they lie in memory."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from shortaxis.geometry.arrays import CountsArray

__all__ = ["SentCounts", "as_floats", "as_steps"]

STEPS = 65_535
"""Between the lowest and the highest count, where they are no whole numbers within that range."""

LEVEL = 1
"""Of compression: higher ones save a twentieth and take twice as long."""


@dataclass(frozen=True)
class SentCounts:
    """A body, and the headers that tell how to read it."""

    body: bytes
    headers: dict[str, str]


def as_floats(counts: CountsArray) -> SentCounts:
    """As float32, little endian."""
    return SentCounts(np.ascontiguousarray(counts, dtype="<f4").tobytes(), {})


def as_steps(counts: CountsArray) -> SentCounts:
    """As unsigned steps of 16 bits from the lowest count on: all low bytes, then all high ones.

    Whole counts stay exact; others are off by half a step at most, a hundredth of a thousandth of
    the highest. Bytes of a kind side by side compress better; `X-Counts-Lowest` and
    `X-Counts-Step` lead back to counts.
    """
    lowest, highest = float(counts.min()), float(counts.max())
    width = highest - lowest
    is_whole = width <= STEPS and bool((counts == np.round(counts)).all())
    step = 1.0 if is_whole else max(width / STEPS, float(np.finfo(np.float32).tiny))
    compressor = zlib.compressobj(LEVEL)
    steps = np.empty(counts.shape, dtype=np.uint16)
    # A slice at a time: in double precision a whole body is large.
    for to, frame in zip(steps, counts, strict=True):
        to[:] = np.rint((frame.astype(np.float64) - lowest) / step)
    low = compressor.compress((steps & 0xFF).astype(np.uint8).tobytes())
    high = compressor.compress((steps >> 8).astype(np.uint8).tobytes())
    return SentCounts(
        low + high + compressor.flush(),
        {
            "Content-Encoding": "deflate",
            "X-Counts-Lowest": repr(lowest),
            "X-Counts-Step": repr(step),
        },
    )
