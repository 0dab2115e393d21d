"""Slices of moved inputs, cut by their re-estimated poses, beside those of the unmoved input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.patches import FancyArrowPatch

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.geometry.affines import affine_from_axes, geometric_center_mm
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.geometry.pose_errors import long_axis_angle_deg, pose_errors
from shortaxis.reorientation.consistency import Answer
from shortaxis.reorientation.moved_volumes import with_moved_counts
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.consistency.layout import (
    COLOUR_BAR_BOX,
    COLUMNS,
    GAP_PX,
    MARGIN,
    STRIP_LEFT,
    STRIP_TOPS,
)
from shortaxis.workflow.consistency.measuring import Consistency
from shortaxis.workflow.drawing.canvas import MUTED, Box, Sheet, halo
from shortaxis.workflow.drawing.display_scale import myocardial_level
from shortaxis.workflow.drawing.shown_heart import TILE_HALF_WIDTH_MM, half_length_mm
from shortaxis.workflow.drawing.slice_tiles import (
    SOURCE_COLOURS,
    TILE_PX,
    name_walls,
    slice_colours,
)

__all__ = ["Shown", "draw_tiles", "shown_inputs"]

INPUT_HALF_WIDTH_MM = 100.0
WALL_INSETS = (11, 11)
AXIS_COLOUR = "#e4003a"

CAPTIONS = (
    ("Input as moved", "transaxial, through", "the centre found;", "arrow: to the apex"),
    ("Short axis", "mid-ventricular,", "cut by the pose", "found in each input"),
    ("Horizontal", "long axis,", "cut by the pose", "found in each input"),
)


@dataclass(frozen=True, eq=False)
class Shown:
    """One column: an input, the pose found in it, and two lines about it."""

    volume: SpectVolume
    pose: RigidPose
    heading: str
    words: str


def shown_inputs(consistency: Consistency) -> list[Shown]:
    """The unmoved input, six by the angle of their turn from least to most, and the worst one.

    The rest is chosen by rule, so that nobody picks the nice ones.
    """
    unmoved = consistency.unmoved_pose
    columns = [Shown(consistency.study.volume, unmoved, "not moved", "")]
    mean = consistency.resampled.mean
    if mean is None:
        return columns
    found = [
        (answer, pose) for answer in consistency.resampled.answers if (pose := answer.moved_back)
    ]
    found.sort(key=lambda pair: pair[0].motion.turn_deg)
    worst = max(found, key=lambda pair: long_axis_angle_deg(pair[1], mean))
    others = [pair for pair in found if pair is not worst]
    places = np.linspace(0, len(others) - 1, min(COLUMNS - 2, len(others))).round().astype(int)
    columns += [_shown(consistency, others[place], mean) for place in places]
    return [*columns, _shown(consistency, worst, mean, "farthest: ")]


def draw_tiles(sheet: Sheet, consistency: Consistency) -> None:
    """Draw a column for each input: as it came, across the heart, along the heart."""
    volume, estimate = consistency.study.volume, consistency.estimate
    level = myocardial_level(volume, consistency.unmoved_pose, estimate.extent)
    fixed = consistency.unmoved_pose.center_mm
    for number, shown in enumerate(shown_inputs(consistency)):
        left = STRIP_LEFT + number * (TILE_PX + GAP_PX)
        _draw_heading(sheet, shown, left)
        boxes = [Box(left, top, TILE_PX, TILE_PX) for top in STRIP_TOPS]
        axes = [sheet.axes(box, f"tile {number} {row}") for row, box in enumerate(boxes)]
        _draw_input(axes[0], shown, fixed, level, half_length_mm(estimate.extent))
        _draw_view(axes[1], shown, CardiacView.SHORT_AXIS, level)
        _draw_view(axes[2], shown, CardiacView.HORIZONTAL_LONG_AXIS, level)
        if number == 0:
            name_walls(axes[1], CardiacView.SHORT_AXIS, 0, WALL_INSETS)
            name_walls(axes[2], CardiacView.HORIZONTAL_LONG_AXIS, 0, WALL_INSETS)
    sheet.text((MARGIN, STRIP_TOPS[0] - 46), "Turned, shifted by", 14, fontweight="bold")
    sheet.text((MARGIN, STRIP_TOPS[0] - 24), "pose off the mean", 14, color=MUTED)
    _draw_colour_bar(sheet)
    for lines, top in zip(CAPTIONS, STRIP_TOPS, strict=True):
        sheet.text((MARGIN, top + 4), lines[0], 16, fontweight="bold")
        for row, line in enumerate(lines[1:], start=1):
            sheet.text((MARGIN, top + 8 + 21 * row), line, 14, color=MUTED)


def _shown(
    consistency: Consistency, pair: tuple[Answer, RigidPose], mean: RigidPose, before: str = ""
) -> Shown:
    motion, back = pair[0].motion, pair[1]
    errors = pose_errors(back, mean)
    return Shown(
        with_moved_counts(consistency.study.volume, motion),
        compose(motion.pose, back),
        f"{before}{motion.turn_deg:.0f}\N{DEGREE SIGN}, {motion.shift_length_mm:.0f} mm",
        f"off {errors.long_axis_deg:.1f}\N{DEGREE SIGN}, {errors.center_mm:.1f} mm",
    )


def _draw_heading(sheet: Sheet, shown: Shown, left: float) -> None:
    middle = left + TILE_PX / 2
    sheet.text((middle, STRIP_TOPS[0] - 46), shown.heading, 15, ha="center", fontweight="bold")
    sheet.text((middle, STRIP_TOPS[0] - 24), shown.words, 15, ha="center", color=MUTED)


def _draw_input(
    axes: Axes, shown: Shown, fixed_mm: FloatArray, level: float, half_length: float
) -> None:
    """A transaxial plane at a fixed place of the scanner, at the height of the centre found."""
    step = 2 * INPUT_HALF_WIDTH_MM / TILE_PX
    shape = (1, TILE_PX, TILE_PX)
    affine = affine_from_axes(((0, 0, 1), (0, 1, 0), (1, 0, 0)), step, (0, 0, 0))
    middle = np.array([*fixed_mm[:2], shown.pose.center_mm[2]])
    affine[:3, 3] = middle - geometric_center_mm(affine, shape)
    plane = shown.volume.resampled(Grid(shape, affine)).counts[0] / level
    _show(axes, plane, SOURCE_COLOURS)
    ends = shown.pose.to_patient([(0, 0, half_length), (0, 0, -half_length)])
    columns, rows = ((ends - affine[:3, 3])[:, :2] / step).T
    arrow = FancyArrowPatch(
        (columns[0], rows[0]),
        (columns[1], rows[1]),
        arrowstyle="-|>",
        mutation_scale=12,
        color=AXIS_COLOUR,
        linewidth=1.6,
        shrinkA=0,
        shrinkB=0,
        path_effects=halo("white"),
    )
    axes.add_patch(arrow)


def _draw_view(axes: Axes, shown: Shown, view: CardiacView, level: float) -> None:
    step = 2 * TILE_HALF_WIDTH_MM / TILE_PX
    grid = view_grid(view, shown.pose, (1, TILE_PX, TILE_PX), step)
    _show(axes, shown.volume.resampled(grid, "cubic").counts[0] / level, slice_colours())


def _draw_colour_bar(sheet: Sheet) -> None:
    """Draw the scale of the slices in percent of the level of the myocardium."""
    box = COLOUR_BAR_BOX
    axes = sheet.axes(box, "colour bar")
    gradient = np.linspace(1, 0, 256)[:, None]
    axes.imshow(gradient, cmap=slice_colours(), aspect="auto", interpolation="bilinear")
    for percent in (0, 50, 100):
        top = float(np.clip(box.bottom - box.height * percent / 100, box.top + 6, box.bottom - 6))
        sheet.text((box.right + 4, top), f"{percent}", 13, va="center", color=MUTED)
    sheet.text((box.right - 12, box.top - 20), "% level", 13, color=MUTED)


def _show(axes: Axes, plane: CountsArray, colours: str | Colormap) -> None:
    axes.imshow(plane, cmap=colours, vmin=0, vmax=1, interpolation="none", aspect="auto")
    axes.set(xlim=(-0.5, TILE_PX - 0.5), ylim=(TILE_PX - 0.5, -0.5))
