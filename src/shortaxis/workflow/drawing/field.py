"""Where the source holds no counts because nothing was measured there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.display_scale import REACH_MM, TYPICAL_EXTENT, across_the_wall

__all__ = ["beyond_centres", "outside_the_field", "wall_outside"]

ROUNDING = 1e-6
"""Voxels; the outermost centres themselves are inside."""


def outside_the_field(volume: SpectVolume, grid: Grid) -> NDArray[np.bool_]:
    """Which voxels of a grid lie beyond the outermost voxel centres, where sampling gives zero."""
    index_from_grid = invert_affine(volume.patient_from_index) @ grid.patient_from_index
    return beyond_centres(index_from_grid, grid.shape, volume.shape)


def beyond_centres(
    index_from_grid: FloatArray, shape: Sequence[int], of_shape: Sequence[int]
) -> NDArray[np.bool_]:
    """The same for a grid of `shape`, by its affine to the indices of a volume `of_shape`."""
    steps = np.ogrid[tuple(map(slice, shape))]
    inside = np.ones(shape, dtype=bool)
    # Of each axis by itself: three times a sum of rows, not a point for every voxel.
    for *along, start, last in np.column_stack([index_from_grid[:3], np.array(of_shape) - 1]):
        reach = np.array(along) * (np.array(shape) - 1)
        lowest, highest = start + np.minimum(reach, 0).sum(), start + np.maximum(reach, 0).sum()
        if lowest >= -ROUNDING and highest <= last + ROUNDING:
            continue
        index = start + sum(step * number for step, number in zip(along, steps, strict=True))
        inside &= (index >= -ROUNDING) & (index <= last + ROUNDING)
    return ~inside


def wall_outside(volume: SpectVolume, pose: RigidPose, extent: LeftVentricleExtent | None) -> float:
    """Part of the wall that the field cuts through or misses, 0 to 1.

    The wall is that of the myocardial level, half a thick wall to either side of its middle.
    """
    points = pose.to_patient(across_the_wall(extent or TYPICAL_EXTENT, REACH_MM))
    return float(_is_outside(volume, points).any(axis=-1).mean())


def _is_outside(volume: SpectVolume, patient_points: FloatArray) -> NDArray[np.bool_]:
    index = apply_affine(invert_affine(volume.patient_from_index), patient_points)
    last = np.array(volume.shape) - 1
    inside = (index >= -ROUNDING) & (index <= last + ROUNDING)
    outside: NDArray[np.bool_] = ~np.all(inside, axis=-1)
    return outside
