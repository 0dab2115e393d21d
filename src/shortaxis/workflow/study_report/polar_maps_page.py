"""The page of polar maps: stress, rest and difference, with scores and the traced wall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.anatomy.segments import Territory
from shortaxis.quantification.severity import SCAR_PERCENT, Severity, scar_burden
from shortaxis.workflow.polar_map_drawing import COLOUR_MAP, draw_polar_map, draw_polar_values
from shortaxis.workflow.review_canvas import INK, MUTED, Box, Sheet, clipped, wrapped
from shortaxis.workflow.study_report.pairing import (
    PoseRule,
    QuantifiedExam,
    QuantifiedPair,
    StudyDifference,
)
from shortaxis.workflow.study_report.sheets import MARGIN, TOP, WIDTH, new_page
from shortaxis.workflow.study_report.wording import STRESS_MINUS_REST, signed
from shortaxis.workflow.traced_cuts import CUTS_LEGEND, draw_traced_cut

__all__ = ["draw_polar_maps_page"]

HEIGHT = 1200
MAP, MAP_STEP = 400, 412
NUMBERS_TOP = TOP + 30 + MAP + 8
CUT, CUT_STEP, CUTS_TOP = 245, 257, 890
BARS_TOP = NUMBERS_TOP + 30
SIDE = MARGIN + 3 * MAP_STEP + 16
"""Left edge of what is said beside the maps."""

MOST_LINES = 22

DIFFERENCE_COLOURS, DIFFERENCE_LIMITS = "RdBu", (-50, 50)
"""Red where stress has less uptake than rest."""

VIEWS = (
    ("short axis, mid", CardiacView.SHORT_AXIS),
    ("horizontal long axis", CardiacView.HORIZONTAL_LONG_AXIS),
    ("vertical long axis", CardiacView.VERTICAL_LONG_AXIS),
)


def draw_polar_maps_page(pair: QuantifiedPair) -> Figure:
    """Draw the polar maps of stress and rest, what lies between, and where they were read from."""
    difference = pair.difference
    if difference is None:
        raise ValueError("a page of a pair needs two exams")
    sheet = new_page(pair, "polar maps and scores", HEIGHT)
    for place, each in enumerate(pair.exams):
        left = MARGIN + place * MAP_STEP
        sheet.text((left, TOP), f"{each.title}: uptake, segment scores 0-4", 18, fontweight="bold")
        axes = sheet.axes(Box(left, TOP + 30, MAP, MAP), each.title)
        scores = each.quantified.severity.segment_scores
        draw_polar_map(axes, each.quantified.traced.polar_map, _labels(scores))
        _draw_rows(sheet, left, _exam_rows(each))
    _draw_difference(sheet, pair, difference)
    _draw_side(sheet, pair)
    _draw_bars(sheet)
    _draw_cuts(sheet, pair.exams)
    return sheet.figure


def _draw_difference(sheet: Sheet, pair: QuantifiedPair, difference: StudyDifference) -> None:
    left = MARGIN + 2 * MAP_STEP
    words = f"Difference: {STRESS_MINUS_REST.lower()}"
    sheet.text((left, TOP), words, 18, fontweight="bold")
    axes = sheet.axes(Box(left, TOP + 30, MAP, MAP), "Difference")
    draw_polar_values(
        axes,
        difference.uptake_percent,
        pair.exams[0].quantified.traced.polar_map.angles_deg,
        _labels(difference.segment_scores),
        DIFFERENCE_LIMITS,
        DIFFERENCE_COLOURS,
    )
    _draw_rows(sheet, left, _difference_rows(difference))


def _labels(scores: dict[int, int]) -> dict[int, str]:
    return {number: f"{score}" for number, score in scores.items()}


def _draw_rows(sheet: Sheet, left: float, rows: Sequence[tuple[str, str]]) -> None:
    top = float(NUMBERS_TOP)
    for name, value in rows:
        sheet.text((left + 8, top), name, 15, color=MUTED)
        sheet.text((left + 140, top), clipped(value, MAP_STEP - 150, 15), 15)
        top += 26


def _exam_rows(each: QuantifiedExam) -> list[tuple[str, str]]:
    exam = each.quantified
    severity, traced, by_limits = exam.severity, exam.traced, exam.by_limits
    rows = [
        ("Summed score", f"{severity.summed_score} of 68 ({territory_words(severity)})"),
        ("", "by fixed bands" if by_limits is None else "by normal limits"),
        (
            "Scar burden",
            f"{100 * scar_burden(traced.polar_map):.1f} % of wall < {SCAR_PERCENT:g} %",
        ),
        ("LV", f"length {traced.length_mm:.0f} mm, mid-wall {traced.volume_ml:.0f} ml"),
    ]
    if by_limits is not None and exam.limits is not None:
        deficit, extent = by_limits.total_perfusion_deficit, by_limits.extent
        rows.insert(2, ("Deficit", f"{100 * deficit:.1f} %, extent {100 * extent:.0f} %"))
        rows.append(("Normals", exam.limits.name))
        rows.append(("", f"{exam.limits.group.words}, {exam.limits.exams} exams"))
    return rows


def territory_words(severity: Severity) -> str:
    """Summed score of each artery, e.g. "LAD 4, LCX 0, RCA 7"."""
    scores = severity.segment_scores
    return ", ".join(
        f"{each.label} {sum(scores[number] for number in each.value)}" for each in Territory
    )


def _difference_rows(difference: StudyDifference) -> list[tuple[str, str]]:
    rows = [("Summed score", f"{signed(difference.summed_score)} ({STRESS_MINUS_REST.lower()})")]
    if difference.total_perfusion_deficit is not None:
        rows.append(("Deficit", f"{signed(100 * difference.total_perfusion_deficit, 1)} %"))
    rows.append(("Mid-wall volume", f"stress / rest {difference.volume_ratio:.2f}"))
    return rows


def _draw_side(sheet: Sheet, pair: QuantifiedPair) -> None:
    """Reasons to look, notes, and how the poses were taken."""
    width = WIDTH - MARGIN - SIDE
    lines = [(line, "#b3261e") for line in _wrapped(pair.quality.reasons, width)]
    lines += [(line, INK) for line in _wrapped(pair.notes, width)]
    lines += [(line, MUTED) for line in _wrapped(_pose_words(pair), width)]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], ("more in study_report.json", INK)]
    top = float(TOP)
    for line, colour in lines:
        sheet.text((SIDE, top), line, 15, color=colour)
        top += 20


def _wrapped(told: Sequence[str], width: float) -> list[str]:
    lines: list[str] = []
    for words in told:
        lines += [*wrapped(words, width, 15), ""]
    return lines


def _pose_words(pair: QuantifiedPair) -> list[str]:
    words = {
        PoseRule.OWN: "stress and rest each with a pose of its own",
        PoseRule.SHARED: "rest with the pose of stress",
    }[pair.rule]
    told = [words]
    if pair.moved is not None:
        moved = pair.moved
        told.append(
            f"at rest the heart lies {moved.center_mm:.0f} mm and {moved.long_axis_deg:.0f} "
            "degrees from where it lies under stress"
        )
    return told


def _draw_bars(sheet: Sheet) -> None:
    """Draw the scales of the maps."""
    bars = (
        ("uptake, % of the hottest twentieth of the wall", COLOUR_MAP, (0, 100)),
        (
            f"{STRESS_MINUS_REST.lower()}, % uptake: red lost under stress",
            DIFFERENCE_COLOURS,
            DIFFERENCE_LIMITS,
        ),
    )
    for number, (words, colours, (low, high)) in enumerate(bars):
        top = BARS_TOP + 90 * number
        box = Box(SIDE, top + 24, WIDTH - MARGIN - SIDE, 14)
        sheet.text((SIDE, top), words, 13, color=MUTED)
        axes = sheet.axes(box, words)
        axes.imshow(np.linspace(0, 1, 256)[None], cmap=colours, aspect="auto")
        for part, align in ((0.0, "left"), (0.25, "center"), (0.5, "center"), (0.75, "center"),
                            (1.0, "right")):  # fmt: skip
            place = (box.left + part * box.width, box.bottom + 4)
            sheet.text(place, f"{low + part * (high - low):g}", 13, ha=align)


def _draw_cuts(sheet: Sheet, exams: Sequence[QuantifiedExam]) -> None:
    sheet.text((MARGIN, CUTS_TOP - 36), "The traced wall", 18, fontweight="bold")
    sheet.text((MARGIN + 180, CUTS_TOP - 34), CUTS_LEGEND, 15, color=MUTED)
    left = float(MARGIN)
    for each in exams:
        for name, view in VIEWS:
            axes = sheet.axes(Box(left, CUTS_TOP, CUT, CUT), f"{each.title} {name}")
            draw_traced_cut(axes, each.quantified, view)
            sheet.text((left + 6, CUTS_TOP + 6), f"{each.title}: {name}", 14)
            left += CUT_STEP
