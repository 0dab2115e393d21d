"""A drawn study over the beat: the wall moves in and out, and nothing else does."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import ndimage

from drawn_heart import DrawnHeart, draw_study, transaxial_grid
from drawn_study import study_pose

SLOTS = 8
COUNTS_PER_VOXEL = 120.0
"""Of one time slot."""

SHRINKAGE_MM = 4.0
"""Of the radius, from end-diastole to end-systole; the wall thickens by half of it."""

CONTRACTION = (0.0, 0.4, 0.8, 1.0, 0.6, 0.3, 0.2, 0.1)
"""Of time slots: emptying is faster than filling, and there is a pause before the next beat."""


@cache
def beating_gates() -> np.ndarray:
    """Counts (time_slot, slice, row, column) on the grid of `transaxial_grid`; read-only."""
    gates = np.stack([_slot(number, part) for number, part in enumerate(CONTRACTION)])
    gates.flags.writeable = False
    return gates


def _slot(number: int, contraction: float) -> np.ndarray:
    usual = DrawnHeart()
    heart = DrawnHeart(
        radius_mm=usual.radius_mm - SHRINKAGE_MM * contraction,
        wall_mm=usual.wall_mm + SHRINKAGE_MM / 2 * contraction,
    )
    drawn = draw_study(
        transaxial_grid(), study_pose(), heart, counts_per_voxel=COUNTS_PER_VOXEL, seed=number
    )
    return drawn.counts


def with_slot(change: str, slot: int) -> np.ndarray:
    """The beat with one time slot that is wrong."""
    gates = beating_gates().copy()
    counts = gates[slot]
    if change == "empty":
        gates[slot] = 0
    elif change == "inverted":
        gates[slot] = counts.max() - counts
    elif change == "upside down":
        gates[slot] = counts[::-1]
    elif change == "left and right exchanged":
        gates[slot] = counts[:, :, ::-1]
    elif change == "rolled":
        gates[slot] = np.roll(counts, 4, axis=2)
    elif change == "shifted":
        gates[slot] = ndimage.shift(counts, (0, 4, 0), order=1)
    elif change == "few counts":
        gates[slot] = counts * 0.2
    elif change == "many counts":
        gates[slot] = counts * 3
    else:
        raise ValueError(change)
    return gates
