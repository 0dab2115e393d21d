"""The picture of a quantification: the polar map, and the traced wall it was read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.anatomy.segments import territory_sums
from shortaxis.quantification.severity import SCAR_PERCENT, scar_burden, segment_uptakes
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy
from shortaxis.workflow.quantify.record import NOT_INTERCHANGEABLE
from shortaxis.workflow.studies.record import NOTICE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from shortaxis.workflow.drawing.canvas import Sheet

__all__ = ["draw_quantification_sheet", "scar_words"]

HEIGHT, MARGIN = 1000, 28
MAX_LINES = 9
"""Of reasons and notes."""
HEIGHTS = {"apical": 0.25, "mid": 0.55, "basal": 0.85}
"""Of the three short-axis cuts, in parts of the long axis: the middles of the rings."""


def draw_quantification_sheet(quantified: QuantifiedStudy) -> Figure:
    """Draw the picture, 1600 x 1000 pixels: maps and numbers above, the traced wall below."""
    # Matplotlib takes longer to import than a wall to trace; who draws nothing never pays.
    from shortaxis.workflow.drawing.canvas import Box, new_sheet
    from shortaxis.workflow.drawing.polar_map import draw_polar_map

    sheet = new_sheet(HEIGHT)
    polar_map = quantified.traced.polar_map
    uptakes = {number: f"{value:.0f}" for number, value in segment_uptakes(polar_map).items()}
    scores = {number: str(score) for number, score in quantified.severity.segment_scores.items()}
    _draw_title(sheet, quantified)
    for left, words, labels in ((MARGIN, "Uptake, %", uptakes), (560, "Scores, 0-4", scores)):
        sheet.text((left, 84), words, 19, fontweight="bold")
        axes = sheet.axes(Box(left, 108, 500, 500), words)
        mesh = draw_polar_map(axes, polar_map, labels)
    bar = sheet.axes(Box(1072, 150, 16, 416), "colour bar")
    bar.set_axis_on()
    sheet.figure.colorbar(mesh, cax=bar).set_label("% of the hottest twentieth of the wall")
    _draw_numbers(sheet, quantified)
    _draw_cuts(sheet, quantified)
    return sheet.figure


def _draw_title(sheet: Sheet, quantified: QuantifiedStudy) -> None:
    from shortaxis.workflow.drawing.canvas import MUTED, clipped

    facts = quantified.study.facts
    condition = "" if facts.condition.value == "unknown" else f"{facts.condition.value}, "
    title = f"ShortAxis quantification ({condition}{facts.camera or 'camera unknown'})"
    sheet.text((MARGIN, 22), clipped(title, 1050, 26, bold=True), 26, fontweight="bold")
    words = f"{NOTICE} {NOT_INTERCHANGEABLE}"
    sheet.text((MARGIN, HEIGHT - 14), words, 15, va="bottom", color=MUTED)


def _draw_numbers(sheet: Sheet, quantified: QuantifiedStudy) -> None:
    from shortaxis.workflow.drawing.canvas import FLAG_COLOURS, INK, MUTED, Box, clipped, wrapped

    left, width = 1160, 412
    quality, traced, severity = (
        quantified.estimate.quality,
        quantified.traced,
        quantified.severity,
    )
    sheet.fill(Box(left, 22, width, 46), FLAG_COLOURS[quality.flag.value])
    sheet.text(
        (left + 14, 45), f"POSE AND WALL: {quality.flag.value.upper()}", 21, va="center",
        color="#ffffff", fontweight="bold",
    )  # fmt: skip
    top = 80.0
    notes = [*quality.reasons, *quantified.notes]
    lines = [line for words in notes for line in wrapped(words, width, 15)]
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 1], "more in the numbers beside this picture"]
    for line in lines:
        sheet.text((left, top), line, 15)
        top += 20
    sums = territory_sums(severity.segment_scores)
    territories = ", ".join(f"{label} {score}" for label, score in sums.items())
    rows = (
        ("Summed score", f"{severity.summed_score} of 68 ({territories})"),
        ("", _rule_words(quantified)),
        *_deficit_row(quantified),
        (
            f"Wall < {SCAR_PERCENT:g} %",
            f"{100 * scar_burden(traced.polar_map):.1f} % of its area{scar_words(quantified)}",
        ),
        ("LV length", f"{traced.length_mm:.0f} mm, apex to valve plane"),
        ("Mid-wall", f"radius {traced.radius_mm:.0f} mm, volume {traced.volume_ml:.0f} ml"),
        ("Valve plane", f"seen in {100 * traced.ends.directions_part:.0f} % of directions"),
        ("Axes", "of the slices" if quantified.is_short_axis else _pose_words(quantified)),
    )
    top = max(top + 14, 280.0)
    for name, value in rows:
        sheet.text((left, top), name, 16, color=MUTED)
        sheet.text((left + 130, top), clipped(value, width - 130, 16), 16, color=INK)
        top += 30


def _rule_words(quantified: QuantifiedStudy) -> str:
    return "by fixed bands" if quantified.limits is None else "by normal limits"


def _deficit_row(quantified: QuantifiedStudy) -> list[tuple[str, str]]:
    by_limits, limits = quantified.by_limits, quantified.limits
    if by_limits is None or limits is None:
        return []
    deficit, extent = 100 * by_limits.total_perfusion_deficit, 100 * by_limits.extent
    return [
        ("TPD", f"{deficit:.1f} %, extent {extent:.0f} %"),
        ("Normals", f"{limits.name}, {limits.exams} exams"),
        ("", limits.group.words),
    ]


def scar_words(quantified: QuantifiedStudy) -> str:
    """What the part of the wall with little uptake is: at rest a scar, under stress not surely."""
    words = {
        StudyCondition.STRESS: " (ischaemia or scar)",
        StudyCondition.REST: " (scar burden)",
    }
    return words.get(quantified.study.facts.condition, "")


def _pose_words(quantified: QuantifiedStudy) -> str:
    method, roll = quantified.estimate.method, quantified.options.roll.value
    return f"pose by {method}, {roll} roll"


def _draw_cuts(sheet: Sheet, quantified: QuantifiedStudy) -> None:
    from shortaxis.workflow.drawing.canvas import MUTED, Box
    from shortaxis.workflow.drawing.wall_lines import cuts_legend
    from shortaxis.workflow.quantify.traced_cuts import draw_traced_cut

    sheet.text((MARGIN, 634), "The traced wall", 19, fontweight="bold")
    sheet.text((MARGIN + 180, 637), cuts_legend(quantified.wall.outlines.surfaces), 15, color=MUTED)
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
