"""The page of gated exams: end-diastole above end-systole, and the volume over the beat."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.arrays import CountsArray
from shortaxis.workflow.beat_view.volume_plot import round_ticks
from shortaxis.workflow.drawing.canvas import INK, MUTED, Box, Sheet, text_style, wrapped
from shortaxis.workflow.drawing.display_scale import myocardial_level
from shortaxis.workflow.drawing.slice_tiles import TILE_PX
from shortaxis.workflow.drawing.tile_style import OUTSIDE_WORDS
from shortaxis.workflow.study_report.exams.gating import GatedVentricle
from shortaxis.workflow.study_report.exams.pairing import QuantifiedExam, QuantifiedPair
from shortaxis.workflow.study_report.pages.matched_slices import tiles_of
from shortaxis.workflow.study_report.pages.sheets import MARGIN, TOP, WIDTH, new_page
from shortaxis.workflow.study_report.pages.slices_page import LEFT, draw_rows

__all__ = ["draw_gated_page"]

SHORT_AXIS_TILES = 5
CURVE = 188
BLOCK = 2 * TILE_PX + 44

HEADROOM, MOST_TICKS = 1.2, 8
"""Of the axis over the largest volume, whose mark stands above it; and numbers of slots on it."""


def draw_gated_page(pair: QuantifiedPair) -> Figure:
    """Draw the time slots of largest and smallest volume of every gated exam."""
    gated = pair.gated
    height = TOP + len(gated) * BLOCK + 50
    sheet = new_page(pair, "end-diastole and end-systole", height)
    most = HEADROOM * max(np.nanmax(ventricle.volumes_ml) for _, ventricle in gated)
    outside = ""
    for number, (each, ventricle) in enumerate(gated):
        top = float(TOP + number * BLOCK)
        if _draw_exam(sheet, each, ventricle, top):
            outside = f" {OUTSIDE_WORDS.capitalize()}."
        box = Box(LEFT + 7 * TILE_PX + 66, top + 44, CURVE, 2 * TILE_PX - 94)
        _draw_curve(sheet, ventricle, box, most)
    ends = "ED, ES: largest and smallest cavity. " if _by_function(pair) else ""
    words = (
        "Black to white: 0 to the myocardial level of the brighter slot. Numbers: mm from the apex "
        f"traced in the sum. {ends}Mid-wall volumes give no ejection fraction.{outside}"
    )
    lines = wrapped(words, WIDTH - 2 * MARGIN, 15)
    for above, line in enumerate(reversed(lines)):
        sheet.text((MARGIN, height - 36 - 20 * above), line, 15, va="bottom", color=MUTED)
    return sheet.figure


def _by_function(pair: QuantifiedPair) -> bool:
    """Whether slots are those of the measured function, and not of the curves on this page."""
    functions = (each.quantified.function for each, _ in pair.gated)
    return any(function is not None and function.measured for function in functions)


def _draw_exam(sheet: Sheet, each: QuantifiedExam, ventricle: GatedVentricle, top: float) -> bool:
    """Draw both time slots; whether a tile reaches outside the field."""
    exam, reaches_outside = each.quantified, False
    slots = {
        "ED": (ventricle.end_diastole, ventricle.end_diastolic_slot),
        "ES": (ventricle.end_systole, ventricle.end_systolic_slot),
    }
    # One scale for both: a wall that thickens looks hotter, and should.
    level = max(myocardial_level(volume, exam.pose, None) for volume, _ in slots.values())
    scale = np.float32(exam.traced.polar_map.level_100 / level)
    step = exam.traced.length_mm / (SHORT_AXIS_TILES + 1)
    places = [step * (number + 1) for number in range(SHORT_AXIS_TILES)]
    sheet.text((MARGIN, top + 4), each.title, 20, fontweight="bold")
    for row, (name, (volume, slot)) in enumerate(slots.items()):
        row_top = top + row * TILE_PX
        left = float(LEFT)
        shown: list[tuple[CardiacView, list[float]]] = [
            (CardiacView.SHORT_AXIS, places),
            (CardiacView.VERTICAL_LONG_AXIS, [0.0]),
            (CardiacView.HORIZONTAL_LONG_AXIS, [0.0]),
        ]
        for view, at in shown:
            tiles: CountsArray = tiles_of(exam, volume, view, at) * scale
            reaches_outside = reaches_outside or bool(np.isnan(tiles).any())
            is_short = view is CardiacView.SHORT_AXIS
            labels = [f"{place:.0f}" for place in at] if is_short else []
            draw_rows(sheet, view, tiles, (left, row_top), labels)
            left += len(at) * TILE_PX
        place = (MARGIN, row_top + TILE_PX / 2)
        sheet.text(place, f"{name}, slot {slot}", 16, va="center", color=MUTED)
    return reaches_outside


def _draw_curve(sheet: Sheet, ventricle: GatedVentricle, box: Box, most: float) -> None:
    """Mid-wall volume of every time slot, at the scale of all exams; both ends are ringed."""
    axes = sheet.axes(box, f"volume {box.top:g}")
    axes.set_axis_on()
    slots = np.arange(1, len(ventricle.volumes_ml) + 1)
    axes.plot(slots, ventricle.volumes_ml, color="#1556b0", marker="o", markersize=4)
    ends = {"ED": ventricle.end_diastolic_slot, "ES": ventricle.end_systolic_slot}
    for name, slot in ends.items():
        ml = ventricle.volumes_ml[slot - 1]
        if np.isnan(ml):
            continue
        axes.plot(slot, ml, "o", mfc="none", color=INK, markersize=9)
        axes.annotate(
            name, (slot, ml), xytext=(0, 7 if name == "ED" else -7), textcoords="offset points",
            ha="center", va="bottom" if name == "ED" else "top", **text_style(14),
        )  # fmt: skip
    shown = slots[:: max(1, -(-len(slots) // MOST_TICKS))]
    axes.set(ylim=(0, most), xticks=shown, yticks=round_ticks(most))
    axes.set_xlabel("time slot", **text_style(14))
    axes.set_title("mid-wall volume (ml)", **text_style(14))
    axes.spines[["top", "right"]].set_visible(False)
