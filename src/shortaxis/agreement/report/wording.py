"""What a comparison says in words: on a terminal, and in the cells of its tables."""

from __future__ import annotations

from shortaxis.agreement.comparisons.comparing import Comparison
from shortaxis.agreement.comparisons.detecting import Detection
from shortaxis.agreement.comparisons.gradings import Grading
from shortaxis.agreement.comparisons.pairings import GROUPS, Pairing
from shortaxis.agreement.comparisons.pairs import PairAgreement
from shortaxis.agreement.exams.compared_exam import PATIENT
from shortaxis.agreement.exams.quantities import ABNORMAL, COMPARED
from shortaxis.agreement.measures.limits_of_agreement import Estimate
from shortaxis.evaluation.scores.intervals import Proportion
from shortaxis.evaluation.scores.wording import DASH, listed, proportion_words, signed

__all__ = [
    "GRADED",
    "MOST_LISTED",
    "count_words",
    "estimate_words",
    "signed_words",
    "summary_lines",
    "words_of_test",
]

MOST_LISTED = 10
"""Rows that a sentence names."""

GRADED = {"segments": "Scores of the 17 segments", "verdict": "Normal or abnormal"}


def count_words(found: Comparison) -> str:
    """How many exams, whose numbers, how many were flagged, and what failed."""
    patients = len({exam.patient for exam in found.exams})
    flagged = [exam.is_flagged for exam in found.exams if exam.is_flagged is not None]
    words = [
        f"{len(found.exams)} exams of {patients} patients; numbers of {', '.join(found.sources)}"
    ]
    if flagged:
        words.append(
            f"Flagged for review: {proportion_words(Proportion(sum(flagged), len(flagged)))}"
        )
    if found.failures:
        rows = listed(found.failures, MOST_LISTED)
        words.append(f"{len(found.failures)} came to nothing: rows {rows}")
    if found.unused:
        words.append(f"{found.unused} results that no row names")
    return ". ".join(words) + "."


def summary_lines(found: Comparison) -> list[str]:
    """What a terminal says: every pair and test over all exams, in a line."""
    return [
        count_words(found),
        *[_pair_line(each) for each in found.pairs if _is_of_all(each.pairing)],
        *[_grading_line(each) for each in found.gradings if _is_of_all(each.pairing)],
        *[_detection_line(each) for each in found.detections if each.group == GROUPS[0]],
    ]


def _is_of_all(pairing: Pairing) -> bool:
    return pairing.group == GROUPS[0]


def _pair_line(each: PairAgreement) -> str:
    quantity, limits = COMPARED[each.quantity], each.limits
    head = f"{quantity.words} {_pairing_words(each.pairing, each.exams)}"
    if limits is None:
        return f"{head}: too few"
    lower, upper = (signed(one.value, 1) for one in (limits.lower, limits.upper))
    unit = quantity.unit and f" {quantity.unit}"
    return (
        f"{head}: bias {signed_words(limits.bias)}{unit}, limits {lower} to {upper}{unit}, "
        f"ICC {estimate_words(each.icc)}"
    )


def _grading_line(each: Grading) -> str:
    kappa = estimate_words(None if each.kappa is None else each.kappa.kappa)
    return f"{GRADED[each.what]} {_pairing_words(each.pairing, each.exams)}: kappa {kappa}"


def _pairing_words(pairing: Pairing, exams: int) -> str:
    return f"at {pairing.condition}, {pairing.first} - {pairing.second}, n {exams}"


def _detection_line(each: Detection) -> str:
    return (
        f"{words_of_test(each.test, each.place)} of {each.source} for disease in {each.place}, n "
        f"{each.tested}: AUC {estimate_words(each.area)}, sensitivity "
        f"{proportion_words(each.sensitivity)}, specificity {proportion_words(each.specificity)}"
    )


def signed_words(estimate: Estimate | None) -> str:
    """A difference and its interval, with signs."""
    if estimate is None:
        return DASH
    ends = estimate.interval
    within = f" ({signed(ends[0], 2)} to {signed(ends[1], 2)})" if ends else ""
    return f"{signed(estimate.value, 2)}{within}"


def estimate_words(estimate: Estimate | None) -> str:
    """A value and its interval."""
    if estimate is None:
        return DASH
    ends = estimate.interval
    return f"{estimate.value:.3f}" + (f" ({ends[0]:.3f} to {ends[1]:.3f})" if ends else "")


def words_of_test(test: str, place: str) -> str:
    """What the number that decides is called."""
    if test == ABNORMAL:
        return "Verdict"
    return COMPARED[test].words if place == PATIENT else "Score of the territory"
