"""Cuts through the counts with the traced wall on them.

Where the line leaves the wall, no number means anything.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.tracing import TracedVentricle
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy

__all__ = ["CUTS_LEGEND", "draw_traced_cut"]

REACH_MM = 64.0
"""Half the edge of a cut."""

CUT_VOXEL_MM = 1.0

WALL, PLANE = "#e4003a", "#1556b0"

CUTS_LEGEND = "red: middle of the wall; blue: valve plane; inverse grey, black at 100 %"


def draw_traced_cut(
    axes: Axes, quantified: QuantifiedStudy, view: CardiacView, height: float = 0.5
) -> None:
    """Draw a cut through the middle of the ventricle, or a short-axis one at a height, 0 to 1."""
    _draw_counts(axes, quantified, view, height)
    if view is CardiacView.SHORT_AXIS:
        _draw_ring(axes, quantified.traced, height)
    else:
        _draw_meridians(axes, quantified.traced, view)


def _z_of(traced: TracedVentricle, height: float) -> float:
    return traced.ends.apex_z_mm + height * traced.length_mm


def _draw_counts(axes: Axes, quantified: QuantifiedStudy, view: CardiacView, height: float) -> None:
    """One cut through the counts, in mm from the middle of the traced ventricle."""
    traced, pose = quantified.traced, quantified.pose
    z = _z_of(traced, height if view is CardiacView.SHORT_AXIS else 0.5)
    moved = type(pose)(pose.patient_from_cardiac, pose.to_patient(np.array([0.0, 0.0, z])))
    size = int(2 * REACH_MM / CUT_VOXEL_MM)
    grid = view_grid(view, moved, (1, size, size), CUT_VOXEL_MM)
    counts = quantified.study.volume.resampled(grid).counts[0]
    axes.imshow(
        counts,
        cmap="gray_r",
        vmin=0,
        vmax=traced.polar_map.level_100,
        extent=(-REACH_MM, REACH_MM, REACH_MM, -REACH_MM),
        interpolation="bilinear",
    )
    axes.set(xlim=(-REACH_MM, REACH_MM), ylim=(REACH_MM, -REACH_MM), aspect="equal")


def _draw_ring(axes: Axes, traced: TracedVentricle, height: float) -> None:
    points = traced.surface.points_mm
    wanted = _z_of(traced, height)
    ring = np.array(
        [
            [np.interp(wanted, points[:, angle, 2], points[:, angle, axis]) for axis in (0, 1)]
            for angle in range(points.shape[1])
        ]
    )
    closed = np.vstack([ring, ring[:1]])
    axes.plot(closed[:, 0], closed[:, 1], color=WALL, linewidth=1.2)


def _draw_meridians(axes: Axes, traced: TracedVentricle, view: CardiacView) -> None:
    points, ends = traced.surface.points_mm, traced.ends
    count = points.shape[1]
    inside = ends.heights(points) <= 1
    middle = _z_of(traced, 0.5)
    is_horizontal = view is CardiacView.HORIZONTAL_LONG_AXIS
    columns, across, slope = (
        ((0, count // 2), 0, ends.valve_slope_x)
        if is_horizontal
        else ((count // 4, 3 * count // 4), 1, ends.valve_slope_y)
    )
    for column in columns:
        # The cut lies between two columns.
        meridian = (points[:, column] + points[:, column - 1]) / 2
        kept = inside[:, column] & inside[:, column - 1]
        _plot(axes, meridian[kept, across], meridian[kept, 2] - middle, is_horizontal)
    width = np.array([-45.0, 45.0])
    valve = ends.valve_z_mm + slope * width - middle
    _plot(axes, width, valve, is_horizontal, PLANE)


def _plot(
    axes: Axes, across: FloatArray, along: FloatArray, is_horizontal: bool, colour: str = WALL
) -> None:
    """Across the axis against along it: the apex is up, or to the right."""
    x, y = (across, along) if is_horizontal else (-along, across)
    axes.plot(x, y, color=colour, linewidth=1.2)
