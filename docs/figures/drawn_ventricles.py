"""Both ventricles as plain formulas in the cardiac frame, cut by any plane.

A left ventricle is half an ellipsoid with a wall; a right ventricle is a larger one beside
the septum. Nothing here knows about views: the planes come from `shortaxis.anatomy`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

Array = NDArray[np.float64]

LENGTH_MM, RADIUS_MM, WALL_MM = 84.0, 31.0, 10.0
VALVE_MM = LENGTH_MM / 2
WIDEST_MM = 0.2 * LENGTH_MM
AXIS_MM = 0.7 * LENGTH_MM


@dataclass(frozen=True)
class Cut:
    """Signed levels of one plane, negative inside; each of shape (row, column)."""

    wall: Array
    cavity: Array
    right_wall: Array
    right_cavity: Array


def cut_ventricles(cardiac_points: Array) -> Cut:
    """Levels at cardiac points ``(row, column, 3)`` mm."""
    x, y, z = np.moveaxis(cardiac_points, -1, 0)
    beyond_valve = (z - VALVE_MM) / RADIUS_MM
    epicardium = _ellipsoid((x, y, z - WIDEST_MM), (RADIUS_MM, RADIUS_MM, AXIS_MM))
    inner = RADIUS_MM - WALL_MM
    endocardium = _ellipsoid((x, y, z - WIDEST_MM), (inner, inner, AXIS_MM - WALL_MM))
    right = _right_ventricle(x, y, z, 0.0)
    right_inner = _right_ventricle(x, y, z, 4.5)
    outside_left = -epicardium
    return Cut(
        wall=np.maximum.reduce([epicardium, -endocardium, beyond_valve]),
        cavity=np.maximum(endocardium, beyond_valve),
        right_wall=np.maximum.reduce([right, -right_inner, outside_left, beyond_valve]),
        right_cavity=np.maximum.reduce([right_inner, outside_left, beyond_valve]),
    )


def epicardial_rings(count: int = 7, points: int = 121) -> Array:
    """Circles around the epicardium from near the apex to the base, ``(ring, point, 3)`` mm."""
    apex = WIDEST_MM - AXIS_MM
    depths = np.linspace(apex + 5, VALVE_MM, count)
    around = np.linspace(0, 2 * np.pi, points)
    rings = np.empty((count, points, 3))
    for ring, z in zip(rings, depths, strict=True):
        radius = RADIUS_MM * np.sqrt(1 - ((z - WIDEST_MM) / AXIS_MM) ** 2)
        ring[:, 0], ring[:, 1], ring[:, 2] = radius * np.cos(around), radius * np.sin(around), z
    return rings


def convex_outline(projected: Array) -> Array:
    """Outline of projected points ``(point, 2)``, anticlockwise."""
    outline: Array = projected[ConvexHull(projected).vertices]
    return outline


def epicardial_points() -> Array:
    """A dense cloud on the epicardium from apex to valve plane, ``(point, 3)`` mm."""
    polar = np.linspace(0, np.arccos((WIDEST_MM - VALVE_MM) / AXIS_MM), 90)
    around = np.linspace(0, 2 * np.pi, 121)
    polar, around = np.meshgrid(polar, around)
    radius = RADIUS_MM * np.sin(polar)
    depth = WIDEST_MM - AXIS_MM * np.cos(polar)
    points = np.stack([radius * np.cos(around), radius * np.sin(around), depth], axis=-1)
    return points.reshape(-1, 3)


def _right_ventricle(x: Array, y: Array, z: Array, inward_mm: float) -> Array:
    radii = (36.0 - inward_mm, 34.0 - inward_mm, 52.0 - inward_mm)
    return _ellipsoid((x + 20, y, z - 20), radii)


def _ellipsoid(offsets: tuple[Array, ...], radii: tuple[float, ...]) -> Array:
    squares = [(offset / radius) ** 2 for offset, radius in zip(offsets, radii, strict=True)]
    level: Array = np.sqrt(sum(squares)) - 1
    return level
