"""A network of the wall that is not trained, and a trust that is made up."""

from __future__ import annotations

import numpy as np

from shortaxis.anatomy.hybrid_grid import RAY_ANGLES, RAY_ROWS, ray_points_mm
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.weights import BoundLaw
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.trust import BOUNDED_WALL_ERRORS, WallLimits, WallTrust
from shortaxis.ventricle.valve_plane import ValvePlane

POSE = RigidPose(np.eye(3), np.array([4.0, -6.0, 10.0]))

TRUST = WallTrust(
    {name: BoundLaw(2.0, 1.0) for name in BOUNDED_WALL_ERRORS}, WallLimits(3.0, 8.0, 0.1)
)

GRID = (RAY_ROWS, RAY_ANGLES)


def bullet_surfaces(inner_mm: float, outer_mm: float, valve_z_mm: float) -> VentricleSurfaces:
    """Two half balls about the hinge with tubes of the same radii, muscle up to the valve plane."""
    valve = ValvePlane.from_heights(valve_z_mm, 0.0, 0.0, (0.0, 0.0))
    inner, outer = np.full(GRID, inner_mm), np.full(GRID, outer_mm)
    is_wall = valve.above_mm(ray_points_mm((inner + outer) / 2)) <= 0
    return VentricleSurfaces(
        POSE, inner, outer, np.ones((2, *GRID)), is_wall, is_wall, valve, "drawn"
    )


def hot_bullet(voxel_mm: float = 4.0, size: int = 48) -> SpectVolume:
    """Counts of 100 in the wall of a bullet of 20 to 30 mm, 10 elsewhere, around `POSE`."""
    affine = np.zeros((4, 4))
    affine[0, 2] = affine[1, 1] = affine[2, 0] = voxel_mm
    affine[:3, 3] = POSE.center_mm - voxel_mm * (size - 1) / 2
    affine[3, 3] = 1
    index = np.moveaxis(np.indices((size,) * 3), 0, -1)
    points = POSE.to_cardiac(index @ affine[:3, :3].T + affine[:3, 3])
    height = np.minimum(points[..., 2] + 12.0, 0)
    radius = np.sqrt((points[..., :2] ** 2).sum(axis=-1) + height**2)
    counts: CountsArray = np.where(
        (radius > 20) & (radius < 30) & (points[..., 2] < 35), 100.0, 10.0
    ).astype(np.float32)
    return SpectVolume(counts, affine)


def outputs_of(inner_mm: float, outer_mm: float, valve_z_mm: float) -> dict[str, FloatArray]:
    """What a network would say of that bullet."""
    return {
        "middle_mm": np.full(GRID, (inner_mm + outer_mm) / 2),
        "thickness_mm": np.full(GRID, outer_mm - inner_mm),
        "log_scale": np.zeros((2, *GRID)),
        "is_wall": np.ones(GRID),
        "is_seen": np.ones(GRID),
        "valve": np.array([valve_z_mm, 0.1, -0.2, 2.0, 3.0]),
        "log_spread": np.log(np.array([1.0, 2.0, 3.0, 0.1, 4.0])),
    }
