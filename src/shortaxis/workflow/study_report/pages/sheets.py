"""What all pages of a report have in common: title, flag, exams, notice."""

from __future__ import annotations

from shortaxis.workflow.drawing.canvas import (
    FLAG_COLOURS,
    MUTED,
    Box,
    Sheet,
    bulleted,
    clipped,
    new_sheet,
)
from shortaxis.workflow.quantify.record import NOT_INTERCHANGEABLE
from shortaxis.workflow.quantify.wording import exam_words, study_mark
from shortaxis.workflow.studies.record import NOTICE
from shortaxis.workflow.study_report.exams.pairing import PoseRule, QuantifiedPair

__all__ = [
    "MARGIN",
    "NOT_OF_PERFUSION",
    "TOP",
    "WIDTH",
    "new_page",
    "pose_rule_words",
]

WIDTH, MARGIN = 1600, 28
TOP = 136
"""Where the content of a page begins."""

FLAG_WIDTH, FLAG_LINES = 410, 4


def new_page(pair: QuantifiedPair, title: str, height: int) -> Sheet:
    """A sheet with title, exams, flag and notice, and room between `TOP` and `height` - 34."""
    sheet = new_sheet(height)
    sheet.text((MARGIN, 20), f"ShortAxis report: {title}", 26, fontweight="bold")
    for line, each in enumerate(pair.exams):
        words = f"{each.title}: {exam_words(each.quantified.study)}"
        sheet.text((MARGIN, 58 + 24 * line), clipped(words, 1100, 16), 16, color=MUTED)
    _draw_flag(sheet, pair)
    words = f"{NOTICE} {NOT_INTERCHANGEABLE}"
    sheet.text((MARGIN, height - 12), words, 15, va="bottom", color=MUTED)
    place = (WIDTH - MARGIN, height - 12)
    sheet.text(
        place, study_mark(pair.exams[0].quantified.study), 15, va="bottom", ha="right", color=MUTED
    )
    return sheet


def _draw_flag(sheet: Sheet, pair: QuantifiedPair) -> None:
    """Draw the flag, what it is of, and its first reasons: a page may be seen alone."""
    flag, left = pair.quality.flag.value, WIDTH - MARGIN - FLAG_WIDTH
    sheet.fill(Box(left, 18, FLAG_WIDTH, 40), FLAG_COLOURS[flag])
    sheet.text(
        (left + 14, 38),
        pair.quality.flag.words,
        21,
        va="center",
        color="#ffffff",
        fontweight="bold",
    )
    elsewhere = "in the JSON beside this picture"
    lines = bulleted(pair.quality.reasons, FLAG_WIDTH, 13, FLAG_LINES, elsewhere)
    sheet.lines((left, 64), lines, 13, 16, FLAG_COLOURS[flag])
    if not lines:
        sheet.text((left, 64), NOT_OF_PERFUSION, 13, color=MUTED)


NOT_OF_PERFUSION = "no reason to doubt the axes; perfusion is for the reader"


def pose_rule_words(pair: QuantifiedPair) -> str:
    """Which axes the exams are cut along."""
    if any(each.quantified.is_short_axis for each in pair.exams):
        return "short-axis slices along axes of their own"
    return {
        PoseRule.OWN: "each exam with a pose of its own",
        PoseRule.SHARED: "rest with the pose of stress",
    }[pair.rule]
