"""What all pages of a report have in common: title, flag, exams, notice."""

from __future__ import annotations

from shortaxis.workflow.quantification_record import NOT_INTERCHANGEABLE
from shortaxis.workflow.quantifying import QuantifiedStudy
from shortaxis.workflow.report import NOTICE
from shortaxis.workflow.review_canvas import MUTED, Box, Sheet, clipped, new_sheet
from shortaxis.workflow.study_report.pairing import QuantifiedPair

__all__ = ["MARGIN", "TOP", "WIDTH", "exam_words", "new_page"]

WIDTH, MARGIN = 1600, 28
TOP = 136
"""Where the content of a page begins."""

FLAG_COLOURS = {"accept": "#1a7f37", "review": "#b3261e"}


def new_page(pair: QuantifiedPair, title: str, height: int) -> Sheet:
    """A sheet with title, exams, flag and notice, and room between `TOP` and `height` - 34."""
    sheet = new_sheet(height)
    sheet.text((MARGIN, 20), f"ShortAxis report: {title}", 26, fontweight="bold")
    for line, each in enumerate(pair.exams):
        words = f"{each.title}: {exam_words(each.quantified)}"
        sheet.text((MARGIN, 58 + 24 * line), clipped(words, 1200, 16), 16, color=MUTED)
    flag = pair.quality.flag.value
    sheet.fill(Box(WIDTH - MARGIN - 300, 18, 300, 46), FLAG_COLOURS[flag])
    sheet.text(
        (WIDTH - MARGIN - 284, 41), flag.upper(), 26, va="center", color="#ffffff",
        fontweight="bold",
    )  # fmt: skip
    words = f"{NOTICE} {NOT_INTERCHANGEABLE}"
    sheet.text((MARGIN, height - 12), words, 15, va="bottom", color=MUTED)
    return sheet


def exam_words(exam: QuantifiedStudy) -> str:
    """Camera, tracer and correction of an exam; no patient, no date."""
    facts = exam.study.facts
    corrected = {True: "attenuation corrected", False: "not corrected", None: ""}
    slots = 0 if exam.study.gates is None else len(exam.study.gates)
    told = (
        facts.camera or "camera unknown",
        facts.tracer,
        corrected[facts.attenuation_corrected],
        f"{slots} time slots" if slots else "",
    )
    return ", ".join(filter(None, told))
