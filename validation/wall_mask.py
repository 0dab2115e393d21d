"""The long axis and the cavity of an expert's wall mask, without any of the package's estimators.

The left ventricle is nearly a body of revolution, so its own axis is the line about which the
wall is most symmetric: for every height along the line, all wall voxels should lie at one radius.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
from scipy import optimize, spatial

from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.nifti.orientation import patient_from_index_from_affine

__all__ = ["WallMask", "read_wall_mask"]

BIN_MM = 4.0
"""Height of a ring of wall voxels: the voxel size of the masks."""


@dataclass(frozen=True, eq=False)
class WallMask:
    """Wall voxels (n, 3) in LPS mm, the axis (unit, base to apex) and a point on it."""

    points_mm: FloatArray
    apex_direction: FloatArray
    axis_point_mm: FloatArray

    def axis_angle_deg(self, apex_direction: FloatArray) -> float:
        """Angle between a directed long axis and the mask's own, 0-180 degrees."""
        cosine = float(np.clip(self.apex_direction @ apex_direction, -1, 1))
        return float(np.rad2deg(np.arccos(cosine)))

    def cavity_contains(self, point_mm: FloatArray) -> bool:
        """Whether a point is enclosed by the wall without lying in it."""
        enclosed = spatial.Delaunay(self.points_mm).find_simplex(point_mm) >= 0
        nearest_mm = float(np.linalg.norm(self.points_mm - point_mm, axis=1).min())
        return bool(enclosed) and nearest_mm > BIN_MM / 2


def read_wall_mask(path: Path) -> WallMask:
    """Read a NIfTI mask ``(x, y, z)`` and find its axis."""
    image = nib.load(path)
    counts = np.asarray(image.dataobj).T
    affine = patient_from_index_from_affine(np.asarray(image.affine, dtype=np.float64))
    points = apply_affine(affine, np.argwhere(counts > 0))
    direction, point = _axis_of_symmetry(points)
    return WallMask(points, _toward_apex(points, direction, point), point)


def _axis_of_symmetry(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    middle = points.mean(axis=0)
    _, _, principal = np.linalg.svd(points - middle, full_matrices=False)
    fits = []
    for start in principal:
        frame = _frame(start)
        fit = optimize.minimize(
            lambda change, frame=frame: _radius_spread(points, *_moved(frame, middle, change)),
            np.zeros(4),
            method="Nelder-Mead",
            options={"initial_simplex": np.vstack([np.zeros(4), np.diag([0.3, 0.3, 6, 6])])},
        )
        fits.append((fit.fun, *_moved(frame, middle, fit.x)))
    _, direction, point = min(fits, key=lambda fit: float(fit[0]))
    return direction, point


def _frame(direction: FloatArray) -> FloatArray:
    """Orthonormal columns, the last along `direction`."""
    left, _, _ = np.linalg.svd(direction[:, np.newaxis])
    return np.column_stack([left[:, 1], left[:, 2], direction])


def _moved(
    frame: FloatArray, middle: FloatArray, change: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Tilt the axis by two slopes and shift it sideways by two lengths in mm."""
    direction = frame @ np.array([change[0], change[1], 1.0])
    return direction / np.linalg.norm(direction), middle + frame[:, :2] @ change[2:]


def _radius_spread(points: FloatArray, direction: FloatArray, point: FloatArray) -> float:
    """Mean variance of the radius among the wall voxels of one height."""
    height = (points - point) @ direction
    radius = np.linalg.norm(points - point - height[:, np.newaxis] * direction, axis=1)
    rings = np.floor((height - height.min()) / BIN_MM).astype(int)
    count = np.bincount(rings)
    sums, squares = np.bincount(rings, radius), np.bincount(rings, radius**2)
    present = count > 0
    variance = squares[present] - sums[present] ** 2 / count[present]
    return float(variance.sum() / len(points))


def _toward_apex(points: FloatArray, direction: FloatArray, point: FloatArray) -> FloatArray:
    """The closed end is the one where the wall reaches the axis."""
    height = (points - point) @ direction
    radius = np.linalg.norm(points - point - height[:, np.newaxis] * direction, axis=1)
    on_axis = height[radius < 2 * BIN_MM]
    middle = (height.min() + height.max()) / 2
    return direction if np.sum(on_axis > middle) >= np.sum(on_axis < middle) else -direction
