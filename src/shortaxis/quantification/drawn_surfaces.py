"""A traced wall on the rays that surfaces are drawn on, and surfaces on the rays of a tracing.

The tracing finds the middle of the wall alone, so its surfaces lie half a usual wall inside and
outside of it. The other way round, the middle of drawn surfaces takes the place of what the tracing
would have found, and what is measured on it is measured in the same way.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator

from shortaxis.anatomy.heart_sizes import HALF_WALL_MM
from shortaxis.anatomy.hybrid_grid import (
    POLAR_ROWS,
    RAY_ANGLES,
    RAY_ROWS,
    grid_places,
    ray_points_mm,
)
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.tracing import TracedVentricle
from shortaxis.quantification.trust import CLEAR, reasons_to_review
from shortaxis.quantification.ventricle_ends import VentricleEnds
from shortaxis.quantification.wall_rays import WallRays, wall_rays
from shortaxis.quantification.wall_surface import surface_at
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.seen_from import distances_along
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.valve_plane import ValvePlane

__all__ = ["TRACED_WALL", "surfaces_of_tracing", "tracing_of_surfaces"]

TRACED_WALL = "tracing"


def surfaces_of_tracing(traced: TracedVentricle, volume: SpectVolume) -> VentricleSurfaces:
    """What a tracing says of the wall, on the hybrid grid."""
    surface, ends = traced.surface, traced.ends
    middle, clearness = _on_grid(surface.points_mm, surface.clearness)
    valve = ValvePlane.from_heights(
        ends.valve_z_mm, ends.valve_slope_x, ends.valve_slope_y, (0.0, 0.0)
    )
    is_wall = valve.above_mm(ray_points_mm(middle)) <= 0
    return VentricleSurfaces(
        traced.pose,
        np.maximum(middle - HALF_WALL_MM, 0.5),
        middle + HALF_WALL_MM,
        np.full((2, RAY_ROWS, RAY_ANGLES), np.inf),
        is_wall,
        is_wall & (clearness > CLEAR),
        valve,
        TRACED_WALL,
        reasons=reasons_to_review(traced, volume),
    )


def tracing_of_surfaces(drawn: VentricleSurfaces, volume: SpectVolume) -> TracedVentricle:
    """The middle of drawn surfaces as a tracing, with the counts of the wall there."""
    slope_x, slope_y = drawn.valve.slopes
    # Heights are told at the ventricle's own axis, as the tracing does at the pose's.
    ends = VentricleEnds(
        drawn.apex_z_mm, drawn.valve.on_axis_mm, slope_x, slope_y, _valve_part(drawn)
    )
    # The first row of the body lies in every ventricle.
    radius = float(drawn.middle_mm[POLAR_ROWS].mean())
    rays = wall_rays(ends.apex_z_mm + HALF_WALL_MM, ends.valve_z_mm, radius)
    distance = distances_along(drawn.middle_mm, _feet(rays), rays.directions)
    return TracedVentricle(drawn.pose, surface_at(volume, drawn.pose, rays, distance), ends)


def _valve_part(drawn: VentricleSurfaces) -> float:
    """Part of the directions in which the last muscle below the plane is seen."""
    last = drawn.is_wall.shape[0] - 1 - drawn.is_wall[::-1].argmax(axis=0)
    return float(drawn.is_seen[last, np.arange(RAY_ANGLES)].mean())


def _feet(rays: WallRays) -> FloatArray:
    feet = np.zeros((*rays.shape, 3))
    feet[..., 2] = rays.foot_z_mm[:, None]
    return feet


def _on_grid(points_mm: FloatArray, clearness: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Radius and clearness (row, angle) of the grid from scattered points of a surface."""
    row, angle, radius = (each.ravel() for each in grid_places(points_mm))
    known = np.stack([radius, clearness.ravel()], axis=1)
    # Once around on either side, so that the first and the last angle have neighbours.
    places = np.concatenate(
        [np.stack([row, angle + turn * RAY_ANGLES], axis=1) for turn in (-1, 0, 1)]
    )
    known = np.concatenate([known] * 3)
    wanted = np.argwhere(np.ones((RAY_ROWS, RAY_ANGLES)))
    found = LinearNDInterpolator(places, known)(wanted)
    lost = np.isnan(found).any(axis=1)
    # Beyond the last traced ring a surface goes on as it ended.
    if lost.any():
        found[lost] = NearestNDInterpolator(places, known)(wanted[lost])
    shaped = found.reshape(RAY_ROWS, RAY_ANGLES, 2)
    return shaped[..., 0], shaped[..., 1]
