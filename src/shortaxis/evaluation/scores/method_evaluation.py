"""How one method does on a cohort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shortaxis.evaluation.cohorts.exam_truth import ExamTruth
from shortaxis.evaluation.scores.exam_estimate import Absence, ExamEstimate
from shortaxis.evaluation.scores.exam_score import ExamScore, score_exams
from shortaxis.evaluation.scores.groups import ALL, GROUPS
from shortaxis.evaluation.scores.intervals import Proportion
from shortaxis.evaluation.scores.summary import GroupSummary, summarise
from shortaxis.inference.weights_record import WeightsRecord

__all__ = ["COVERED", "WORST", "MethodEvaluation", "evaluate_method"]

COVERED = ("long_axis_deg", "center_mm", "roll_deg")
"""Errors for which a method can give an uncertainty."""

WORST = 20
"""Cases that are shown as pictures."""


@dataclass(frozen=True, eq=False)
class MethodEvaluation:
    """Numbers of one method.

    Parameters
    ----------
    method : str
        Its name.
    scores : tuple of ExamScore
        All exams, by seed.
    groups : mapping of name to GroupSummary
        Groups that have exams, the first of them all exams.
    coverage : mapping of error to Proportion or None
        Poses whose error is within the reported uncertainty; None where none was reported.
    reasons : tuple of (reason, exams)
        Why exams were sent to review, without the values that a reason may carry in brackets,
        the most frequent first.
    files_of_no_exam : tuple of str
        Given pose files that belong to no exam of the cohort.
    """

    method: str
    scores: tuple[ExamScore, ...]
    groups: dict[str, GroupSummary]
    coverage: dict[str, Proportion | None]
    reasons: tuple[tuple[str, int], ...]
    files_of_no_exam: tuple[str, ...] = ()

    @property
    def overall(self) -> GroupSummary:
        """Numbers of all exams."""
        return self.groups[ALL]

    @property
    def worst(self) -> tuple[ExamScore, ...]:
        """The poses that are most off, the worst first; exams without a pose are not among them."""
        posed = [score for score in self.scores if score.errors is not None]
        return tuple(sorted(posed, key=_severity, reverse=True)[:WORST])

    @property
    def weights(self) -> tuple[WeightsRecord, ...]:
        """Weights that made the poses, each once."""
        records = [each.estimate.weights for each in self.scores if each.estimate is not None]
        return tuple(record for record in dict.fromkeys(records) if record.name)

    def seeds_without(self, absence: Absence) -> tuple[int, ...]:
        """Exams that have no pose for this reason."""
        return tuple(score.truth.exam_seed for score in self.scores if score.absence is absence)


def evaluate_method(
    method: str, truths: Sequence[ExamTruth], estimates: Sequence[ExamEstimate]
) -> MethodEvaluation:
    """Compare the estimates of one method with the truth, in all groups that have exams.

    Raises
    ------
    OptionError
        If an exam has no estimate, or several.
    """
    scores = score_exams(tuple(truths), tuple(estimates))
    chosen = {
        name: [score for score in scores if belongs(score.truth.strata)]
        for name, belongs in GROUPS.items()
    }
    reasons = Counter(kind for score in scores for kind in _kinds_of_reasons(score))
    return MethodEvaluation(
        method=method,
        scores=scores,
        groups={name: summarise(group) for name, group in chosen.items() if group or name == ALL},
        coverage={name: _coverage(scores, name) for name in COVERED},
        reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
    )


def _kinds_of_reasons(score: ExamScore) -> set[str]:
    """Reasons of an exam without their values: "doubts (7.0, limit 6.5)" is one kind of doubt."""
    reasons = () if score.estimate is None else score.estimate.quality.reasons
    return {reason.partition(" (")[0] for reason in reasons}


def _severity(score: ExamScore) -> float:
    return -1.0 if score.errors is None else score.errors.severity


def _coverage(scores: Sequence[ExamScore], name: str) -> Proportion | None:
    """Poses within their uncertainty, of those that have both the error and an uncertainty."""
    within = []
    for score in scores:
        if score.estimate is None:
            continue
        error = getattr(score.errors, name)
        bound = getattr(score.estimate.uncertainty, name)
        if error is not None and bound is not None:
            within.append(error <= bound)
    return Proportion(sum(within), len(within)) if within else None
