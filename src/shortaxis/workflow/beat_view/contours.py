"""Where surfaces of the wall cut the three views, as lines with the same points in every slot.

Lines are in mm of the screen: to the right, and down, from the middle of the cut. Since every point
of a line stays the same point of the wall, lines of several slots can be joined over the beat.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.arrays import FloatArray
from shortaxis.ventricle.surfaces import VentricleSurfaces

__all__ = ["SURFACE_PARTS", "valve_line", "wall_contours"]

SURFACE_PARTS: Mapping[str, float] = {"endocardium": 0.0, "epicardium": 1.0}
"""Depths in the wall of the surfaces that are drawn."""

SIDE_POINTS = 12
"""From the apex to the valve plane."""

HALF_PLANE_MM = 40.0


def wall_contours(
    surfaces: VentricleSurfaces, view: CardiacView, z_mm: float
) -> dict[str, FloatArray]:
    """Lines (point, 2) of endo- and epicardium in a cut through the axis at a height.

    Parameters
    ----------
    surfaces : VentricleSurfaces
        Of one time slot.
    view : CardiacView
        Short-axis cuts lie across the axis at `z_mm`, long-axis cuts along it.
    z_mm : float
        Height of the middle of the cut in the frame of the pose.
    """
    cut = _ring if view is CardiacView.SHORT_AXIS else _sides
    return {
        name: cut(surfaces, surfaces.points_mm(part), view, z_mm)
        for name, part in SURFACE_PARTS.items()
    }


def valve_line(surfaces: VentricleSurfaces, view: CardiacView, z_mm: float) -> FloatArray | None:
    """The valve plane (2, 2) in a long-axis cut; None in a short-axis one."""
    if view is CardiacView.SHORT_AXIS:
        return None
    slope = surfaces.valve.slopes[0 if view is CardiacView.HORIZONTAL_LONG_AXIS else 1]
    across = np.array([-HALF_PLANE_MM, HALF_PLANE_MM])
    return _on_screen(across, surfaces.valve.on_axis_mm + slope * across - z_mm, view)


def _ring(_: VentricleSurfaces, points: FloatArray, view: CardiacView, z_mm: float) -> FloatArray:
    """Closed; where the wall ends below the cut, its last points."""
    del view
    around = [*range(points.shape[1]), 0]
    return np.array(
        [[np.interp(z_mm, points[:, k, 2], points[:, k, axis]) for axis in (0, 1)] for k in around]
    )


def _sides(
    surfaces: VentricleSurfaces, points: FloatArray, view: CardiacView, z_mm: float
) -> FloatArray:
    """From one side's base through the apex to the other's."""
    quarter = points.shape[1] // 4
    axis, column = (0, 0) if view is CardiacView.HORIZONTAL_LONG_AXIS else (1, quarter)
    above = surfaces.valve.above_mm(points)
    one, other = (
        _up_to_the_valve(points[:, each], above[:, each])[:, [axis, 2]]
        for each in (column, column + 2 * quarter)
    )
    line = np.concatenate([one[::-1], other])
    return _on_screen(line[:, 0], line[:, 1] - z_mm, view)


def _up_to_the_valve(points: FloatArray, above_mm: FloatArray) -> FloatArray:
    """Points (12, 3) along a meridian (row, 3), evenly from the apex to the valve plane."""
    beyond = np.flatnonzero(above_mm > 0)
    last = int(beyond[0]) if beyond.size and beyond[0] > 0 else len(points) - 1
    low, high = above_mm[last - 1], above_mm[last]
    part = float(np.clip(-low / (high - low), 0, 1)) if high > low else 1.0
    rows = np.linspace(0, last - 1 + part, SIDE_POINTS)
    known = np.arange(len(points))
    return np.stack([np.interp(rows, known, points[:, k]) for k in range(3)], axis=1)


def _on_screen(across: FloatArray, along: FloatArray, view: CardiacView) -> FloatArray:
    """Across the axis against along it: the apex is up, or to the right."""
    is_horizontal = view is CardiacView.HORIZONTAL_LONG_AXIS
    return np.stack((across, along) if is_horizontal else (-along, across), axis=1)
