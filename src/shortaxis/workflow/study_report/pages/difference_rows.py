"""What lies between stress and rest, in words that page and table share."""

from __future__ import annotations

from shortaxis.quantification.reversibility import CHANGED_PART, Reversibility, UnlikeSegment
from shortaxis.workflow.quantify.wording import NOT_SCORED
from shortaxis.workflow.study_report.exams.pairing import StudyDifference
from shortaxis.workflow.study_report.wording import SUMMED_DIFFERENCE, signed, territory_words

__all__ = ["NO_SUBTRACTION", "difference_rows", "unlike_words"]

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
        unlike = unlike_words(change)
        rows += [("Segments", unlike)] if unlike else []
    return [(SUMMED_DIFFERENCE, words), *rows]


def unlike_words(change: Reversibility) -> str:
    """Why scores of segments are not those of stress less those at rest; nothing if all are."""
    unlike = change.unlike_segments
    if not unlike:
        return ""
    told = [_unlike(each) for each in unlike[:MOST_TOLD]]
    more = len(unlike) - len(told)
    told += [f"{more} more"] if more else []
    return f"{'; '.join(told)}; below {100 * CHANGED_PART:.0f} % is no change"


MOST_TOLD = 2
"""Segments for which a page has room."""


def _unlike(each: UnlikeSegment) -> str:
    lost = f"{100 * each.lost_part:.0f} % lost" if each.lost_part > 0 else "no loss"
    scores = f"stress {each.stress_score}, rest {each.rest_score}, SDS {each.score}"
    return f"{each.number}: {scores} ({lost})"
