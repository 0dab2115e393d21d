"""The slices, each row one tiled image, with walls and directions named."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.review_canvas import MUTED, Box, Sheet, Style, halo, text_style
from shortaxis.workflow.review_layout import (
    COLOUR_BAR_BOX,
    MARGIN,
    SLICE_COLOURS,
    STRIP_LEFT,
    STRIP_TOPS,
    TILE_PX,
    half_length_mm,
    half_width_mm,
    mid_wall_radius_mm,
)
from shortaxis.workflow.review_sheet import ReviewSheetContent

__all__ = ["COLUMNS", "draw_colour_bar", "draw_slices", "tiled_slices"]

COLUMNS = 8

ROWS = {
    CardiacView.SHORT_AXIS: 2,
    CardiacView.VERTICAL_LONG_AXIS: 1,
    CardiacView.HORIZONTAL_LONG_AXIS: 1,
}

GAP_PX, GAP_COLOUR = 2, "#4a5160"
SCALE_BAR_MM = 50.0
LABEL_PX = 14


@dataclass(frozen=True)
class Span:
    """Which slices of a view are shown: `count` of them within +-`half_mm` of the centre."""

    count: int
    half_mm: float

    @property
    def step_mm(self) -> float:
        """Distance between neighbours."""
        return 2 * self.half_mm / (self.count - 1)


def slice_span(view: CardiacView, extent: LeftVentricleExtent | None) -> Span:
    """Apex to base for the short axis, mid-wall to mid-wall for the long axes."""
    along = view is CardiacView.SHORT_AXIS
    half_mm = half_length_mm(extent) if along else mid_wall_radius_mm(extent)
    return Span(ROWS[view] * COLUMNS, half_mm)


def tiled_slices(
    view: CardiacView, volume: SpectVolume, pose: RigidPose, extent: LeftVentricleExtent | None
) -> CountsArray:
    """Slices of one view as an image of ``ROWS[view]`` x 8 square tiles, in stacking order."""
    span = slice_span(view, extent)
    grid = _tile_grid(view, pose, span, 2 * half_width_mm(extent) / TILE_PX)
    counts = volume.resampled(grid, "cubic").counts.copy()
    counts[:, :, -GAP_PX:] = counts[:, -GAP_PX:, :] = np.nan
    rows = counts.reshape(ROWS[view], COLUMNS, TILE_PX, TILE_PX)
    tiled: CountsArray = rows.swapaxes(1, 2).reshape(ROWS[view] * TILE_PX, COLUMNS * TILE_PX)
    return tiled


def _tile_grid(view: CardiacView, pose: RigidPose, span: Span, pixel_mm: float) -> Grid:
    axes, shape = view.axes, (span.count, TILE_PX, TILE_PX)
    cardiac_from_index = affine_from_axes(
        (axes.stacking, axes.column, axes.row), (span.step_mm, pixel_mm, pixel_mm), (0, 0, 0)
    )
    middle: FloatArray = (np.array(shape) - 1) / 2
    cardiac_from_index[:3, 3] = -cardiac_from_index[:3, :3] @ middle
    return Grid(shape, pose.matrix @ cardiac_from_index)


def draw_slices(sheet: Sheet, content: ReviewSheetContent, level: float) -> None:
    """Draw the three views below each other, apex to base first."""
    for view, top in zip(CardiacView, STRIP_TOPS, strict=True):
        box = Box(STRIP_LEFT, top, COLUMNS * TILE_PX, ROWS[view] * TILE_PX)
        axes = sheet.axes(box, view.value)
        extent = content.estimate.extent
        counts = tiled_slices(view, content.views[view], content.pose, extent)
        axes.imshow(
            np.ma.masked_invalid(counts / level),
            cmap=_slice_colours(),
            vmin=0,
            vmax=1,
            extent=(0, box.width, box.height, 0),
            interpolation="none",
            aspect="auto",
        )
        axes.set(xlim=(0, box.width), ylim=(box.height, 0))
        for row in range(ROWS[view]):
            _name_walls(axes, view, row * TILE_PX)
        _draw_scale_bar(axes, box, extent)
        _draw_caption(sheet, view, box, slice_span(view, extent))


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


def _draw_scale_bar(axes: Axes, box: Box, extent: LeftVentricleExtent | None) -> None:
    length = SCALE_BAR_MM * TILE_PX / (2 * half_width_mm(extent))
    right, low = box.width - 10, box.height - 10
    bar: Style = {"color": "white", "path_effects": halo("black", 4)}
    axes.plot([right - length, right], [low, low], linewidth=2, **bar)
    words = f"{SCALE_BAR_MM:g} mm"
    axes.text(right, low - 5, words, ha="right", va="bottom", **bar, **text_style(LABEL_PX))


def _draw_caption(sheet: Sheet, view: CardiacView, box: Box, span: Span) -> None:
    walls = view.axes.walls()
    words = view.title.replace("long axis", "\nlong axis").split("\n")
    for number, line in enumerate(words):
        sheet.text((MARGIN, box.top + 4 + 22 * number), line, 18, fontweight="bold")
    top = box.top + 10 + 22 * len(words)
    arrow = "\N{RIGHTWARDS ARROW}"
    ends = f"{walls['first'].name.lower()} {arrow} {walls['last'].name.lower()}"
    sheet.text((MARGIN, top), ends, 15)
    sheet.text((MARGIN, top + 22), f"every {span.step_mm:.1f} mm", 15, color=MUTED)


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
    words = "% of myocardial level"
    sheet.text(place, words, 14, va="center", rotation="vertical", color=MUTED)
