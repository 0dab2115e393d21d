"""The long axis and the cavity of an expert's wall mask, without any of the package's estimators.

Three definitions of the axis are measured, because a mask that leaves out part of the wall has no
sharp one, and their differences say how sharp it is:

- *apex to valve*: from the wall point farthest from the opening to the middle of the opening's rim,
  the definition of the package's pose;
- *normals*: the direction that the surface normals of the wall avoid most, as in Germano 1995;
- *symmetry*: the line about which the wall, turned in steps of 45 degrees, covers itself best.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import nibabel as nib
import numpy as np
from scipy import ndimage, optimize, spatial
from scipy.spatial.transform import Rotation

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.nifti.orientation import patient_from_index_from_affine
from shortaxis.spect.volume import SpectVolume

__all__ = ["WallMask", "angle_deg", "coverage", "cut_like", "measure_wall", "read_wall_mask"]

HALF_LENGTH_MM = 44.0
"""Half of a usual ventricle, epicardial apex to valve plane."""

VOXEL_MM = 4.0
"""Voxel size of the masks."""

RAYS = 2000
RAY_MM = np.arange(2.0, 90.0, 1.0)
SYMMETRY_TURNS = np.deg2rad(np.arange(45, 360, 45))
TIP_FRACTION = 0.02
"""Share of the wall voxels that make the tip of the apex: about 50 voxels."""


@dataclass(frozen=True, eq=False)
class WallMask:
    """Wall voxels ``(slice, row, column)``, where they lie, and the axis by each definition.

    `points_mm` are their positions (n, 3) in LPS mm, `apex_directions` unit vectors.
    """

    wall: np.ndarray
    patient_from_index: FloatArray
    points_mm: FloatArray
    apex_directions: dict[str, FloatArray]

    def axis_angles_deg(self, apex_direction: FloatArray) -> dict[str, float]:
        """Angle of a long axis to the mask's own, by definition."""
        return {name: angle_deg(own, apex_direction) for name, own in self.apex_directions.items()}

    @property
    def ambiguity_deg(self) -> float:
        """Largest angle between two definitions of the axis."""
        pairs = itertools.combinations(self.apex_directions.values(), 2)
        return max(angle_deg(first, second) for first, second in pairs)

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
    return measure_wall(wall, affine)


def measure_wall(wall: np.ndarray, affine: FloatArray) -> WallMask:
    """Measure the axis of wall voxels ``(slice, row, column)``."""
    points = apply_affine(affine, np.argwhere(wall))
    from_valve = _axis_from_valve(points)
    others = {
        "normals": _axis_by_normals(wall, affine),
        "symmetry": _axis_by_symmetry(wall, affine, points, from_valve),
    }
    toward_apex = {name: axis * np.sign(axis @ from_valve) for name, axis in others.items()}
    return WallMask(wall, affine, points, {"apex to valve": from_valve, **toward_apex})


def coverage(mask: WallMask, volume: SpectVolume, pose: RigidPose) -> dict[str, float]:
    """Part of the wall that the counts show and the mask holds, in the apical and basal half.

    The wall of the counts is every voxel above half of the level of the wall (the 90th
    percentile within the mask) that lies within 12 mm of the mid-wall radius of the mask's
    middle ring, from apex to valve plane. Only `pose` is the estimator's.
    """
    positions = pose.to_cardiac(
        apply_affine(volume.patient_from_index, np.moveaxis(np.indices(volume.shape), 0, -1))
    )
    x, y, z = np.moveaxis(positions, -1, 0)
    held = _sample(mask, pose.to_patient(positions)) > 0.5
    ring_mm = float(np.median(np.hypot(x, y)[held & (np.abs(z) < 10)]))
    across_mm = np.hypot(x, y) - ring_mm * np.sqrt(1 - np.clip(-z / HALF_LENGTH_MM, 0, 1) ** 2)
    level = float(np.percentile(volume.counts[held], 90))
    shown = (np.abs(across_mm) < 12) & (volume.counts > 0.5 * level)
    halves = {"apical": (z > -HALF_LENGTH_MM) & (z < 0), "basal": (z >= 0) & (z < HALF_LENGTH_MM)}
    return {
        name: round(float((held & shown & half).sum() / (shown & half).sum()), 2)
        for name, half in halves.items()
    }


def cut_like(mask: WallMask, pose: RigidPose, other: WallMask, other_pose: RigidPose) -> WallMask:
    """Leave out of a mask what another one lacks at the same cardiac positions.

    It tells what an incomplete mask does to the axis of a heart whose pose is not in question.
    The other mask is taken a voxel larger than it is.
    """
    grown = replace(other, wall=ndimage.binary_dilation(other.wall))
    there = other_pose.to_patient(pose.to_cardiac(mask.points_mm))
    kept = np.zeros_like(mask.wall)
    kept[tuple(np.argwhere(mask.wall)[_sample(grown, there) > 0.5].T)] = True
    return measure_wall(kept, mask.patient_from_index)


def _sample(mask: WallMask, points_mm: FloatArray) -> FloatArray:
    indices = apply_affine(invert_affine(mask.patient_from_index), points_mm)
    values: FloatArray = ndimage.map_coordinates(
        mask.wall.astype(np.float64), np.moveaxis(indices, -1, 0), order=1
    )
    return values


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


def _axis_by_symmetry(
    wall: np.ndarray, affine: FloatArray, points: FloatArray, start: FloatArray
) -> FloatArray:
    smooth = ndimage.gaussian_filter(wall.astype(np.float64), 0.7)
    index_from_patient = invert_affine(affine)
    middle = _cavity_middle(points)
    frame = np.linalg.svd(start[:, np.newaxis])[0]

    def axis_of(change: FloatArray) -> FloatArray:
        axis: FloatArray = start + frame[:, 1:] @ change[:2]
        return axis / np.linalg.norm(axis)

    def uncovered(change: FloatArray) -> float:
        offsets = points - middle - frame[:, 1:] @ change[2:]
        turns = [Rotation.from_rotvec(axis_of(change) * angle) for angle in SYMMETRY_TURNS]
        turned = np.concatenate([points - offsets + turn.apply(offsets) for turn in turns])
        indices = apply_affine(index_from_patient, turned).T
        return -float(ndimage.map_coordinates(smooth, indices, order=1).mean())

    simplex = np.vstack([np.zeros(4), np.diag([0.3, 0.3, 6.0, 6.0])])
    fit = optimize.minimize(
        uncovered, np.zeros(4), method="Nelder-Mead", options={"initial_simplex": simplex}
    )
    return axis_of(fit.x)
