"""Exams in numbers: how large errors are, how many fail, and whether that was flagged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from shortaxis.evaluation.scores.exam_estimate import Absence
from shortaxis.evaluation.scores.exam_score import ERRORS, ExamScore
from shortaxis.evaluation.scores.intervals import Correlation, Proportion, correlate
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import PoseParameters

__all__ = [
    "PARAMETERS",
    "Agreement",
    "ErrorStatistics",
    "GroupSummary",
    "paired_parameters",
    "summarise",
]

PARAMETERS = tuple(field.name for field in fields(PoseParameters))
"""The six parameters, in the paper's order."""

ROLL = "beta"

LIMITS_OF_AGREEMENT_SD = 1.96
"""Bland and Altman 1986, doi:10.1016/S0140-6736(86)90837-8."""


@dataclass(frozen=True)
class ErrorStatistics:
    """Unsigned errors of `exams` poses, in the unit of the error."""

    exams: int
    median: float
    p95: float
    maximum: float


@dataclass(frozen=True)
class Agreement:
    """Estimate less truth of one parameter: mean, spread, and limits that hold 95 %."""

    exams: int
    bias: float
    sd: float
    lower: float
    upper: float


@dataclass(frozen=True)
class GroupSummary:
    """Numbers of one group of exams.

    Parameters
    ----------
    exams, not_found, no_pose : int
        How many; in how many the method found no heart; for how many no pose was given.
    failures : Proportion
        Exams without a pose, or off by more than 15 degrees or 15 mm, of all exams.
    unflagged_failures : Proportion
        Accepted failures, the ones that were not flagged, of all exams.
    flagged : Proportion
        Exams with a reason to review, or without a pose, of all exams.
    sensitivity : Proportion
        Flagged failures of all failures.
    specificity : Proportion
        Accepted exams of all that are no failures.
    errors, accepted_errors : mapping of name to ErrorStatistics or None
        Of all poses, and of those that were accepted; None where no pose has this error.
    correlations : mapping of parameter to Correlation or None
        Of true and estimated parameter over all poses.
    agreement : mapping of parameter to Agreement or None
        Bias and limits of agreement over all poses.
    """

    exams: int
    not_found: int
    no_pose: int
    failures: Proportion
    unflagged_failures: Proportion
    flagged: Proportion
    sensitivity: Proportion
    specificity: Proportion
    errors: dict[str, ErrorStatistics | None]
    accepted_errors: dict[str, ErrorStatistics | None]
    correlations: dict[str, Correlation | None]
    agreement: dict[str, Agreement | None]


def summarise(scores: Sequence[ExamScore]) -> GroupSummary:
    """Summarise a group of exams; a group may be empty."""
    failed = [score for score in scores if score.is_failure]
    good = [score for score in scores if not score.is_failure]
    missed = sum(not score.is_flagged for score in failed)
    accepted = [score for score in scores if not score.is_flagged]
    pairs = {name: paired_parameters(scores, name) for name in PARAMETERS}
    return GroupSummary(
        exams=len(scores),
        not_found=sum(score.absence is Absence.NOT_FOUND for score in scores),
        no_pose=sum(score.absence is Absence.NO_POSE for score in scores),
        failures=Proportion(len(failed), len(scores)),
        unflagged_failures=Proportion(missed, len(scores)),
        flagged=Proportion(len(scores) - len(accepted), len(scores)),
        sensitivity=Proportion(len(failed) - missed, len(failed)),
        specificity=Proportion(sum(not score.is_flagged for score in good), len(good)),
        errors={name: _statistics(scores, name) for name in ERRORS},
        accepted_errors={name: _statistics(accepted, name) for name in ERRORS},
        correlations={name: correlate(*pair) for name, pair in pairs.items()},
        agreement={name: _agreement(*pair) for name, pair in pairs.items()},
    )


def paired_parameters(scores: Sequence[ExamScore], parameter: str) -> tuple[FloatArray, FloatArray]:
    """True and estimated values of one parameter, ``(exam,)`` each, mm or degrees.

    Exams without a pose are left out, for the roll also those whose roll is a convention.
    """
    pairs = [
        (getattr(score.true_parameters, parameter), getattr(score.parameters, parameter))
        for score in scores
        if score.parameters is not None and (parameter != ROLL or score.knows_roll)
    ]
    values = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return values[:, 0], values[:, 1]


def _statistics(scores: Sequence[ExamScore], name: str) -> ErrorStatistics | None:
    known = [getattr(score.errors, name) for score in scores if score.errors is not None]
    values = [value for value in known if value is not None]
    if not values:
        return None
    median, p95, maximum = np.percentile(values, [50, 95, 100]).tolist()
    return ErrorStatistics(len(values), median, p95, maximum)


def _agreement(true: FloatArray, estimated: FloatArray) -> Agreement | None:
    if len(true) < 2:
        return None
    difference = estimated - true
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    reach = LIMITS_OF_AGREEMENT_SD * sd
    return Agreement(len(difference), bias, sd, bias - reach, bias + reach)
