"""What all pages of a report have in common: title, flag, exams, notice."""

from __future__ import annotations

from shortaxis.workflow.drawing.canvas import (
    FLAG_COLOURS,
    MUTED,
    Box,
    Sheet,
    clipped,
    new_sheet,
    wrapped,
)
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy
from shortaxis.workflow.quantify.record import NOT_INTERCHANGEABLE
from shortaxis.workflow.studies.record import NOTICE
from shortaxis.workflow.study_report.exams.pairing import PoseRule, QuantifiedPair

__all__ = [
    "MARGIN",
    "NOT_OF_PERFUSION",
    "TOP",
    "WIDTH",
    "exam_words",
    "new_page",
    "pose_rule_words",
    "study_mark",
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
        words = f"{each.title}: {exam_words(each.quantified)}"
        sheet.text((MARGIN, 58 + 24 * line), clipped(words, 1100, 16), 16, color=MUTED)
    _draw_flag(sheet, pair)
    words = f"{NOTICE} {NOT_INTERCHANGEABLE}"
    sheet.text((MARGIN, height - 12), words, 15, va="bottom", color=MUTED)
    place = (WIDTH - MARGIN, height - 12)
    sheet.text(place, study_mark(pair), 15, va="bottom", ha="right", color=MUTED)
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
    lines = [line for reason in pair.quality.reasons for line in wrapped(reason, FLAG_WIDTH, 13)]
    if len(lines) > FLAG_LINES:
        lines = [*lines[: FLAG_LINES - 1], "more in the JSON beside this picture"]
    for number, line in enumerate(lines or [NOT_OF_PERFUSION]):
        colour = FLAG_COLOURS[flag] if lines else MUTED
        sheet.text((left, 64 + 16 * number), line, 13, color=colour)


NOT_OF_PERFUSION = "no reason to doubt the axes; perfusion is for the reader"


def study_mark(pair: QuantifiedPair) -> str:
    """The end of the Study Instance UID, by which a page is brought back to its study."""
    uid = pair.exams[0].quantified.study.facts.study_instance_uid
    return f"study ...{uid[-8:]}" if uid else ""


def pose_rule_words(pair: QuantifiedPair) -> str:
    """Which axes the exams are cut along."""
    if any(each.quantified.is_short_axis for each in pair.exams):
        return "short-axis slices along axes of their own"
    return {
        PoseRule.OWN: "each exam with a pose of its own",
        PoseRule.SHARED: "rest with the pose of stress",
    }[pair.rule]


def exam_words(exam: QuantifiedStudy) -> str:
    """Camera, tracer and correction of an exam; no patient, no date."""
    facts = exam.study.facts
    corrected = {True: "attenuation corrected", False: "not corrected", None: ""}
    slots = 0 if exam.study.gates is None else len(exam.study.gates)
    parts = (
        facts.camera or "camera unknown",
        facts.tracer,
        corrected[facts.attenuation_corrected],
        f"{slots} time slots" if slots else "",
    )
    return ", ".join(filter(None, parts))
