"""The right ventricle in one short-axis tile of its own scale, with the septum marked on it.

It takes up a fraction of the tracer: on the scale of the left ventricle it is black.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from shortaxis.anatomy.cardiac_views import CardiacView, Wall
from shortaxis.geometry.arrays import FloatArray
from shortaxis.workflow.drawing.inks import INK, MUTED, PAPER
from shortaxis.workflow.drawing.lettering import text_width_px
from shortaxis.workflow.drawing.marks import Rim
from shortaxis.workflow.drawing.painted_sheet import PaintedSheet, Panel
from shortaxis.workflow.drawing.shown_heart import TILE_HALF_WIDTH_MM, mid_wall_radius_mm
from shortaxis.workflow.drawing.tile_style import GREY_SCALE, NUMBER_PX
from shortaxis.workflow.review_sheet.content import ReviewSheetContent
from shortaxis.workflow.review_sheet.enlarging import enlarged_frames, middle_frame
from shortaxis.workflow.review_sheet.layout import RIGHT_VENTRICLE_BOX

__all__ = ["draw_right_ventricle", "septum_angle_deg"]

UPPER_PART = 0.4
"""Of the myocardial level: the wall of the right ventricle has 0.2 to 0.5 (DESIGN section 5)."""

LABEL = f"RV: 0-{100 * UPPER_PART:.0f} %"
PLUS_MINUS, DEGREE = "\N{PLUS-MINUS SIGN}", "\N{DEGREE SIGN}"
MARK_COLOUR = "#e4003a"
TICK_MM = 9.0
"""Half a tick: across a thick wall of 14 mm and a little beyond."""


def draw_right_ventricle(sheet: PaintedSheet, content: ReviewSheetContent, level: float) -> None:
    """Draw the middle short-axis frame up to a part of `level`, and where the septum lies."""
    box, volume = RIGHT_VENTRICLE_BOX, content.views[CardiacView.SHORT_AXIS]
    index = middle_frame(volume, content.pose)
    (tile,) = enlarged_frames(volume, [index], content.pose, content.volume, int(box.width))
    panel = sheet.panel(box, "right ventricle", TILE_HALF_WIDTH_MM)
    panel.picture(tile / level, GREY_SCALE, highest=UPPER_PART)
    sheet.text((box.left, box.top - 26), LABEL, 17, bold=True)
    after = box.left + text_width_px(LABEL, 17, bold=True) + 10
    sheet.text((after, box.top - 24), _what_is_marked(content), 14, colour=MUTED)
    _number_frame(panel, index + 1)
    if content.estimate.knows_roll:
        _mark_septum(panel, content)


def septum_angle_deg(content: ReviewSheetContent) -> float:
    """Where the middle of the septum lies on screen, from the right, clockwise.

    180 is straight to the left, where slices of anatomical roll have it.
    """
    septal = np.array(Wall.SEPTAL.value, dtype=np.float64)
    in_patient = content.estimate.pose.patient_from_cardiac @ septal
    right, down, _ = content.pose.patient_from_cardiac.T @ in_patient
    return float(np.degrees(np.arctan2(down, right)))


def _what_is_marked(content: ReviewSheetContent) -> str:
    if not content.estimate.knows_roll:
        return "septum not located"
    bound = content.estimate.uncertainty.roll_deg
    return "red: mid-septum" + ("" if bound is None else f" {PLUS_MINUS} {bound:.0f}{DEGREE}")


def _number_frame(panel: Panel, number: int) -> None:
    place = -TILE_HALF_WIDTH_MM + 2
    rim = Rim(PAPER, 3)
    panel.text((place, place), f"{number}", NUMBER_PX, colour=INK, rim=rim, name="frame number")


def _mark_septum(panel: Panel, content: ReviewSheetContent) -> None:
    """Draw a tick across the middle of the septum, and the bound of its roll as an arc."""
    radius = mid_wall_radius_mm(content.estimate.extent)
    angle, bound = septum_angle_deg(content), content.estimate.uncertainty.roll_deg
    rim = Rim(PAPER, 4)
    ends = np.array([radius - TICK_MM, radius + TICK_MM])
    panel.line(_around(angle, ends), MARK_COLOUR, 2.8, rim=rim, name="mid-septum")
    if bound is not None:
        turns = np.linspace(angle - min(bound, 180), angle + min(bound, 180), 61)
        panel.line(_around(turns, radius), MARK_COLOUR, 2.1, rim=rim, name="bound of the roll")


def _around(angle_deg: ArrayLike, radius_mm: ArrayLike) -> FloatArray:
    """Points at angles on screen, mm, ``(point, 2)``: right and down of the centre."""
    angle, radius = np.broadcast_arrays(np.radians(angle_deg), radius_mm)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
