"""The mid-wall surface of the left ventricle as an ellipsoid of revolution."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from shortaxis.geometry.arrays import FloatArray

__all__ = ["SurfaceNodes", "WallEllipsoid", "perpendicular_axes"]


@dataclass(frozen=True, eq=False)
class WallEllipsoid:
    """Centre of the ellipsoid (LPS mm), unit vector to the apex, semi-axes (mm).

    A point of the surface is ``origin + axial cos(eta) apex + radial sin(eta) e(phi)`` with
    the eccentric angle ``eta`` (0 at the apex, 90 degrees at the widest place) and the unit
    vector ``e(phi)`` across the axis. The wall ends at the valve plane, somewhat beyond 90.
    """

    origin_mm: FloatArray
    apex_direction: FloatArray
    axial_mm: float
    radial_mm: float

    def nodes(self, eta: FloatArray, phi: FloatArray) -> SurfaceNodes:
        """Points and outward normals at every pair of the angles (radians)."""
        first, second = perpendicular_axes(self.apex_direction)
        outward = np.cos(phi)[:, None] * first + np.sin(phi)[:, None] * second
        cosine, sine = np.cos(eta)[:, None, None], np.sin(eta)[:, None, None]
        axis = self.apex_direction
        from_origin = self.axial_mm * cosine * axis + self.radial_mm * sine * outward
        normals = cosine / self.axial_mm * axis + sine / self.radial_mm * outward
        normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
        return SurfaceNodes(eta, outward, from_origin, normals)


@dataclass(frozen=True, eq=False)
class SurfaceNodes:
    """A grid of surface points.

    `eta` (n,), `outward` (m, 3) the unit vectors across the axis, `from_origin` (n, m, 3) mm
    from the ellipsoid's centre, `normals` (n, m, 3) pointing out of the heart.
    """

    eta: FloatArray
    outward: FloatArray
    from_origin: FloatArray
    normals: FloatArray


def perpendicular_axes(direction: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Two unit vectors that make a right-handed frame ``(first, second, direction)``."""
    # Of single vectors plain numbers are ten times faster than arrays.
    x, y, z = direction.tolist()
    first = (-y, x, 0.0) if abs(z) < 0.9 else (0.0, -z, y)
    length = math.hypot(*first)
    a, b, c = (each / length for each in first)
    second = (y * c - z * b, z * a - x * c, x * b - y * a)
    return np.array([a, b, c]), np.array(second)
