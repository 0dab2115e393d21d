"""The picture of a quantification: the polar map, and the traced wall it was read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.quantification.scored_map import MOST
from shortaxis.quantification.severity import segment_uptakes
from shortaxis.workflow.drawing.box import Box
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy
from shortaxis.workflow.quantify.record import NOT_INTERCHANGEABLE
from shortaxis.workflow.quantify.wording import (
    NOT_SCORED,
    exam_words,
    perfusion_rows,
    score_scale,
    size_rows,
    study_mark,
    wall_title,
    wall_words,
)
from shortaxis.workflow.studies.record import NOTICE

if TYPE_CHECKING:
    from matplotlib.collections import QuadMesh
    from matplotlib.colorbar import Colorbar
    from matplotlib.figure import Figure

    from shortaxis.workflow.drawing.canvas import Sheet

__all__ = ["draw_quantification_sheet"]

HEIGHT, MARGIN = 1000, 28
MAP, BAR_ROOM = 488, 78
"""Edge of a map, and what its scale takes beside it; pixels."""
CUTS_TOP, NOTES_TOP = 634, 80
NOTE, ROW, ROW_GAP = 20, 21, 5
"""Heights of a line of a note and of a number; notes get the room that the numbers leave."""
HEIGHTS = {"apical": 0.25, "mid": 0.55, "basal": 0.85}
"""Of the three short-axis cuts, in parts of the long axis: the middles of the rings."""


def draw_quantification_sheet(quantified: QuantifiedStudy) -> Figure:
    """Draw the picture, 1600 x 1000 pixels: maps and numbers above, the traced wall below."""
    # Matplotlib takes longer to import than a wall to trace; who draws nothing never pays.
    from shortaxis.workflow.drawing.canvas import new_sheet
    from shortaxis.workflow.drawing.polar_map import draw_polar_map, draw_severity

    sheet = new_sheet(HEIGHT)
    polar_map = quantified.traced.polar_map
    uptakes = {number: f"{value:.0f}" for number, value in segment_uptakes(polar_map).items()}
    severity = quantified.severity
    _draw_title(sheet, quantified)
    sheet.text((MARGIN, 84), "Uptake, %", 19, fontweight="bold")
    left, right = (Box(start, 108, MAP, MAP) for start in (MARGIN, MARGIN + MAP + BAR_ROOM))
    mesh = draw_polar_map(sheet.axes(left, "Uptake, %"), polar_map, uptakes)
    _draw_bar(sheet, left, mesh, "Uptake bar", "% of the hottest twentieth of the wall")
    title = "Scores, 0-4" if severity else f"Scores: {NOT_SCORED}"
    sheet.text((right.left, 84), title, 19, fontweight="bold")
    # Without scores there is no second map: one in colours of uptake would be taken for scores.
    if severity is not None:
        drawn = draw_severity(sheet.axes(right, title), severity)
        bar = _draw_bar(sheet, right, drawn, "Scores bar", score_scale(severity))
        bar.set_ticks(range(round(MOST) + 1))
    _draw_numbers(sheet, quantified)
    _draw_cuts(sheet, quantified)
    return sheet.figure


def _draw_bar(sheet: Sheet, beside: Box, mesh: QuadMesh, name: str, words: str) -> Colorbar:
    axes = sheet.axes(Box(beside.right + 6, beside.top + 12, 14, beside.height - 24), name)
    axes.set_axis_on()
    bar = sheet.figure.colorbar(mesh, cax=axes)
    bar.set_label(words)
    return bar


def _draw_title(sheet: Sheet, quantified: QuantifiedStudy) -> None:
    from shortaxis.workflow.drawing.canvas import MUTED, clipped

    study = quantified.study
    condition = study.facts.condition.value
    title = "ShortAxis quantification" + ("" if condition == "unknown" else f" ({condition})")
    sheet.text((MARGIN, 18), title, 26, fontweight="bold")
    sheet.text((MARGIN, 54), clipped(exam_words(study), 1100, 16), 16, color=MUTED)
    words = f"{NOTICE} {NOT_INTERCHANGEABLE}"
    sheet.text((MARGIN, HEIGHT - 14), words, 15, va="bottom", color=MUTED)
    place = (1600 - MARGIN, HEIGHT - 14)
    sheet.text(place, study_mark(study), 15, va="bottom", ha="right", color=MUTED)


def _draw_numbers(sheet: Sheet, quantified: QuantifiedStudy) -> None:
    from shortaxis.workflow.drawing.canvas import FLAG_COLOURS, INK, MUTED, bulleted, wrapped

    left, width = 1160, 412
    quality, traced = quantified.estimate.quality, quantified.traced
    sheet.fill(Box(left, 22, width, 46), FLAG_COLOURS[quality.flag.value])
    sheet.text(
        (left + 14, 45), quality.flag.words, 21, va="center",
        color="#ffffff", fontweight="bold",
    )  # fmt: skip
    rows = (
        *perfusion_rows(quantified),
        *size_rows(quantified),
        ("Valve plane", f"seen in {100 * traced.ends.directions_part:.0f} % of directions"),
        ("Axes", "of the slices" if quantified.is_short_axis else _pose_words(quantified)),
    )
    told = [(name, wrapped(value, width - 130, 16)) for name, value in rows]
    room = CUTS_TOP - 24 - sum(ROW * len(lines) + ROW_GAP for _, lines in told) - NOTES_TOP - 14
    notes = [*quality.reasons, *quantified.all_notes]
    elsewhere = "in the numbers beside this picture"
    shown = bulleted(notes, width, 15, max(int(room / NOTE), 2), elsewhere)
    top = max(sheet.lines((left, NOTES_TOP), shown, 15, NOTE) + 14, 280.0)
    for name, lines in told:
        sheet.text((left, top), name, 16, color=MUTED)
        for line in lines:
            sheet.text((left + 130, top), line, 16, color=INK)
            top += ROW
        top += ROW_GAP


def _pose_words(quantified: QuantifiedStudy) -> str:
    method, roll = quantified.estimate.method, quantified.options.roll.value
    return f"pose by {method}, {roll} roll"


def _draw_cuts(sheet: Sheet, quantified: QuantifiedStudy) -> None:
    from shortaxis.workflow.drawing.canvas import MUTED, Box
    from shortaxis.workflow.drawing.wall_lines import cuts_legend
    from shortaxis.workflow.quantify.traced_cuts import draw_traced_cut

    legend = f"{cuts_legend(quantified.wall.outlines.surfaces)}; {wall_words(quantified)}"
    sheet.text((MARGIN, CUTS_TOP), wall_title(quantified), 19, fontweight="bold")
    sheet.text((MARGIN + 226, CUTS_TOP + 3), legend, 15, color=MUTED)
    edge, gap = 296.0, 14.0
    cuts = [
        *(
            (f"short axis, {name}", CardiacView.SHORT_AXIS, height)
            for name, height in HEIGHTS.items()
        ),
        ("horizontal long axis", CardiacView.HORIZONTAL_LONG_AXIS, 0.0),
        ("vertical long axis", CardiacView.VERTICAL_LONG_AXIS, 0.0),
    ]
    for place, (name, view, height) in enumerate(cuts):
        left = MARGIN + place * (edge + gap)
        axes = sheet.axes(Box(left, 664, edge, edge), name)
        draw_traced_cut(axes, quantified, view, height)
        sheet.text((left + 8, 672), name, 15, color="#14181f")
