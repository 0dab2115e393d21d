"""What lies between stress and rest, in words that page and table share."""

from __future__ import annotations

from shortaxis.workflow.quantify.wording import NOT_SCORED
from shortaxis.workflow.study_report.exams.pairing import StudyDifference
from shortaxis.workflow.study_report.wording import SUMMED_DIFFERENCE, signed, territory_words

__all__ = ["NO_SUBTRACTION", "difference_rows"]

NO_SUBTRACTION = (
    "a map of its own, which leaves out what two exams of one heart may differ by; the SDS is its "
    "score, not SSS less SRS"
)
"""Readers know the SDS as the difference of the summed scores."""


def difference_rows(difference: StudyDifference) -> list[tuple[str, str]]:
    """Name and value of everything that compares stress and rest."""
    rows = [("TID ratio", difference.dilation.words)]
    scored, change = difference.scored, difference.reversibility
    if scored is None:
        return [(SUMMED_DIFFERENCE, NOT_SCORED), *rows]
    words = f"{signed(sum(scored.values()))} ({territory_words(scored, signed)})"
    if change is not None:
        deficit, extent = 100 * change.total_perfusion_deficit, 100 * change.extent
        told = f"TPD {deficit:.1f} %, extent {extent:.0f} %; {NO_SUBTRACTION}"
        rows.insert(0, ("Reversible", told))
    return [(SUMMED_DIFFERENCE, words), *rows]
