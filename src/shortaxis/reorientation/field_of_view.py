"""Where the field of view ends, by the voxels that have counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.arrays import CountsArray

__all__ = ["FARTHEST_VOXELS", "distance_to_edge", "solid"]

BoolArray = NDArray[np.bool_]

FARTHEST_VOXELS = 5
"""Distances are not told apart beyond: at 8 mm a voxel that is 40 mm. Nothing asks for more than
16 mm, and what is interpolated between voxels is off by one voxel's diagonal at most."""

PADDING = 2


def solid(positive: BoolArray) -> BoolArray:
    """Close holes of single voxels without counts; outside the grid counts as outside.

    What is thinner than a voxel and its neighbours goes, too.
    """
    inner = (slice(PADDING, -PADDING),) * 3
    padded = np.pad(positive, PADDING)
    closed = _eroded(_dilated(padded))
    padded[inner] |= closed[inner]
    return _dilated(_eroded(padded))[inner]


def distance_to_edge(inside: BoolArray, spacing_mm: float) -> CountsArray:
    """Distances (mm) to the nearest voxel outside, at most `FARTHEST_VOXELS` of them.

    Exact: squares of whole numbers of voxels, whose least sums are found along one index after the
    other.
    """
    farthest = FARTHEST_VOXELS**2
    squares = np.pad(np.where(inside, farthest, 0).astype(np.uint8), 1)
    for axis in range(3):
        lines = np.moveaxis(squares, axis, 0)
        found = lines.copy()
        for step in range(1, FARTHEST_VOXELS):
            beside = lines + np.uint8(step**2)
            np.minimum(found[step:], beside[:-step], out=found[step:])
            np.minimum(found[:-step], beside[step:], out=found[:-step])
        squares = np.moveaxis(found, 0, axis)
    roots = np.sqrt(np.arange(farthest + 1)).astype(np.float32) * np.float32(spacing_mm)
    distances: CountsArray = roots[squares[1:-1, 1:-1, 1:-1]]
    return distances


def _dilated(mask: BoolArray) -> BoolArray:
    """With the voxels that share a face; the outermost ones take from inside only."""
    grown = mask.copy()
    for axis in range(3):
        to, of = np.moveaxis(grown, axis, 0), np.moveaxis(mask, axis, 0)
        to[1:] |= of[:-1]
        to[:-1] |= of[1:]
    return grown


def _eroded(mask: BoolArray) -> BoolArray:
    """Without the voxels that lack a neighbour across a face."""
    return np.asarray(~_dilated(~mask))
