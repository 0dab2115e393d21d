"""How a tile of a slice looks on every sheet: its size, its colours, the names of its walls."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.arrays import CountsArray
from shortaxis.workflow.drawing.colour_scale import ColourScale

__all__ = [
    "GAP_PX",
    "GREY_SCALE",
    "LABEL_PX",
    "NUMBER_PX",
    "OUTSIDE_COLOUR",
    "OUTSIDE_WORDS",
    "SHOWN_PX",
    "SLICE_COLOURS",
    "SLICE_SCALE",
    "TILE_PX",
    "Insets",
    "named_walls",
    "side_by_side",
]

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

OUTSIDE_WORDS = "blue: outside the field, not measured"
"""The legend of pages that show it."""

SLICE_SCALE = ColourScale(SLICE_COLOURS, OUTSIDE_COLOUR, steps=120)

GREY_SCALE = ColourScale(((0.0, "#ffffff"), (1.0, "#000000")), OUTSIDE_COLOUR, steps=72)
"""More counts are darker."""

TILE_PX, GAP_PX = 165, 2
SHOWN_PX = TILE_PX - GAP_PX
LABEL_PX, NUMBER_PX = 14, 12

Insets = tuple[float, float]
"""Distances of the names from the upper and left sides, and from the others, in pixels."""


def side_by_side(tiles: CountsArray) -> CountsArray:
    """Tiles ``(tile, row, column)`` of `TILE_PX` as one picture, with gaps of NaN after each."""
    tiles = tiles.copy()
    tiles[:, :, -GAP_PX:] = tiles[:, -GAP_PX:, :] = np.nan
    return tiles.swapaxes(0, 1).reshape(TILE_PX, len(tiles) * TILE_PX)


def named_walls(
    view: CardiacView, top: float, insets: Insets = (10, 10 + GAP_PX)
) -> Iterator[tuple[str, tuple[float, float], int]]:
    """Names of the walls at the four sides of the first tile of a row: words, middle, turn."""
    walls, middle = view.axes.walls(), TILE_PX / 2
    near, far = insets
    yield walls["top"].label, (middle, top + near), 0
    yield walls["bottom"].label, (middle, top + TILE_PX - far), 0
    yield walls["left"].label, (near, top + middle), 90
    yield walls["right"].label, (TILE_PX - far, top + middle), 270
