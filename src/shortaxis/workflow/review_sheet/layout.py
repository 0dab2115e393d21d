"""Where everything lies on the sheet, in pixels, and what is shown of the heart, in mm."""

from __future__ import annotations

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.workflow.drawing.canvas import Box
from shortaxis.workflow.drawing.display_scale import TYPICAL_EXTENT

__all__ = [
    "COLOUR_BAR_BOX",
    "COLUMNS",
    "FACTS_BOX",
    "MARGIN",
    "NOTICE_PLACE",
    "OUTSIDE_COLOUR",
    "RIGHT_VENTRICLE_BOX",
    "ROWS",
    "SLICE_COLOURS",
    "SOURCE_BOXES",
    "SOURCE_COLOURS",
    "STRIP_LEFT",
    "STRIP_TOPS",
    "TILE_HALF_WIDTH_MM",
    "TILE_PX",
    "TITLE_BOX",
    "half_length_mm",
    "mid_wall_radius_mm",
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

MARGIN = 28
SOURCE_TOP, SOURCE_PX, SOURCE_GAP = 100, 340, 14
SOURCE_BOXES = tuple(
    Box(MARGIN + number * (SOURCE_PX + SOURCE_GAP), SOURCE_TOP, SOURCE_PX, SOURCE_PX)
    for number in range(3)
)
FACTS_LEFT, TOP = SOURCE_BOXES[-1].right + 26, 20
FACTS_BOX = Box(FACTS_LEFT, TOP, 1600 - MARGIN - FACTS_LEFT, 468 - TOP)
TITLE_BOX = Box(MARGIN, TOP + 2, FACTS_LEFT - 26 - MARGIN, 36)
NOTICE_PLACE = (MARGIN, SOURCE_BOXES[0].bottom + 12)

TILE_PX = 165
TILE_HALF_WIDTH_MM = 70.0
"""The same for every heart, so that small and dilated ones differ and sheets of stress and
rest compare: the longest ventricle (120 mm, FIELD prior) with 10 mm on either side."""

COLUMNS = {
    CardiacView.SHORT_AXIS: 8,
    CardiacView.VERTICAL_LONG_AXIS: 6,
    CardiacView.HORIZONTAL_LONG_AXIS: 6,
}
ROWS = {
    CardiacView.SHORT_AXIS: 2,
    CardiacView.VERTICAL_LONG_AXIS: 1,
    CardiacView.HORIZONTAL_LONG_AXIS: 1,
}
"""How many tiles there is room for, by view; beside the long axes the right ventricle is shown."""

CAPTION_WIDTH = 150
STRIP_LEFT = MARGIN + CAPTION_WIDTH
STRIP_TOPS = (490, 836, 1017)
STRIPS_RIGHT, STRIPS_BOTTOM = STRIP_LEFT + 8 * TILE_PX, STRIP_TOPS[-1] + TILE_PX
COLOUR_BAR_BOX = Box(STRIPS_RIGHT + 14, STRIP_TOPS[0], 14, STRIPS_BOTTOM - STRIP_TOPS[0])
RIGHT_VENTRICLE_PX = 308
RIGHT_VENTRICLE_BOX = Box(
    STRIPS_RIGHT - RIGHT_VENTRICLE_PX,
    STRIPS_BOTTOM - RIGHT_VENTRICLE_PX,
    RIGHT_VENTRICLE_PX,
    RIGHT_VENTRICLE_PX,
)

UNKNOWN_HALF_LENGTH_MM = 45.0
"""Shown of the long axis where the size of the ventricle is not known."""


def half_length_mm(extent: LeftVentricleExtent | None) -> float:
    """Centre to apex, mm."""
    return UNKNOWN_HALF_LENGTH_MM if extent is None else extent.length_mm / 2


def mid_wall_radius_mm(extent: LeftVentricleExtent | None) -> float:
    """Long axis to the middle of the wall, mm; of a typical heart where it is not known."""
    return (extent or TYPICAL_EXTENT).radius_mm
