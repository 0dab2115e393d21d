"""A picture of few colours as their numbers and a table of them (PS3.3 C.7.6.3.1.5, C.7.6.3.1.6).

A third of the bytes of red, green and blue, and the same picture to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

__all__ = ["MOST_COLOURS", "NumberedColours", "add_palette", "numbered_colours"]

MOST_COLOURS = 256
"""What a byte tells apart."""

CHANNELS = ("Red", "Green", "Blue")

BITS = 16
"""Of an entry: tables of 8 bits are packed in pairs, which not every viewer undoes."""

TO_16_BITS = 257

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class NumberedColours:
    """Which colour ``(row, column)`` every pixel has, and the colours ``(number, 3)``."""

    numbers: Bytes
    colours: Bytes


def numbered_colours(picture: Bytes) -> NumberedColours | None:
    """A picture ``(row, column, 3)`` by the numbers of its colours; None if they are too many."""
    red, green, blue = (picture[..., channel].astype(np.uint32) for channel in range(3))
    packed = red << 16 | green << 8 | blue
    kinds, numbers = np.unique(packed, return_inverse=True)
    if len(kinds) > MOST_COLOURS:
        return None
    colours = np.stack([kinds >> 16, kinds >> 8 & 0xFF, kinds & 0xFF], axis=-1)
    return NumberedColours(numbers.reshape(packed.shape).astype(np.uint8), colours.astype(np.uint8))


def add_palette(dataset: Dataset, colours: Bytes) -> None:
    """Add the three tables of colours ``(number, 3)``, of 16 bits an entry, the rest white.

    Orthanc 1.10 shows no picture whose tables have fewer than 256 entries.
    """
    for channel, name in enumerate(CHANNELS):
        table = np.full(MOST_COLOURS, 0xFFFF, dtype="<u2")
        table[: len(colours)] = colours[:, channel].astype("<u2") * np.uint16(TO_16_BITS)
        keyword = f"{name}PaletteColorLookupTable"
        # The first value may be signed in pictures of signed pixels: of these it is not.
        dataset.add_new(f"{keyword}Descriptor", "US", [MOST_COLOURS, 0, BITS])
        dataset.add_new(f"{keyword}Data", "OW", table.tobytes())
