"""Slices as tiles beside each other on the axes of a figure."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.arrays import CountsArray
from shortaxis.workflow.drawing.canvas import halo, text_style
from shortaxis.workflow.drawing.tile_style import (
    GAP_PX,
    LABEL_PX,
    NUMBER_PX,
    OUTSIDE_COLOUR,
    SLICE_COLOURS,
    TILE_PX,
    Insets,
    named_walls,
    side_by_side,
)

__all__ = [
    "LABEL_PX",
    "NUMBER_PX",
    "OUTSIDE_COLOUR",
    "SLICE_COLOURS",
    "SOURCE_COLOURS",
    "TILE_PX",
    "draw_row",
    "name_walls",
    "slice_colours",
]

SOURCE_COLOURS = "gray_r"

SCALE_STEPS = 192
"""Of half a per cent each, and few enough that each keeps its colour on a page of 256."""


def draw_row(axes: Axes, tiles: CountsArray, top: float) -> None:
    """Draw tiles of `TILE_PX` beside each other, in parts of the level; NaN as outside."""
    axes.imshow(
        np.ma.masked_invalid(side_by_side(tiles)),
        cmap=slice_colours(),
        vmin=0,
        vmax=1,
        extent=(0, len(tiles) * TILE_PX, top + TILE_PX, top),
        interpolation="none",
        aspect="auto",
    )


def slice_colours() -> Colormap:
    """Colours of counts in slices, and of what lies outside the field."""
    scale = LinearSegmentedColormap.from_list("myocardium", SLICE_COLOURS, SCALE_STEPS)
    return scale.with_extremes(bad=OUTSIDE_COLOUR)


def name_walls(
    axes: Axes, view: CardiacView, top: float, insets: Insets = (10, 10 + GAP_PX)
) -> None:
    """Name the walls at the four sides of the first tile of a row."""
    for words, place, rotation in named_walls(view, top, insets):
        axes.text(
            *place,
            words,
            rotation=rotation,
            color="white",
            ha="center",
            va="center",
            path_effects=halo("black", 3),
            **text_style(LABEL_PX),
        )
