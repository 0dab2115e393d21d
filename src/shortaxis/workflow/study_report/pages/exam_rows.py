"""The numbers of perfusion of one exam of a report, in words that page and table share."""

from __future__ import annotations

from shortaxis.workflow.quantify.wording import perfusion_rows
from shortaxis.workflow.study_report.exams.pairing import QuantifiedExam

__all__ = ["exam_rows"]


def exam_rows(each: QuantifiedExam) -> list[tuple[str, str]]:
    """Name and value of every number, with those of two positions of the patient together."""
    rows = perfusion_rows(each.quantified)
    if each.positions is not None:
        rows.insert(-1, (f"{each.positions.title} together", each.positions.words))
    return rows
