"""The first page of a print that is filed: whose it is, what was computed, and who signs it.

It holds identifiers. It is part of the print alone, and only if it is asked for: pictures and
files beside it stay free of them.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from shortaxis.dicom.carried.identity_rows import identity_rows
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.workflow.drawing.canvas import INK, MUTED, Sheet, wrapped
from shortaxis.workflow.study_report.exams.pairing import QuantifiedPair
from shortaxis.workflow.study_report.impression import COMPUTED, impression_of
from shortaxis.workflow.study_report.pages.identity_words import identity_words
from shortaxis.workflow.study_report.pages.sheets import MARGIN, TOP, WIDTH, new_page

__all__ = ["draw_cover_page"]

HEIGHT, LABEL, LINE = 1200, 240, 30
ROOM_FOR_EARLIER = 250
"""Dates of both earlier exams, and a longer impression."""
DATES, NO_DATE = ("Study date", "Acquired"), "the source says no date"
NOT_SAID = "the source says nothing of the patient"


def draw_cover_page(pair: QuantifiedPair) -> Figure:
    """Draw the patient and the exams as their headers say, and room for a conclusion."""
    earlier = earlier_rows(pair)
    height = HEIGHT + (ROOM_FOR_EARLIER if earlier else 0)
    sheet = new_page(pair, "patient and impression", height)
    top = float(TOP + 20)
    for number, each in enumerate(pair.exams):
        header = each.exam.header
        rows = _rows(header, with_patient=number == 0)
        top = _draw_rows(sheet, top, each.title, rows or [("", NOT_SAID)])
    if earlier:
        top = _draw_rows(sheet, top, "Earlier exam", earlier)
    top = _draw_words(sheet, top, f"Impression ({COMPUTED.lower()})", impression_of(pair))
    said = pair.conclusion
    _draw_words(sheet, top, "Conclusion of the reader", "" if said is None else said.words)
    if said is not None:
        sheet.text((MARGIN, height - 166), said.signature, 18)
    for place, words in ((MARGIN, "Name and signature"), (WIDTH / 2, "Date")):
        sheet.text((place, height - 140), "_" * 44, 18, color=MUTED)
        sheet.text((place, height - 110), words, 16, color=MUTED)
    return sheet.figure


def earlier_rows(pair: QuantifiedPair) -> list[tuple[str, str]]:
    """Title and dates of every earlier exam; nothing else of it."""
    exams = [] if pair.earlier is None else pair.earlier.pair.exams
    return [(each.title, _dates(each.exam.header)) for each in exams]


def _dates(header: SourceHeader | None) -> str:
    rows = _rows(header, with_patient=False)
    told = [f"{name.lower()} {value}" for name, value in rows if name in DATES]
    return ", ".join(told) or NO_DATE


def _rows(header: SourceHeader | None, *, with_patient: bool) -> list[tuple[str, str]]:
    rows = [] if header is None else identity_rows(header, with_patient=with_patient)
    return identity_words(rows)


def _draw_rows(sheet: Sheet, top: float, title: str, rows: list[tuple[str, str]]) -> float:
    sheet.text((MARGIN, top), title, 20, fontweight="bold")
    top += LINE + 6
    for name, value in rows:
        sheet.text((MARGIN, top), name, 17, color=MUTED)
        for line in wrapped(value, WIDTH - 2 * MARGIN - LABEL, 17):
            sheet.text((MARGIN + LABEL, top), line, 17, color=INK)
            top += LINE
    return top + LINE


def _draw_words(sheet: Sheet, top: float, title: str, words: str) -> float:
    sheet.text((MARGIN, top), title, 20, fontweight="bold")
    top += LINE + 6
    for line in wrapped(words, WIDTH - 2 * MARGIN, 18):
        sheet.text((MARGIN, top), line, 18)
        top += LINE
    return top + LINE
