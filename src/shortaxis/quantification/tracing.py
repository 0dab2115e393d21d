"""Trace the left ventricle in counts: surface, ends and polar map, and how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shortaxis.anatomy.heart_sizes import (
    HALF_WALL_MM,
    TYPICAL_LENGTH_MM,
    TYPICAL_RADIUS_MM,
    VALVE_BEHIND_WIDEST,
)
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.polar_map import PolarMap, points_at, polar_map_of, rising_heights
from shortaxis.quantification.ventricle_ends import VentricleEnds, find_ends
from shortaxis.quantification.wall_rays import WallRays, wall_rays
from shortaxis.quantification.wall_surface import WallSurface, find_surface
from shortaxis.spect.volume import SpectVolume

__all__ = ["TracedVentricle", "trace_ventricle"]

NARROWEST = 0.6
"""Radius at the base, of the widest."""

PASSES = 2


@dataclass(frozen=True, eq=False)
class TracedVentricle:
    """A left ventricle in counts, in the cardiac frame of `pose`."""

    pose: RigidPose
    surface: WallSurface
    ends: VentricleEnds

    @cached_property
    def polar_map(self) -> PolarMap:
        """The wall laid flat."""
        return polar_map_of(self.surface, self.ends)

    @property
    def length_mm(self) -> float:
        """From the epicardial apex to the centre of the valve plane."""
        return self.ends.length_mm

    @cached_property
    def radius_mm(self) -> float:
        """Largest mean radius of the mid-wall surface before the valve plane."""
        points = self.surface.points_mm
        inside = (self.ends.heights(points) < 1).all(axis=1)
        return float(np.hypot(points[inside, :, 0], points[inside, :, 1]).mean(axis=1).max())

    @cached_property
    def volume_ml(self) -> float:
        """Inside the mid-wall surface, from the apex to the valve plane.

        The sum of the tetrahedra between one point inside and the triangles of the closed surface
        (Gauss).
        """
        rising = rising_heights(self.surface, self.ends)
        heights = np.linspace(float(rising[0, 0]), 1.0, VOLUME_RINGS)
        rings = points_at(self.surface, rising, heights)
        lid = np.broadcast_to(rings[-1].mean(axis=0), rings[-1:].shape)
        rings = np.concatenate([rings, lid]) - np.array([0.0, 0.0, self.ends.valve_z_mm])
        ahead = np.roll(rings, -1, axis=1)
        triangles = (
            (rings[:-1], rings[1:], ahead[1:]),
            (rings[:-1], ahead[1:], ahead[:-1]),
        )
        sixfold = sum(float((np.cross(a, b) * c).sum()) for a, b, c in triangles)
        return abs(sixfold) / 6 / 1000


VOLUME_RINGS = 60


def trace_ventricle(
    volume: SpectVolume,
    pose: RigidPose,
    length_mm: float = TYPICAL_LENGTH_MM,
    radius_mm: float = TYPICAL_RADIUS_MM,
) -> TracedVentricle:
    """Trace the wall around a pose.

    Parameters
    ----------
    volume : SpectVolume
        Counts in any grid, transaxial or short-axis: they are sampled once, where the rays lie.
    pose : RigidPose
        Axes and centre of the left ventricle.
    length_mm, radius_mm : float
        About how large it is: from epicardial apex to valve plane, and to the middle of the wall.
    """
    apex, base = -length_mm / 2 + HALF_WALL_MM, length_mm / 2
    for _ in range(PASSES):
        rays = wall_rays(apex, base, radius_mm)
        surface = find_surface(volume, pose, rays, _ellipsoid(rays, apex, base, radius_mm))
        ends = find_ends(surface, base)
        traced = TracedVentricle(pose, surface, ends)
        apex, base, radius_mm = ends.apex_z_mm + HALF_WALL_MM, ends.valve_z_mm, traced.radius_mm
    return traced


def _ellipsoid(rays: WallRays, apex: float, base: float, radius_mm: float) -> FloatArray:
    """Distance (row, angle) from the feet to an ellipsoid, open at the base."""
    axial = (base - apex) / (1 + VALVE_BEHIND_WIDEST)
    middle = apex + axial
    foot = (rays.foot_z_mm - middle) / axial
    across, along = np.sin(rays.polar_rad) / radius_mm, -np.cos(rays.polar_rad) / axial
    # |foot + s * direction| = 1 in units of the semi-axes.
    a, b, c = across**2 + along**2, along * foot, foot**2 - 1
    distance = (-b + np.sqrt(np.maximum(b**2 - a * c, 0))) / a
    distance = np.where(
        rays.polar_rad == np.pi / 2, np.maximum(distance, NARROWEST * radius_mm), distance
    )
    return np.repeat(distance[:, None], rays.shape[1], axis=1)
