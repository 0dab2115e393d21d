"""Where everything lies on the picture of a consistency measurement, in pixels."""

from __future__ import annotations

from shortaxis.workflow.drawing.canvas import Box
from shortaxis.workflow.drawing.slice_tiles import TILE_PX

__all__ = [
    "AXIS_BOX",
    "CENTER_BOX",
    "COLOUR_BAR_BOX",
    "COLUMNS",
    "DIRECTION_BOX",
    "FACTS_BOX",
    "GAP_PX",
    "MARGIN",
    "NOTICE_BOTTOM",
    "STRIP_LEFT",
    "STRIP_TOPS",
    "TITLE_TOP",
]

MARGIN, TITLE_TOP = 28, 20

PLOT_TOP, PLOT_HEIGHT = 140, 310
AXIS_BOX = Box(86, PLOT_TOP, 300, PLOT_HEIGHT)
CENTER_BOX = Box(476, PLOT_TOP, 300, PLOT_HEIGHT)
DIRECTION_BOX = Box(874, PLOT_TOP, PLOT_HEIGHT, PLOT_HEIGHT)
FACTS_BOX = Box(1226, 100, 1600 - MARGIN - 1226, 410)

COLUMNS, GAP_PX = 8, 4
STRIP_LEFT = MARGIN + 150
STRIP_TOPS = (620, 620 + TILE_PX + 8, 620 + 2 * (TILE_PX + 8))
COLOUR_BAR_BOX = Box(
    STRIP_LEFT + COLUMNS * (TILE_PX + GAP_PX) + 6,
    STRIP_TOPS[1],
    12,
    STRIP_TOPS[2] + TILE_PX - STRIP_TOPS[1],
)
NOTICE_BOTTOM = 1188
