"""Frames of the written series, each row one image, with walls and directions named."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from shortaxis.anatomy.cardiac_views import CardiacView, Wall
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.workflow.drawing.canvas import MUTED, Box, Sheet, Style, halo, text_style
from shortaxis.workflow.drawing.display_scale import UPPER_PERCENT
from shortaxis.workflow.drawing.shown_heart import TILE_HALF_WIDTH_MM, half_length_mm
from shortaxis.workflow.drawing.slice_tiles import (
    LABEL_PX,
    NUMBER_PX,
    TILE_PX,
    draw_row,
    name_walls,
    slice_colours,
)
from shortaxis.workflow.review_sheet.content import ReviewSheetContent
from shortaxis.workflow.review_sheet.enlarging import enlarged_frames, middle_frame
from shortaxis.workflow.review_sheet.frames import ShownFrames, shown_frames
from shortaxis.workflow.review_sheet.layout import (
    COLOUR_BAR_BOX,
    COLUMNS,
    MARGIN,
    ROWS,
    STRIP_LEFT,
    STRIP_TOPS,
)

__all__ = ["draw_colour_bar", "draw_slices"]

SCALE_BAR_MM = 50.0
AT_LEAST = "\N{GREATER-THAN OR EQUAL TO}"

LEGEND = ("corner: frame number", "blue: outside field")
AXIS_COLOUR = "#8fd3ff"
TICK_PX = 5
"""Half a tick."""


def draw_slices(sheet: Sheet, content: ReviewSheetContent, level: float) -> None:
    """Draw frames of the three views below each other, apex to base first."""
    for view, top in zip(CardiacView, STRIP_TOPS, strict=True):
        volume, pose = content.views[view], content.pose
        frames, columns = shown_frames(view, volume, pose, content.estimate.extent), COLUMNS[view]
        box = Box(STRIP_LEFT, top, columns * TILE_PX, ROWS[view] * TILE_PX)
        axes = sheet.axes(box, view.value)
        tiles = enlarged_frames(volume, frames.indices, pose, content.volume)
        for first in range(0, len(tiles), columns):
            row_top = first // columns * TILE_PX
            draw_row(axes, tiles[first : first + columns] / level, row_top)
            name_walls(axes, view, row_top)
        axes.set(xlim=(0, box.width), ylim=(box.height, 0))
        _number_frames(axes, frames, columns)
        _draw_scale_bar(axes, min(len(tiles), columns) * TILE_PX)
        if view is not CardiacView.SHORT_AXIS:
            place = frames.indices.index(middle_frame(volume, pose, frames.indices))
            _draw_long_axis(axes, view, place, content.estimate.extent)
        _draw_caption(sheet, view, box, frames)


def _number_frames(axes: Axes, frames: ShownFrames, columns: int) -> None:
    """Write the number of the frame into the upper left corner of every tile."""
    for place, number in enumerate(frames.numbers):
        row, column = divmod(place, columns)
        axes.text(
            column * TILE_PX + 5,
            row * TILE_PX + 4,
            f"{number}",
            color="white",
            ha="left",
            va="top",
            gid="frame number",
            path_effects=halo("black", 3),
            **text_style(NUMBER_PX),
        )


def _draw_long_axis(
    axes: Axes, view: CardiacView, place: int, extent: LeftVentricleExtent | None
) -> None:
    """Draw the long axis into a tile, with ticks at apex and base where they are known."""
    half = half_length_mm(extent) * TILE_PX / (2 * TILE_HALF_WIDTH_MM)
    center = np.array([(place + 0.5) * TILE_PX, TILE_PX / 2])
    to_apex = np.array([view.axes.row, view.axes.column]) @ Wall.APEX.value
    ends = [center + half * to_apex, center - half * to_apex]
    style: Style = {"color": AXIS_COLOUR, "linewidth": 1, "alpha": 0.8}
    axes.plot(*np.transpose(ends), gid="long axis", **style)
    if extent is None:
        return
    across = TICK_PX * to_apex[::-1]
    for name, end in zip(("apex", "base"), ends, strict=True):
        axes.plot(*np.transpose([end - across, end + across]), gid=name, **style)


def _draw_scale_bar(axes: Axes, row_end: float) -> None:
    """Draw the bar into the last tile of the first row, where no walls are named."""
    length = SCALE_BAR_MM * TILE_PX / (2 * TILE_HALF_WIDTH_MM)
    right, low = row_end - 10, TILE_PX - 10
    bar: Style = {"color": "white", "path_effects": halo("black", 4)}
    axes.plot([right - length, right], [low, low], linewidth=2, gid="scale bar", **bar)
    words = f"{SCALE_BAR_MM:g} mm"
    axes.text(right, low - 5, words, ha="right", va="bottom", **bar, **text_style(LABEL_PX))


def _draw_caption(sheet: Sheet, view: CardiacView, box: Box, frames: ShownFrames) -> None:
    walls = view.axes.walls()
    words = view.title.replace("long axis", "\nlong axis").split("\n")
    for number, line in enumerate(words):
        sheet.text((MARGIN, box.top + 4 + 22 * number), line, 18, fontweight="bold")
    top = box.top + 10 + 22 * len(words)
    arrow = "\N{RIGHTWARDS ARROW}"
    ends = f"{walls['first'].name.lower()} {arrow} {walls['last'].name.lower()}"
    sheet.text((MARGIN, top), ends, 15)
    lines = frames.caption.replace(", ", ",\n").split("\n")
    for number, line in enumerate(lines, start=1):
        sheet.text((MARGIN, top + 22 * number), line, 15, color=MUTED)
    if view is CardiacView.SHORT_AXIS:
        top += 22 * (len(lines) + 1) + 6
        for number, line in enumerate(LEGEND):
            sheet.text((MARGIN, top + 19 * number), line, 13, color=MUTED)


def draw_colour_bar(sheet: Sheet) -> None:
    """Draw the scale of the slices, in percent of the level of the myocardium."""
    box = COLOUR_BAR_BOX
    axes = sheet.axes(box, "colour bar")
    gradient = np.linspace(1, 0, 256)[:, None]
    axes.imshow(gradient, cmap=slice_colours(), aspect="auto", interpolation="bilinear")
    for percent in (0, 25, 50, 75, 100):
        # The end labels stay within the length of the bar.
        top = float(np.clip(box.bottom - box.height * percent / 100, box.top + 5, box.bottom - 5))
        # The hottest tenth of the wall lies above: its colour is a range, not a value.
        words = f"{AT_LEAST} {percent}" if percent == 100 else f"{percent}"
        sheet.text((box.right + 5, top), words, 14, va="center")
    middle = box.top + box.height / 2
    place = (box.right + 37, middle)
    words = f"% of myocardial level (100 % = {UPPER_PERCENT:.0f}th percentile of wall peaks)"
    sheet.text(place, words, 14, va="center", rotation="vertical", color=MUTED)
