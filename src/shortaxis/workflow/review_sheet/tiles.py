"""Frames of the written series, each row one image, with walls and directions named."""

from __future__ import annotations

import numpy as np

from shortaxis.anatomy.cardiac_views import CardiacView, Wall
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.workflow.drawing.box import Box
from shortaxis.workflow.drawing.display_scale import UPPER_PERCENT
from shortaxis.workflow.drawing.inks import MUTED, PAPER
from shortaxis.workflow.drawing.marks import Rim
from shortaxis.workflow.drawing.painted_sheet import PaintedSheet, Panel, WordsStyle
from shortaxis.workflow.drawing.shown_heart import TILE_HALF_WIDTH_MM, half_length_mm
from shortaxis.workflow.drawing.tile_style import (
    LABEL_PX,
    NUMBER_PX,
    SHOWN_PX,
    SLICE_SCALE,
    TILE_PX,
    named_walls,
    side_by_side,
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
BLACK = "#000000"
AXIS_PX = 1.4
TICK_PX = 5
"""Half a tick."""


def draw_slices(sheet: PaintedSheet, content: ReviewSheetContent, level: float) -> None:
    """Draw frames of the three views below each other, apex to base first."""
    for view, top in zip(CardiacView, STRIP_TOPS, strict=True):
        volume, pose = content.views[view], content.pose
        frames, columns = shown_frames(view, volume, pose, content.estimate.extent), COLUMNS[view]
        box = Box(STRIP_LEFT, top, columns * TILE_PX, ROWS[view] * TILE_PX)
        panel = sheet.panel(box, view.value)
        tiles = enlarged_frames(volume, frames.indices, pose, content.volume)
        for first in range(0, len(tiles), columns):
            row_top = first // columns * TILE_PX
            row = side_by_side(tiles[first : first + columns] / level)
            panel.picture(row, SLICE_SCALE, row_top)
            _name_walls(panel, view, row_top)
        _draw_outlines(panel, view, frames, content)
        _number_frames(panel, frames, columns)
        _draw_scale_bar(panel, min(len(tiles), columns) * TILE_PX)
        if view is not CardiacView.SHORT_AXIS:
            place = frames.indices.index(middle_frame(volume, pose, frames.indices))
            _draw_long_axis(panel, view, place, content.estimate.extent)
        _draw_caption(sheet, view, box, frames, content.legend)


def _name_walls(panel: Panel, view: CardiacView, row_top: float) -> None:
    for words, place, turn in named_walls(view, row_top):
        middle, rim = (0.5, 0.5), Rim(BLACK, 3)
        panel.text(place, words, LABEL_PX, colour=PAPER, anchor=middle, turn=turn, rim=rim)


def _draw_outlines(
    panel: Panel, view: CardiacView, frames: ShownFrames, content: ReviewSheetContent
) -> None:
    """Draw the outlines of every frame on its tile, where they end."""
    for place, index in enumerate(frames.indices):
        row, column = divmod(place, COLUMNS[view])
        corner = np.array([column, row]) * TILE_PX
        tile = Box(panel.box.left + corner[0], panel.box.top + corner[1], SHOWN_PX, SHOWN_PX)
        for line in content.outlines(view, index):
            points = corner + TILE_PX / 2 + line.points_mm * (TILE_PX / (2 * TILE_HALF_WIDTH_MM))
            panel.line(points, line.colour, line.width_px, name=line.name, clip=tile)


def _number_frames(panel: Panel, frames: ShownFrames, columns: int) -> None:
    """Write the number of the frame into the upper left corner of every tile."""
    for place, number in enumerate(frames.numbers):
        row, column = divmod(place, columns)
        corner = (column * TILE_PX + 5, row * TILE_PX + 4)
        style: WordsStyle = {"colour": PAPER, "rim": Rim(BLACK, 3), "name": "frame number"}
        panel.text(corner, f"{number}", NUMBER_PX, **style)


def _draw_long_axis(
    panel: Panel, view: CardiacView, place: int, extent: LeftVentricleExtent | None
) -> None:
    """Draw the long axis into a tile, with ticks at apex and base where they are known."""
    half = half_length_mm(extent) * TILE_PX / (2 * TILE_HALF_WIDTH_MM)
    center = np.array([(place + 0.5) * TILE_PX, TILE_PX / 2])
    to_apex = np.array([view.axes.row, view.axes.column]) @ Wall.APEX.value
    ends = [center + half * to_apex, center - half * to_apex]
    panel.line(ends, AXIS_COLOUR, AXIS_PX, opacity=0.8, name="long axis")
    if extent is None:
        return
    across = TICK_PX * to_apex[::-1]
    for name, end in zip(("apex", "base"), ends, strict=True):
        panel.line([end - across, end + across], AXIS_COLOUR, AXIS_PX, opacity=0.8, name=name)


def _draw_scale_bar(panel: Panel, row_end: float) -> None:
    """Draw the bar into the last tile of the first row, where no walls are named."""
    length = SCALE_BAR_MM * TILE_PX / (2 * TILE_HALF_WIDTH_MM)
    right, low = row_end - 10, TILE_PX - 10
    bar, rim = [(right - length, low), (right, low)], Rim(BLACK, 4)
    panel.line(bar, PAPER, 2.8, rim=rim, name="scale bar")
    words = f"{SCALE_BAR_MM:g} mm"
    panel.text((right, low - 5), words, LABEL_PX, colour=PAPER, anchor=(1, 1), rim=rim)


def _draw_caption(
    sheet: PaintedSheet,
    view: CardiacView,
    box: Box,
    frames: ShownFrames,
    legend: tuple[str, ...],
) -> None:
    walls = view.axes.walls()
    words = view.title.replace("long axis", "\nlong axis").split("\n")
    for number, line in enumerate(words):
        sheet.text((MARGIN, box.top + 4 + 22 * number), line, 18, bold=True)
    top = box.top + 10 + 22 * len(words)
    arrow = "\N{RIGHTWARDS ARROW}"
    ends = f"{walls['first'].name.lower()} {arrow} {walls['last'].name.lower()}"
    sheet.text((MARGIN, top), ends, 15)
    lines = frames.caption.replace(", ", ",\n").split("\n")
    for number, line in enumerate(lines, start=1):
        sheet.text((MARGIN, top + 22 * number), line, 15, colour=MUTED)
    if view is CardiacView.SHORT_AXIS:
        top += 22 * (len(lines) + 1) + 6
        for number, line in enumerate((*LEGEND, *legend)):
            sheet.text((MARGIN, top + 19 * number), line, 13, colour=MUTED)


def draw_colour_bar(sheet: PaintedSheet) -> None:
    """Draw the scale of the slices, in percent of the level of the myocardium."""
    box = COLOUR_BAR_BOX
    height, width = round(box.height), round(box.width)
    gradient = np.broadcast_to(
        np.linspace(1, 0, height, dtype=np.float32)[:, None], (height, width)
    )
    sheet.panel(box, "colour bar").picture(gradient, SLICE_SCALE)
    for percent in (0, 25, 50, 75, 100):
        # The end labels stay within the length of the bar.
        top = float(np.clip(box.bottom - box.height * percent / 100, box.top + 5, box.bottom - 5))
        # The hottest tenth of the wall lies above: its colour is a range, not a value.
        words = f"{AT_LEAST} {percent}" if percent == 100 else f"{percent}"
        sheet.text((box.right + 5, top), words, 14, anchor=(0, 0.5))
    middle = box.top + box.height / 2
    place = (box.right + 46, middle)
    words = f"% of myocardial level (100 % = {UPPER_PERCENT:.0f}th percentile of wall peaks)"
    sheet.text(place, words, 14, anchor=(0.5, 0.5), turn=90, colour=MUTED)
