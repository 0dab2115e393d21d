"""A drawn page in as many colours as one byte tells apart: smaller, and it looks alike.

Every step of a colour scale that counts are shown in stays exactly what it is. Every other colour
of the result is one of the page, and the most frequent one of those that it stands for: paper, inks
and fills stay, only mixtures at edges move.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["MOST_COLOURS", "MOST_OF_SCALES", "NO_SCALES", "in_few_colours"]

MOST_COLOURS = 256

MOST_OF_SCALES = 216
"""Steps of colour scales; what is left are forty colours for paper, inks and edges."""

ROUNDS = 6
"""Of moving the colours to the middle of what they stand for; later ones change nothing visible."""

AT_ONCE = 1 << 13
"""Colours that are compared with all others at once: a few MB."""

Colours = NDArray[np.float32]

CHANNELS = np.array([1, 1 << 8, 1 << 16], dtype=np.uint32)
"""What makes a colour one number."""

NO_SCALES = np.zeros((0, 3), dtype=np.uint8)


def in_few_colours(picture: Image.Image, scales: NDArray[np.uint8] = NO_SCALES) -> Image.Image:
    """The picture by the numbers of at most `MOST_COLOURS` colours, opaque.

    One that has no more is the same to the last bit. So is one whose scales, an array (step, 3),
    have more than `MOST_OF_SCALES` steps: its pixels are no numbers, but colours.
    """
    opaque = picture.convert("RGB")
    kinds, places, counts = np.unique(_packed(opaque), return_inverse=True, return_counts=True)
    colours = kinds.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3].astype(np.float32)
    kept, stands_for = np.arange(len(colours)), np.arange(len(colours))
    if len(colours) > MOST_COLOURS:
        is_step = np.isin(kinds, scales.astype(np.uint32) @ CHANNELS)
        left = MOST_COLOURS - int(is_step.sum())
        if left < MOST_COLOURS - MOST_OF_SCALES:
            return opaque
        others = ~is_step
        first = opaque.quantize(left, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        group = _settled(colours[others], counts[others], _table_of(first))
        frequent = np.flatnonzero(others)[_most_frequent(group, counts[others])]
        kept = np.concatenate([np.flatnonzero(is_step), frequent])
        stands_for = _nearest(colours, colours[kept])
    numbers = stands_for.astype(np.uint8)[places].reshape(opaque.height, opaque.width)
    result = Image.fromarray(numbers, "P")
    result.putpalette(colours[kept].astype(np.uint8).tobytes())
    return result


def _packed(opaque: Image.Image) -> NDArray[np.uint32]:
    """Each pixel's colour as one number."""
    four = np.asarray(opaque.convert("RGBX")).view("<u4")[..., 0]
    packed: NDArray[np.uint32] = four & np.uint32(0xFFFFFF)
    return packed


def _table_of(picture: Image.Image) -> Colours:
    return np.array(picture.getpalette(), dtype=np.float32).reshape(-1, 3)


def _settled(colours: Colours, counts: NDArray[np.intp], table: Colours) -> NDArray[np.intp]:
    """Which entry of a table each colour goes to, after the entries went to their middles."""
    # By the root of how often: many pixels of paper need no more entries than a few of a scale.
    weights = np.sqrt(counts)
    for _ in range(ROUNDS):
        nearest = _nearest(colours, table)
        total = np.bincount(nearest, weights, len(table))
        sums = [np.bincount(nearest, weights * channel, len(table)) for channel in colours.T]
        used = total > 0
        table = (np.stack(sums, axis=-1)[used] / total[used, None]).astype(np.float32)
    return _nearest(colours, table)


def _most_frequent(group: NDArray[np.intp], counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """The colour of each group that most pixels have."""
    rising = np.lexsort((counts, group))
    last = np.append(np.diff(group[rising]) > 0, True)
    most: NDArray[np.intp] = rising[last]
    return most


def _nearest(colours: Colours, table: Colours) -> NDArray[np.intp]:
    """The entry of a table that each colour is nearest to."""
    # |a - b|^2 without |a|^2, which is the same for all entries.
    squares = (table**2).sum(axis=1)
    return np.concatenate(
        [
            np.argmin(squares - 2 * colours[first : first + AT_ONCE] @ table.T, axis=1)
            for first in range(0, len(colours), AT_ONCE)
        ]
    )
