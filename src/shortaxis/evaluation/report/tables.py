"""Tables of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence

from shortaxis.evaluation.document.blocks import Table
from shortaxis.evaluation.scores.exam_score import ERRORS, ExamScore
from shortaxis.evaluation.scores.method_evaluation import MethodEvaluation
from shortaxis.evaluation.scores.summary import PARAMETERS, GroupSummary
from shortaxis.evaluation.scores.wording import (
    ERROR_WORDS,
    PARAMETER_UNITS,
    agreement_cells,
    correlation_words,
    error_words,
    proportion_words,
    statistics_words,
    whole_number,
)

__all__ = [
    "agreement_table",
    "correlation_table",
    "coverage_table",
    "error_table",
    "flag_table",
    "reasons_table",
    "summary_table",
    "worst_table",
]


def summary_table(methods: Sequence[MethodEvaluation]) -> Table:
    """One row a method: errors, failures, flags."""
    header = (
        "method", "exams", "without a pose", "long axis (°)", "centre (mm)", "roll (°)",
        "geodesic (°)", "failures", "accepted failures", "sensitivity", "specificity",
    )  # fmt: skip
    rows = tuple(
        (
            each.method,
            whole_number(each.overall.exams),
            whole_number(each.overall.not_found + each.overall.no_pose),
            *_errors(each.overall),
            proportion_words(each.overall.failures),
            proportion_words(each.overall.unflagged_failures),
            proportion_words(each.overall.sensitivity),
            proportion_words(each.overall.specificity),
        )
        for each in methods
    )
    return Table(header, rows)


def correlation_table(named: dict[str, GroupSummary], first: str) -> Table:
    """Pearson's r of the six parameters, one row a method or a group."""
    rows = tuple(
        (
            name,
            whole_number(_poses(group, accepted=False)),
            *(correlation_words(group.correlations[each]) for each in PARAMETERS),
        )
        for name, group in named.items()
    )
    return Table((first, "poses", *PARAMETERS), rows)


def error_table(groups: dict[str, GroupSummary], *, accepted: bool) -> Table:
    """Median / 95th percentile / maximum of the errors by group."""
    words = [f"{name} ({unit.strip()})" for name, unit in ERROR_WORDS.values()]
    rows = tuple(
        (name, whole_number(_poses(group, accepted=accepted)), *_errors(group, accepted=accepted))
        for name, group in groups.items()
    )
    return Table(("group", "poses", *words), rows)


def flag_table(groups: dict[str, GroupSummary]) -> Table:
    """Failures, and whether they were flagged, by group."""
    header = (
        "group", "exams", "without a pose", "failures", "accepted failures", "flagged",
        "sensitivity", "specificity",
    )  # fmt: skip
    rows = tuple(
        (
            name,
            whole_number(group.exams),
            whole_number(group.not_found + group.no_pose),
            proportion_words(group.failures),
            proportion_words(group.unflagged_failures),
            proportion_words(group.flagged, counts=False),
            proportion_words(group.sensitivity),
            proportion_words(group.specificity),
        )
        for name, group in groups.items()
    )
    return Table(header, rows)


def agreement_table(group: GroupSummary) -> Table:
    """Correlation, bias and limits of agreement of the six parameters."""
    header = ("parameter", "r", "bias", "standard deviation", "limits of agreement")
    rows = tuple(
        (
            f"{name} ({PARAMETER_UNITS[name]})",
            correlation_words(group.correlations[name]),
            *agreement_cells(group.agreement[name]),
        )
        for name in PARAMETERS
    )
    return Table(header, rows)


def coverage_table(method: MethodEvaluation) -> Table:
    """How often the error is within the reported uncertainty."""
    rows = tuple(
        (ERROR_WORDS[name][0], proportion_words(part)) for name, part in method.coverage.items()
    )
    return Table(("error", "within the reported uncertainty"), rows)


def reasons_table(method: MethodEvaluation) -> Table:
    """Why exams were sent to review."""
    rows = tuple((reason, whole_number(count)) for reason, count in method.reasons)
    return Table(("reason to review", "exams"), rows)


def worst_table(scores: Sequence[ExamScore]) -> Table:
    """The poses that are most off."""
    header = ("rank", "exam", *(words for words, _ in ERROR_WORDS.values()), "flag", "reasons")
    rows = tuple(_worst_row(rank, score) for rank, score in enumerate(scores, start=1))
    return Table(header, rows, prose=("flag", "reasons"))


def _worst_row(rank: int, score: ExamScore) -> tuple[str, ...]:
    errors = [error_words(getattr(score.errors, name), name) for name in ERRORS]
    reasons = score.estimate.quality.reasons if score.estimate is not None else ()
    flag = "review" if score.is_flagged else "accept"
    return str(rank), str(score.truth.exam_seed), *errors, flag, "; ".join(reasons)


def _errors(group: GroupSummary, *, accepted: bool = False) -> tuple[str, ...]:
    errors = group.accepted_errors if accepted else group.errors
    return tuple(statistics_words(errors[name]) for name in ERRORS)


def _poses(group: GroupSummary, *, accepted: bool) -> int:
    statistics = (group.accepted_errors if accepted else group.errors)["center_mm"]
    return 0 if statistics is None else statistics.exams
