"""Rays that cross the wall of the left ventricle once each: hybrid sampling.

Around the body of the ventricle rays leave the long axis at right angles (cylindrical), around the
apex they leave one point on it in all directions (spherical), and where the two meet, they are
the same. So a ray crosses the wall nearly at right angles everywhere (Garcia et al., J Nucl Med
1990;31:1658).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

__all__ = ["ANGLES", "STEP_MM", "WallRays", "sampled_along", "wall_rays"]

ANGLES = 48
"""Directions about the long axis: 3.7 mm apart on a wall of 28 mm radius."""

POLAR_DIRECTIONS = 12
"""From the apex to the right angle, 7.5 degrees apart."""

ROW_MM = 3.5
"""Distance of the rays' feet along the long axis."""

STEP_MM = 1.25
"""Between samples along a ray."""


@dataclass(frozen=True, eq=False)
class WallRays:
    """Rays in the cardiac frame, apex first.

    Parameters
    ----------
    foot_z_mm : (row,) array
        Where each row's rays leave the long axis.
    polar_rad : (row,) array
        Angle between ray and apex direction: 0 at the apex, a right angle along the body.
    """

    foot_z_mm: FloatArray
    polar_rad: FloatArray

    @cached_property
    def angles_deg(self) -> FloatArray:
        """Cardiac angles (angle,) of the columns, none on the border of two segments."""
        step = 360.0 / ANGLES
        angles: FloatArray = np.arange(step / 2, 360.0, step)
        return angles

    @cached_property
    def directions(self) -> FloatArray:
        """Unit vectors (row, angle, 3)."""
        polar = self.polar_rad[:, None]
        angle = np.deg2rad(self.angles_deg)[None]
        across = np.sin(polar)
        along = np.broadcast_to(-np.cos(polar), (polar.size, angle.size))
        return np.stack([across * np.cos(angle), across * np.sin(angle), along], axis=-1)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and angles."""
        return self.foot_z_mm.size, ANGLES

    def points(self, distance_mm: FloatArray) -> FloatArray:
        """Cardiac points ``(..., 3)`` mm at distances ``(row, angle, ...)`` from the feet."""
        extra = (1,) * (distance_mm.ndim - 2)
        directions = self.directions.reshape(*self.shape, *extra, 3)
        points: FloatArray = directions * distance_mm[..., None]
        points[..., 2] += self.foot_z_mm.reshape(-1, *(1,) * (distance_mm.ndim - 1))
        return points


def wall_rays(apex_z_mm: float, base_z_mm: float, radius_mm: float) -> WallRays:
    """Rays for a ventricle whose mid-wall apex and valve plane lie at these heights.

    The spherical part is as deep as the ventricle is wide, but never more than half of it; the
    rows go on for 15 mm beyond the valve plane, so that the end of the wall is seen.
    """
    depth_mm = min(radius_mm, 0.45 * (base_z_mm - apex_z_mm))
    hinge_mm = apex_z_mm + depth_mm
    polar = np.linspace(0, np.pi / 2, POLAR_DIRECTIONS, endpoint=False)
    body = np.arange(hinge_mm, base_z_mm + BEYOND_MM, ROW_MM)
    return WallRays(
        foot_z_mm=np.concatenate([np.full(polar.size, hinge_mm), body]),
        polar_rad=np.concatenate([polar, np.full(body.size, np.pi / 2)]),
    )


BEYOND_MM = 15.0


def sampled_along(
    volume: SpectVolume, pose: RigidPose, rays: WallRays, distances_mm: FloatArray
) -> FloatArray:
    """Counts ``(row, angle, distance)`` by one trilinear interpolation of the original voxels.

    Beyond the field of view they are zero.
    """
    spread = np.broadcast_to(distances_mm, (*rays.shape, distances_mm.size))
    index_from_cardiac = invert_affine(volume.patient_from_index) @ pose.matrix
    index = apply_affine(index_from_cardiac, rays.points(spread))
    counts: FloatArray = ndimage.map_coordinates(
        volume.counts, np.moveaxis(index, -1, 0), order=1, cval=0.0, output=np.float64
    )
    return counts
