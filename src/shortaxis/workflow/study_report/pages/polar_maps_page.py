"""The page of polar maps: stress, rest and difference, with scores and the traced wall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.quantification.scored_map import MOST
from shortaxis.quantification.severity import Severity, segment_uptakes
from shortaxis.workflow.drawing.canvas import FLAG_COLOURS, INK, MUTED, Box, Sheet, wrapped
from shortaxis.workflow.drawing.colour_steps import DIFFERENCE_STEPS, stepped
from shortaxis.workflow.drawing.polar_map import (
    SEVERITY_COLOURS,
    UPTAKE_COLOURS,
    draw_polar_map,
    draw_polar_values,
)
from shortaxis.workflow.drawing.wall_lines import cuts_legend
from shortaxis.workflow.quantify.traced_cuts import draw_traced_cut
from shortaxis.workflow.quantify.wording import (
    score_scale,
    size_rows,
    wall_title,
    wall_words,
)
from shortaxis.workflow.study_report.exams.pairing import (
    QuantifiedExam,
    QuantifiedPair,
    StudyDifference,
)
from shortaxis.workflow.study_report.pages.difference_rows import difference_rows
from shortaxis.workflow.study_report.pages.exam_rows import exam_rows
from shortaxis.workflow.study_report.pages.sheets import (
    MARGIN,
    TOP,
    WIDTH,
    new_page,
    pose_rule_words,
)
from shortaxis.workflow.study_report.wording import (
    STRESS_MINUS_REST,
    signed,
)

__all__ = ["draw_polar_maps_page"]

HEIGHT = 1200
MAP, MAP_STEP = 400, 412
SMALL_MAP = 104
"""Of severity, in the corner of the map of uptake."""
NUMBERS_TOP = TOP + 30 + MAP + 8
CUT, CUT_STEP, CUTS_TOP = 245, 257, 890
BARS_TOP = NUMBERS_TOP + 30
SIDE = MARGIN + 3 * MAP_STEP + 16
"""Left edge of what is said beside the maps."""

SIDE_ROOM, LINE, GAP = BARS_TOP - 14 - TOP, 20, 10
"""Of what is said beside the maps, and what a line and an empty one take; pixels."""

DIFFERENCE_COLOURS, DIFFERENCE_LIMITS = stepped("RdBu", DIFFERENCE_STEPS), (-50, 50)
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
        _draw_exam(sheet, left, each)
        _draw_rows(sheet, left, [*exam_rows(each), *size_rows(each.quantified)])
    _draw_difference(sheet, pair, difference)
    _draw_side(sheet, pair)
    severities = [each.quantified.severity for each in pair.exams]
    _draw_bars(sheet, next(filter(None, severities), None))
    _draw_cuts(sheet, pair.exams)
    return sheet.figure


def _draw_exam(sheet: Sheet, left: float, each: QuantifiedExam) -> None:
    """Draw the uptake, its scores, and beside it how severe it is where."""
    severity, polar_map = each.quantified.severity, each.quantified.traced.polar_map
    uptakes = {number: f"{value:.0f} %" for number, value in segment_uptakes(polar_map).items()}
    words = "uptake in %" if severity is None else "score 0-4, uptake in %"
    sheet.text((left, TOP), f"{each.title}: {words}", 18, fontweight="bold")
    axes = sheet.axes(Box(left, TOP + 30, MAP, MAP), each.title)
    if severity is None:
        draw_polar_map(axes, polar_map, uptakes)
        return
    scores = {number: f"{score}" for number, score in severity.segment_scores.items()}
    draw_polar_map(axes, polar_map, scores, uptakes)
    box = Box(left + MAP - SMALL_MAP, TOP + 24, SMALL_MAP, SMALL_MAP)
    draw_polar_values(
        sheet.axes(box, f"{each.title} severity"),
        severity.scores,
        polar_map.angles_deg,
        None,
        (0, MOST),
        SEVERITY_COLOURS,
        named=False,
    )


def _draw_difference(sheet: Sheet, pair: QuantifiedPair, difference: StudyDifference) -> None:
    left = MARGIN + 2 * MAP_STEP
    scored = difference.scored
    words = "uptake as colour" if scored is None else "score, uptake as colour"
    sheet.text((left, TOP), f"{STRESS_MINUS_REST}: {words}", 18, fontweight="bold")
    axes = sheet.axes(Box(left, TOP + 30, MAP, MAP), "Difference")
    draw_polar_values(
        axes,
        difference.uptake_percent,
        pair.exams[0].quantified.traced.polar_map.angles_deg,
        {number: signed(score) for number, score in (scored or {}).items()},
        DIFFERENCE_LIMITS,
        DIFFERENCE_COLOURS,
    )
    _draw_rows(sheet, left, difference_rows(difference))


def _draw_rows(sheet: Sheet, left: float, rows: Sequence[tuple[str, str]]) -> None:
    top = float(NUMBERS_TOP)
    for name, value in rows:
        sheet.text((left + 8, top), name, 15, color=MUTED)
        for line in wrapped(value, MAP_STEP - 136, 15):
            sheet.text((left + 126, top), line, 15)
            top += 20
        top += 5


def _draw_side(sheet: Sheet, pair: QuantifiedPair) -> None:
    """Reasons to review, notes, and how the poses were taken."""
    width = WIDTH - MARGIN - SIDE
    lines = [(line, FLAG_COLOURS["review"]) for line in _wrapped(pair.quality.reasons, width)]
    lines += [(line, INK) for line in _wrapped(pair.notes, width)]
    lines += [(line, MUTED) for line in _wrapped(_pose_words(pair), width)]
    ends = np.cumsum([LINE if line else GAP for line, _ in lines])
    if ends[-1] > SIDE_ROOM:
        kept = int(np.searchsorted(ends, SIDE_ROOM - LINE, side="right"))
        lines = [*lines[:kept], ("more in the JSON beside this picture", INK)]
    top = float(TOP)
    for line, colour in lines:
        sheet.text((SIDE, top), line, 15, color=colour)
        top += LINE if line else GAP


def _wrapped(texts: Sequence[str], width: float) -> list[str]:
    lines: list[str] = []
    for words in texts:
        lines += [*wrapped(words, width, 15), ""]
    return lines


def _pose_words(pair: QuantifiedPair) -> list[str]:
    texts = [pose_rule_words(pair)]
    if pair.moved is not None:
        moved = pair.moved
        texts.append(
            f"at rest the heart lies {moved.center_mm:.0f} mm and {moved.long_axis_deg:.0f} "
            "degrees from where it lies under stress"
        )
    return texts


def _draw_bars(sheet: Sheet, severity: Severity | None) -> None:
    """Draw the scales of the maps; that of scores where there are some."""
    bars = [
        ("uptake, % of the hottest twentieth of the wall", UPTAKE_COLOURS, (0, 100)),
        (
            f"{STRESS_MINUS_REST.lower()}, % uptake: red lost under stress",
            DIFFERENCE_COLOURS,
            DIFFERENCE_LIMITS,
        ),
    ]
    if severity is not None:
        bars.append(("small maps: score of each place", SEVERITY_COLOURS, (0, round(MOST))))
        lines = wrapped(score_scale(severity), WIDTH - MARGIN - SIDE, 13)
        for number, line in enumerate(lines):
            sheet.text((SIDE, BARS_TOP + 90 * len(bars) - 29 + 16 * number), line, 13, color=MUTED)
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
    first = exams[0].quantified
    legend = f"{cuts_legend(first.wall.outlines.surfaces)}; {wall_words(first)}"
    sheet.text((MARGIN, CUTS_TOP - 36), wall_title(first), 18, fontweight="bold")
    sheet.text((MARGIN + 224, CUTS_TOP - 34), legend, 15, color=MUTED)
    left = float(MARGIN)
    for each in exams:
        for name, view in VIEWS:
            axes = sheet.axes(Box(left, CUTS_TOP, CUT, CUT), f"{each.title} {name}")
            draw_traced_cut(axes, each.quantified, view)
            sheet.text((left + 6, CUTS_TOP + 6), f"{each.title}: {name}", 14)
            left += CUT_STEP
