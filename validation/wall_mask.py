"""The long axis and the cavity of an expert's wall mask, without any of the package's estimators.

Two definitions of the axis are measured, because a mask that leaves out part of the wall has no
sharp one, and their difference says how sharp it is:

- *apex to valve*: from the wall point farthest from the opening to the middle of the opening's rim,
  the definition of the package's pose;
- *normals*: the direction that the surface normals of the wall avoid most, as in Germano 1995.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
from scipy import ndimage, spatial

from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.nifti.orientation import patient_from_index_from_affine

__all__ = ["WallMask", "angle_deg", "read_wall_mask"]

VOXEL_MM = 4.0
"""Voxel size of the masks."""

RAYS = 2000
RAY_MM = np.arange(2.0, 90.0, 1.0)
TIP_FRACTION = 0.02
"""Share of the wall voxels that make the tip of the apex: about 50 voxels."""


@dataclass(frozen=True, eq=False)
class WallMask:
    """Wall voxels (n, 3) in LPS mm and two unit vectors from base to apex."""

    points_mm: FloatArray
    apex_from_valve: FloatArray
    apex_by_normals: FloatArray

    @property
    def ambiguity_deg(self) -> float:
        """Angle between the two definitions of the axis."""
        return angle_deg(self.apex_from_valve, self.apex_by_normals)

    def cavity_contains(self, point_mm: FloatArray) -> bool:
        """Whether a point is enclosed by the wall without lying in it."""
        enclosed = spatial.Delaunay(self.points_mm).find_simplex(point_mm) >= 0
        nearest_mm = float(np.linalg.norm(self.points_mm - point_mm, axis=1).min())
        return bool(enclosed) and nearest_mm > VOXEL_MM / 2


def angle_deg(first: FloatArray, second: FloatArray) -> float:
    """Angle between two unit vectors, 0-180 degrees."""
    return float(np.rad2deg(np.arccos(np.clip(first @ second, -1, 1))))


def read_wall_mask(path: Path) -> WallMask:
    """Read a NIfTI mask ``(x, y, z)`` and measure its axis."""
    image = nib.load(path)
    wall = np.asarray(image.dataobj).T > 0
    affine = patient_from_index_from_affine(np.asarray(image.affine, dtype=np.float64))
    points = apply_affine(affine, np.argwhere(wall))
    from_valve = _axis_from_valve(points)
    by_normals = _axis_by_normals(wall, affine)
    return WallMask(points, from_valve, by_normals * np.sign(by_normals @ from_valve))


def _axis_from_valve(points: FloatArray) -> FloatArray:
    valve = _rim(points).mean(axis=0)
    distance = np.linalg.norm(points - valve, axis=1)
    tip = points[distance >= np.quantile(distance, 1 - TIP_FRACTION)].mean(axis=0)
    axis: FloatArray = (tip - valve) / np.linalg.norm(tip - valve)
    return axis


def _rim(points: FloatArray) -> FloatArray:
    """Points of the wall around its opening, seen from the middle of the cavity.

    A ray from there meets the wall or leaves through the opening; the rim is where rays
    that meet it have neighbours that do not.
    """
    middle = _cavity_middle(points)
    directions = _even_directions(RAYS)
    tree = spatial.cKDTree(points)
    samples = middle + RAY_MM[:, np.newaxis, np.newaxis] * directions
    in_wall = np.asarray(tree.query(samples)[0]) < 0.65 * VOXEL_MM
    meets: np.ndarray = np.asarray(in_wall.any(axis=0))
    neighbours = np.asarray(spatial.cKDTree(directions).query(directions, 7)[1])[:, 1:]
    opening = directions[~meets].mean(axis=0)
    at_rim = meets & ((~meets)[neighbours].sum(axis=1) >= 2)
    # Single holes, where the wall has no counts, do not belong to the opening.
    at_rim &= directions @ opening > -0.2 * np.linalg.norm(opening)
    distance = (RAY_MM[:, np.newaxis] * in_wall).sum(axis=0) / np.maximum(in_wall.sum(axis=0), 1)
    rim: FloatArray = middle + directions[at_rim] * distance[at_rim, np.newaxis]
    return rim


def _cavity_middle(points: FloatArray) -> FloatArray:
    """Centre of the sphere that the wall voxels lie closest to (linear least squares)."""
    mean = points.mean(axis=0)
    offsets = points - mean
    equations = np.column_stack([2 * offsets, np.ones(len(points))])
    solution = np.linalg.lstsq(equations, (offsets**2).sum(axis=1), rcond=None)[0]
    middle: FloatArray = mean + solution[:3]
    return middle


def _even_directions(count: int) -> FloatArray:
    """Unit vectors spread evenly over the sphere (Fibonacci lattice)."""
    steps = np.arange(count) + 0.5
    polar, turn = np.arccos(1 - 2 * steps / count), np.pi * (1 + np.sqrt(5)) * steps
    return np.column_stack(
        [np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)]
    )


def _axis_by_normals(wall: np.ndarray, affine: FloatArray) -> FloatArray:
    smooth = ndimage.gaussian_filter(wall.astype(np.float64), 1.0)
    gradient = np.stack([np.gradient(smooth, axis=axis) for axis in range(3)], axis=-1)
    axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    normals = gradient.reshape(-1, 3) @ axes.T
    _, directions = np.linalg.eigh(normals.T @ normals)
    axis: FloatArray = directions[:, 0]
    return axis
