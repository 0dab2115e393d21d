"""What lies along the rays of the hybrid grid in volumes of drawn voxels around a pose."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.anatomy.hybrid_grid import RAY_ANGLES, RAY_ROWS, ray_points_mm
from shortaxis.geometry.grids import Grid
from shortaxis.phantom.phantom import Phantom

VOXEL_MM = 2.0
FARTHEST_MM, STEP_MM = 76.0, 0.5


def around(phantom: Phantom) -> Grid:
    return view_grid(CardiacView.SHORT_AXIS, phantom.pose, (84, 76, 76), VOXEL_MM)


def sampled_along_rays(values: np.ndarray, radius_mm: np.ndarray) -> np.ndarray:
    """Values of a short-axis grid (..., row, angle) at distances along rays; 0 off the grid."""
    x, y, z = np.moveaxis(ray_points_mm(radius_mm), -1, 0)
    middle = (np.array(values.shape) - 1) / 2
    places = np.stack([z, y, x]) / VOXEL_MM + middle.reshape(3, *[1] * x.ndim)
    return ndimage.map_coordinates(values, places, order=1, mode="constant")


def length_within(occupancy: np.ndarray) -> np.ndarray:
    """How much of each ray (row, angle) lies within, mm."""
    steps = np.arange(STEP_MM / 2, FARTHEST_MM, STEP_MM)[:, None, None]
    radii = np.broadcast_to(steps, (len(steps), RAY_ROWS, RAY_ANGLES))
    return sampled_along_rays(occupancy, radii).sum(axis=0) * STEP_MM
