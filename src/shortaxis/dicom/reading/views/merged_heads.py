"""Two heads that a camera stored as one detector: the blank rim of their views tells.

A camera with two heads at right angles may store their views one after the other, as those of one
detector over 180 degrees. The crystals are not masked alike: the blank rows at the rim, the same
in all views of one head, change where the second begins.
"""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.arrays import CountsArray
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["MERGED_HEADS", "are_two_heads"]

FEWEST_VIEWS = 16

BLANK_PART, FILLED_PART = 0.005, 0.02
"""Of the counts of the usual row: a mask lets nothing through, its neighbour a tenth and more."""

MERGED_HEADS = ReadingNote(
    "the blank rim changes in the middle of the views: they are read as those of two heads, which "
    "were stored as one"
)


def are_two_heads(views: CountsArray) -> bool:
    """Whether a row is blank in one half of the views, and filled in the other.

    What lies in a row is the same in all views of a parallel camera, so that no patient does it.

    Parameters
    ----------
    views : (angular_view, row, bin) array
        Counts of one detector, in the order of their angles.
    """
    count = len(views)
    if count < FEWEST_VIEWS or count % 2:
        return False
    rows = views.sum(axis=2, dtype=np.float64)
    usual = np.median(rows, axis=1, keepdims=True)
    if not (usual > 0).all():
        return False
    blank, filled = rows <= BLANK_PART * usual, rows >= FILLED_PART * usual
    halves = slice(0, count // 2), slice(count // 2, count)
    return any(
        bool((blank[one].all(axis=0) & filled[other].all(axis=0)).any())
        for one, other in (halves, halves[::-1])
    )
