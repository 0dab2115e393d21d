"""Slices as tiles beside each other: their colours, and the walls named at their sides."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.arrays import CountsArray
from shortaxis.workflow.drawing.canvas import halo, text_style

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

SLICE_COLOURS = (
    (0.00, "#000000"),
    (0.30, "#5a0f00"),
    (0.55, "#c8440a"),
    (0.75, "#f59a1a"),
    (0.90, "#ffe08a"),
    (1.00, "#ffffff"),
)
"""Part of the level and its colour: a warm metal scale whose lightness grows evenly, so that
a defect is as dark as it is deep (the common hot scales turn half of the range yellow)."""

OUTSIDE_COLOUR = "#93a5bd"
"""Where nothing was measured: on neither scale, so that it is not taken for few counts."""

TILE_PX, GAP_PX = 165, 2
LABEL_PX, NUMBER_PX = 14, 12


def draw_row(axes: Axes, tiles: CountsArray, top: float) -> None:
    """Draw tiles of `TILE_PX` beside each other, in parts of the level; NaN as outside."""
    tiles = tiles.copy()
    tiles[:, :, -GAP_PX:] = tiles[:, -GAP_PX:, :] = np.nan
    width = len(tiles) * TILE_PX
    axes.imshow(
        np.ma.masked_invalid(tiles.swapaxes(0, 1).reshape(TILE_PX, width)),
        cmap=slice_colours(),
        vmin=0,
        vmax=1,
        extent=(0, width, top + TILE_PX, top),
        interpolation="none",
        aspect="auto",
    )


def slice_colours() -> Colormap:
    """Colours of counts in slices, and of what lies outside the field."""
    scale = LinearSegmentedColormap.from_list("myocardium", SLICE_COLOURS)
    return scale.with_extremes(bad=OUTSIDE_COLOUR)


def name_walls(
    axes: Axes, view: CardiacView, top: float, insets: tuple[float, float] = (10, 10 + GAP_PX)
) -> None:
    """Name the walls at the four sides of the first tile of a row.

    `insets` are the distances of the words from the upper and left sides, and from the others.
    """
    walls, middle = view.axes.walls(), TILE_PX / 2
    near, far = insets
    places = {
        "top": (middle, top + near, 0),
        "bottom": (middle, top + TILE_PX - far, 0),
        "left": (near, top + middle, 90),
        "right": (TILE_PX - far, top + middle, 270),
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
