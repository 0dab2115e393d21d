"""Cuts through the counts with the wall on them.

Where a line leaves the wall, no number means anything.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.geometry.grids import Grid
from shortaxis.workflow.drawing.colour_steps import GREY_STEPS, stepped
from shortaxis.workflow.drawing.wall_lines import draw_wall_lines
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy

__all__ = ["draw_traced_cut", "traced_cut_grid"]

REACH_MM = 64.0
"""Half the edge of a cut."""

CUT_VOXEL_MM = 1.0


def draw_traced_cut(
    axes: Axes, quantified: QuantifiedStudy, view: CardiacView, height: float = 0.5
) -> None:
    """Draw a cut through the middle of the ventricle, or a short-axis one at a height, 0 to 1."""
    grid = traced_cut_grid(quantified, view, height)
    counts = quantified.study.volume.resampled(grid).counts[0]
    size = counts.shape[0]
    axes.imshow(
        counts,
        cmap=stepped("gray_r", GREY_STEPS),
        vmin=0,
        vmax=quantified.traced.polar_map.level_100,
        extent=(-0.5, size - 0.5, size - 0.5, -0.5),
        interpolation="bilinear",
    )
    draw_wall_lines(axes, quantified.wall.outlines.on_slice(grid.patient_from_index))
    axes.set(xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5), aspect="equal")


def traced_cut_grid(quantified: QuantifiedStudy, view: CardiacView, height: float = 0.5) -> Grid:
    """The one slice of a cut."""
    traced, pose = quantified.traced, quantified.pose
    part = height if view is CardiacView.SHORT_AXIS else 0.5
    z = traced.ends.apex_z_mm + part * traced.length_mm
    moved = type(pose)(pose.patient_from_cardiac, pose.to_patient(np.array([0.0, 0.0, z])))
    size = int(2 * REACH_MM / CUT_VOXEL_MM)
    return view_grid(view, moved, (1, size, size), CUT_VOXEL_MM)
