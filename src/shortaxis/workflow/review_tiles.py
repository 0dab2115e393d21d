"""Frames of the written series, each row one image, with walls and directions named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from scipy import ndimage

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.display_scale import UPPER_PERCENT
from shortaxis.workflow.review_canvas import MUTED, Box, Sheet, Style, halo, text_style
from shortaxis.workflow.review_frames import ShownFrames, shown_frames
from shortaxis.workflow.review_layout import (
    COLOUR_BAR_BOX,
    COLUMNS,
    MARGIN,
    ROWS,
    SLICE_COLOURS,
    STRIP_LEFT,
    STRIP_TOPS,
    TILE_HALF_WIDTH_MM,
    TILE_PX,
)
from shortaxis.workflow.review_sheet import ReviewSheetContent

__all__ = ["draw_colour_bar", "draw_slices", "enlarged_frames"]

GAP_PX, GAP_COLOUR = 2, "#4a5160"
SCALE_BAR_MM = 50.0
LABEL_PX, NUMBER_PX = 14, 12

LEGEND = "corner: frame number"


def draw_slices(sheet: Sheet, content: ReviewSheetContent, level: float) -> None:
    """Draw frames of the three views below each other, apex to base first."""
    for view, top in zip(CardiacView, STRIP_TOPS, strict=True):
        volume, pose = content.views[view], content.pose
        frames = shown_frames(view, volume, pose, content.estimate.extent)
        box = Box(STRIP_LEFT, top, COLUMNS * TILE_PX, ROWS[view] * TILE_PX)
        axes = sheet.axes(box, view.value)
        tiles = enlarged_frames(volume, frames.indices, pose)
        for first in range(0, len(tiles), COLUMNS):
            row_top = first // COLUMNS * TILE_PX
            _draw_row(axes, tiles[first : first + COLUMNS] / level, row_top)
            _name_walls(axes, view, row_top)
        axes.set(xlim=(0, box.width), ylim=(box.height, 0))
        _number_frames(axes, frames)
        _draw_scale_bar(axes, min(len(tiles), COLUMNS) * TILE_PX)
        _draw_caption(sheet, view, box, frames)


def enlarged_frames(volume: SpectVolume, indices: Sequence[int], pose: RigidPose) -> CountsArray:
    """Frames as tiles ``(tile, row, column)`` around the pose's centre, enlarged in plane only.

    A spline passes through the counts of the frame. NaN where the frame ends.
    """
    center = apply_affine(invert_affine(volume.patient_from_index), pose.center_mm)[1:]
    pixels = 2 * TILE_HALF_WIDTH_MM / TILE_PX / volume.spacing_mm[1:]
    tiles = np.empty((len(indices), TILE_PX, TILE_PX), dtype=np.float32)
    for tile, index in zip(tiles, indices, strict=True):
        ndimage.affine_transform(
            volume.counts[index],
            pixels,
            offset=center - pixels * (TILE_PX - 1) / 2,
            output=tile,
            order=3,
            cval=np.nan,
        )
    return tiles


def _draw_row(axes: Axes, tiles: CountsArray, top: float) -> None:
    """Draw tiles beside each other, in parts of the level."""
    tiles = tiles.copy()
    tiles[:, :, -GAP_PX:] = tiles[:, -GAP_PX:, :] = np.nan
    width = len(tiles) * TILE_PX
    axes.imshow(
        np.ma.masked_invalid(tiles.swapaxes(0, 1).reshape(TILE_PX, width)),
        cmap=_slice_colours(),
        vmin=0,
        vmax=1,
        extent=(0, width, top + TILE_PX, top),
        interpolation="none",
        aspect="auto",
    )


def _slice_colours() -> Colormap:
    scale = LinearSegmentedColormap.from_list("myocardium", SLICE_COLOURS)
    return scale.with_extremes(bad=GAP_COLOUR)


def _name_walls(axes: Axes, view: CardiacView, top: float) -> None:
    """Name the walls at the four sides of the first tile of a row."""
    walls, middle, inset = view.axes.walls(), TILE_PX / 2, 10
    places = {
        "top": (middle, top + inset, 0),
        "bottom": (middle, top + TILE_PX - inset - GAP_PX, 0),
        "left": (inset, top + middle, 90),
        "right": (TILE_PX - inset - GAP_PX, top + middle, 270),
    }
    for side, (x, y, rotation) in places.items():
        axes.text(
            x,
            y,
            walls[side].label,
            rotation=rotation,
            color="white",
            ha="center",
            va="center",
            path_effects=halo("black", 3),
            **text_style(LABEL_PX),
        )


def _number_frames(axes: Axes, frames: ShownFrames) -> None:
    """Write the number of the frame into the upper left corner of every tile."""
    for place, number in enumerate(frames.numbers):
        row, column = divmod(place, COLUMNS)
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
        sheet.text((MARGIN, top + 22 * (len(lines) + 1) + 6), LEGEND, 13, color=MUTED)


def draw_colour_bar(sheet: Sheet) -> None:
    """Draw the scale of the slices, in percent of the level of the myocardium."""
    box = COLOUR_BAR_BOX
    axes = sheet.axes(box, "colour bar")
    gradient = np.linspace(1, 0, 256)[:, None]
    axes.imshow(gradient, cmap=_slice_colours(), aspect="auto", interpolation="bilinear")
    for percent in (0, 25, 50, 75, 100):
        # The end labels stay within the length of the bar.
        top = float(np.clip(box.bottom - box.height * percent / 100, box.top + 5, box.bottom - 5))
        sheet.text((box.right + 5, top), f"{percent}", 14, va="center")
    middle = box.top + box.height / 2
    place = (box.right + 37, middle)
    words = f"% of myocardial level (100 % = {UPPER_PERCENT:.0f}th percentile of wall peaks)"
    sheet.text(place, words, 14, va="center", rotation="vertical", color=MUTED)
