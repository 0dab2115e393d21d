"""Where everything lies on the sheet, in pixels."""

from __future__ import annotations

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.workflow.drawing.box import Box
from shortaxis.workflow.drawing.tile_style import TILE_PX

__all__ = [
    "COLOUR_BAR_BOX",
    "COLUMNS",
    "FACTS_BOX",
    "MARGIN",
    "NOTICE_PLACE",
    "RIGHT_VENTRICLE_BOX",
    "ROWS",
    "SOURCE_BOXES",
    "STRIP_LEFT",
    "STRIP_TOPS",
    "TITLE_BOX",
]

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
