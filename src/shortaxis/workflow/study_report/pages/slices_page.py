"""The page of slices: stress above rest, at the same places of the ventricle."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.arrays import CountsArray
from shortaxis.workflow.drawing.canvas import MUTED, Box, Sheet, halo, text_style
from shortaxis.workflow.drawing.slice_tiles import (
    NUMBER_PX,
    TILE_PX,
    draw_row,
    name_walls,
    slice_colours,
)
from shortaxis.workflow.drawing.tile_style import OUTSIDE_WORDS
from shortaxis.workflow.drawing.wall_lines import ON_WARM, draw_wall_lines, lines_legend
from shortaxis.workflow.quantify.wording import wall_title, wall_words
from shortaxis.workflow.study_report.exams.pairing import QuantifiedPair
from shortaxis.workflow.study_report.pages.matched_slices import (
    SHORT_AXIS_TILES,
    MatchedSlices,
    matched_slices,
)
from shortaxis.workflow.study_report.pages.sheets import MARGIN, TOP, new_page

__all__ = ["LEFT", "draw_rows", "draw_scale", "draw_slices_page"]

LEFT = 150
"""Of the tiles; beside them stands which exam they are of."""

PER_ROW = 8

LINE_WIDTH = 0.7
"""Of the wall, points: what lies below must be seen through."""

GAP, TITLE = 14, 26


def draw_slices_page(pair: QuantifiedPair) -> Figure:
    """Draw 16 short-axis and 5 slices of each long axis of every exam, 1600 pixels across."""
    exams = [each.quantified for each in pair.exams]
    block = len(exams) * TILE_PX
    bands = SHORT_AXIS_TILES // PER_ROW + 2
    height = TOP + bands * (block + GAP) + 2 * TITLE + 40
    sheet = new_page(pair, "slices", height)
    short, *long_axes = matched_slices(exams)
    top = float(TOP)
    titles = [each.title for each in pair.exams]
    for first in range(0, SHORT_AXIS_TILES, PER_ROW):
        _draw_band(sheet, short, slice(first, first + PER_ROW), (LEFT, top), titles)
        top += block + GAP
    for shown in long_axes:
        top += TITLE
        _draw_band(sheet, shown, slice(None), (LEFT, top), titles)
        sheet.text((LEFT, top - TITLE), f"{shown.view.title}, {_from_where(shown)}", 16)
        top += block + GAP
    legend = lines_legend(exams[0].wall.outlines.surfaces, ON_WARM)
    words = (
        f"Short axis, apex to base, {_step(short):g} mm apart, mm from the traced apex; {legend}"
    )
    sheet.text((LEFT, TOP - 2), words, 16, va="bottom")
    parts = [f"{wall_title(exams[0])}: {wall_words(exams[0])}"]
    parts += ["the base is not sure, see the notes"] * any(each.base_doubt for each in exams)
    parts += [OUTSIDE_WORDS] * _reaches_outside([short, *long_axes])
    sheet.text((LEFT, height - 32), "; ".join(parts), 15, va="bottom", color=MUTED)
    draw_scale(sheet, Box(LEFT + PER_ROW * TILE_PX + 24, TOP, 16, height - TOP - 60))
    return sheet.figure


def _reaches_outside(views: list[MatchedSlices]) -> bool:
    return any(bool(np.isnan(tiles).any()) for shown in views for tiles in shown.tiles)


def draw_rows(sheet: Sheet, view: CardiacView, tiles: CountsArray, place: tuple[float, float],
              labels: list[str]) -> Axes:  # fmt: skip
    """Draw one row of tiles with its walls named and a label in the corner of each; its axes."""
    left, top = place
    box = Box(left, top, len(tiles) * TILE_PX, TILE_PX)
    axes = sheet.axes(box, f"{view.value} {left:g} {top:g}")
    draw_row(axes, tiles, 0)
    name_walls(axes, view, 0)
    _label(axes, labels)
    axes.set(xlim=(0, box.width), ylim=(box.height, 0))
    return axes


def draw_scale(sheet: Sheet, box: Box) -> None:
    """Draw the scale of the slices, in per cent of the hottest twentieth of the wall."""
    axes = sheet.axes(box, "scale")
    axes.imshow(np.linspace(1, 0, 256)[:, None], cmap=slice_colours(), aspect="auto")
    for percent in (0, 25, 50, 75, 100):
        top = box.bottom - box.height * percent / 100
        sheet.text((box.right + 6, top), f"{percent}", 14, va="center")
    words = "% of the hottest twentieth of each exam's wall"
    place = (box.right + 40, box.top + box.height / 2)
    sheet.text(place, words, 14, va="center", rotation="vertical", color=MUTED)


def _draw_band(
    sheet: Sheet, shown: MatchedSlices, part: slice, place: tuple[float, float], titles: list[str]
) -> None:
    """Draw the same places of every exam below each other."""
    left, top = place
    labels = [f"{place_mm:.0f}" for place_mm in shown.places_mm[part]]
    for tiles, lines in zip(shown.tiles, shown.lines, strict=True):
        axes = draw_rows(sheet, shown.view, tiles[part], (left, top), labels)
        for number, of_tile in enumerate(lines[part]):
            # Pixels of a tile are counted from their centres, those of a row from its corner.
            draw_wall_lines(axes, of_tile, (number * TILE_PX + 0.5, 0.5), LINE_WIDTH, ON_WARM)
        top += TILE_PX
    for number, title in enumerate(titles):
        middle = place[1] + (number + 0.5) * TILE_PX
        sheet.text((MARGIN, middle), title, 20, va="center", fontweight="bold")


def _label(axes: Axes, labels: list[str]) -> None:
    for number, words in enumerate(labels):
        axes.text(
            number * TILE_PX + 5,
            4,
            words,
            color="white",
            ha="left",
            va="top",
            path_effects=halo("black", 3),
            **text_style(NUMBER_PX),
        )


def _step(shown: MatchedSlices) -> float:
    first, second = shown.places_mm[:2]
    return round(second - first, 1)


def _from_where(shown: MatchedSlices) -> str:
    walls = shown.view.axes.walls()
    return f"{walls['first'].name.lower()} to {walls['last'].name.lower()}, mm from the long axis"
