"""Volumes and lengths from surfaces on the hybrid grid, by exact integration between its rays.

In polar coordinates the volume inside a surface is a third of the integral of the cubed radius over
the solid angle; around the body it is a stack of slices, each half the integral of the squared
radius over the angle. The valve plane cuts the slices along straight lines, which is taken exactly,
too: along each direction a slice reaches from the plane, or to it.
"""

from __future__ import annotations

import numpy as np

from shortaxis.anatomy.hybrid_grid import (
    BODY_HEIGHTS_MM,
    BODY_ROWS,
    BODY_STEP_MM,
    HINGE_Z_MM,
    POLAR_ROWS,
    RAY_ANGLES,
    ray_points_mm,
)
from shortaxis.geometry.arrays import FloatArray
from shortaxis.ventricle.seen_from import sampled_on_grid
from shortaxis.ventricle.valve_plane import ValvePlane

__all__ = ["apex_z_mm", "cavity_ml", "wall_ml"]

POLAR_BANDS = 48
"""Of the solid angle below the hinge, of equal height of the unit sphere."""

SLICE_MM = 1.0

FINER = 4
"""Directions between two rays, taken from a straight line between them in the radius."""


def cavity_ml(endocardium_mm: FloatArray, valve: ValvePlane) -> float:
    """Volume inside a surface, from the apex to the valve plane, ml.

    Parameters
    ----------
    endocardium_mm : (row, angle) array
        Radii on the hybrid grid.
    valve : ValvePlane
        In the same frame; it is taken to lie above the hinge everywhere.
    """
    everywhere = np.ones_like(endocardium_mm)
    return _volume_ml(endocardium_mm, everywhere, valve)


def wall_ml(
    endocardium_mm: FloatArray,
    epicardium_mm: FloatArray,
    is_wall: FloatArray,
    valve: ValvePlane,
) -> float:
    """Volume of the muscle between two surfaces, ml.

    `is_wall` (row, angle), 0 to 1, is the part of what lies along a ray that is muscle: 0 at the
    membranous septum. What the valve plane cuts off is cut off exactly.
    """
    # A ray beyond the plane says nothing of muscle; its neighbour below the plane does.
    filled = _filled_beyond(is_wall, endocardium_mm, epicardium_mm, valve)
    outer = _volume_ml(epicardium_mm, filled, valve)
    return outer - _volume_ml(endocardium_mm, filled, valve)


def apex_z_mm(surface_mm: FloatArray) -> float:
    """Height z_c of a surface on the axis, at the apex.

    Around the pole the radius is an even function of the angle: ``a + b * tilt**2`` through the
    means of the first two rows, half a step and one and a half steps away.
    """
    first, second = surface_mm[:2].mean(axis=1)
    return float(HINGE_Z_MM - (first - (second - first) / 8))


def _volume_ml(radius_mm: FloatArray, kept: FloatArray, valve: ValvePlane) -> float:
    angle = np.arange(RAY_ANGLES * FINER) / FINER
    turn = 2 * np.pi / angle.size
    # Equal steps of the cosine of the tilt are equal parts of the solid angle.
    tilt = np.arccos((np.arange(POLAR_BANDS) + 0.5) / POLAR_BANDS)
    steps = tilt / (np.pi / 2 / POLAR_ROWS) - 0.5
    rows = np.where(steps <= POLAR_ROWS - 1, steps, 2 * steps - (POLAR_ROWS - 1))
    polar = _meshed(radius_mm, rows, angle) ** 3 * _meshed(kept, rows, angle)
    below = polar.sum() * turn / POLAR_BANDS / 3
    return float(below + _body_mm3(radius_mm, kept, valve, angle)) / 1000


def _body_mm3(
    radius_mm: FloatArray, kept: FloatArray, valve: ValvePlane, angle: FloatArray
) -> float:
    heights = np.arange(HINGE_Z_MM + SLICE_MM / 2, BODY_HEIGHTS_MM[-1], SLICE_MM)
    rows = POLAR_ROWS + (heights - HINGE_Z_MM) / BODY_STEP_MM
    outer = _meshed(radius_mm, rows, angle)
    turns = 2 * np.pi * angle / RAY_ANGLES
    slope_x, slope_y = valve.slopes
    slope = slope_x * np.cos(turns) + slope_y * np.sin(turns)
    # Along a direction the plane lies at on_axis + slope * radius: beyond or before one radius.
    room = (heights - valve.on_axis_mm)[:, None]
    steep = np.where(np.abs(slope) < 1e-9, 1e-9, slope)[None]
    border = np.clip(room / steep, 0, outer)
    area = np.where(steep > 0, outer**2 - border**2, border**2)
    turn = 2 * np.pi / angle.size
    return float((area * _meshed(kept, rows, angle)).sum() * turn / 2 * SLICE_MM)


def _meshed(values: FloatArray, rows: FloatArray, angle: FloatArray) -> FloatArray:
    return sampled_on_grid(values, *np.meshgrid(rows, angle, indexing="ij"))


def _filled_beyond(
    is_wall: FloatArray, inner: FloatArray, outer: FloatArray, valve: ValvePlane
) -> FloatArray:
    beyond = valve.above_mm(ray_points_mm((inner + outer) / 2)) > 0
    filled = np.array(is_wall, dtype=np.float64)
    for row in range(POLAR_ROWS, POLAR_ROWS + BODY_ROWS):
        filled[row] = np.where(beyond[row], filled[row - 1], filled[row])
    return filled
