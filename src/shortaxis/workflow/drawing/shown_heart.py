"""How much of a heart is shown, in mm, whatever its size or where that is not known."""

from __future__ import annotations

from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.workflow.drawing.display_scale import TYPICAL_EXTENT

__all__ = ["TILE_HALF_WIDTH_MM", "half_length_mm", "mid_wall_radius_mm"]

TILE_HALF_WIDTH_MM = 70.0
"""The same for every heart, so that small and dilated ones differ and sheets of stress and
rest compare: the longest ventricle (120 mm, FIELD prior) with 10 mm on either side."""

UNKNOWN_HALF_LENGTH_MM = 45.0
"""Shown of the long axis where the size of the ventricle is not known."""


def half_length_mm(extent: LeftVentricleExtent | None) -> float:
    """Centre to apex, mm."""
    return UNKNOWN_HALF_LENGTH_MM if extent is None else extent.length_mm / 2


def mid_wall_radius_mm(extent: LeftVentricleExtent | None) -> float:
    """Long axis to the middle of the wall, mm; of a typical heart where it is not known."""
    return (extent or TYPICAL_EXTENT).radius_mm
