"""Drawn surfaces as labels of voxels."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from shortaxis.anatomy.hybrid_grid import BODY_HEIGHTS_MM, grid_places
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.grids import Grid
from shortaxis.ventricle.seen_from import sampled_on_grid
from shortaxis.ventricle.surfaces import VentricleSurfaces

__all__ = ["VentricleLabel", "label_map"]


class VentricleLabel(IntEnum):
    """What a voxel's centre lies in."""

    OUTSIDE = 0
    WALL = 1
    CAVITY = 2


def label_map(surfaces: VentricleSurfaces, grid: Grid) -> npt.NDArray[np.uint8]:
    """Labels (slice, row, column) of the voxels of a grid in the patient.

    A voxel belongs to what its centre lies in: the cavity reaches to the valve plane, the wall as
    far as muscle is drawn.
    """
    index = np.moveaxis(np.indices(grid.shape), 0, -1)
    points = surfaces.pose.to_cardiac(apply_affine(grid.patient_from_index, index))
    row, angle, radius = grid_places(points)
    inner, outer, is_wall = (
        sampled_on_grid(np.asarray(values, dtype=np.float64), row, angle)
        for values in (surfaces.endocardium_mm, surfaces.epicardium_mm, surfaces.is_wall)
    )
    below = (surfaces.valve.above_mm(points) <= 0) & (points[..., 2] <= BODY_HEIGHTS_MM[-1])
    labels = np.full(grid.shape, VentricleLabel.OUTSIDE, dtype=np.uint8)
    labels[below & (radius <= outer) & (is_wall >= 0.5)] = VentricleLabel.WALL
    labels[below & (radius <= inner)] = VentricleLabel.CAVITY
    return labels
