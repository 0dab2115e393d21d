"""One exam judged: how far the pose is off, whether it is a failure, and whether it was flagged."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from shortaxis.errors import OptionError
from shortaxis.evaluation.cohorts.exam_truth import ExamTruth
from shortaxis.evaluation.scores.exam_estimate import Absence, ExamEstimate
from shortaxis.geometry.euler import PoseParameters, parameters_from_pose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.estimate import PoseEstimate

__all__ = [
    "ERRORS",
    "FAILURE_DEG",
    "FAILURE_MM",
    "ExamErrors",
    "ExamScore",
    "score_exam",
    "score_exams",
]

FAILURE_DEG, FAILURE_MM = 15.0, 15.0
"""Beyond this of the long axis or the centre the slices are of no use."""

ERRORS = ("long_axis_deg", "center_mm", "roll_deg", "geodesic_deg")
"""Errors of a pose, in the order of the tables."""

ANGLES = ("alpha", "beta", "theta")


@dataclass(frozen=True)
class ExamErrors:
    """Unsigned errors of one pose; None for those that need a roll, where it is a convention."""

    long_axis_deg: float
    center_mm: float
    roll_deg: float | None
    geodesic_deg: float | None

    @property
    def severity(self) -> float:
        """The larger of axis and centre error, as a part of what makes a failure."""
        return max(self.long_axis_deg / FAILURE_DEG, self.center_mm / FAILURE_MM)


@dataclass(frozen=True, eq=False)
class ExamScore:
    """Truth, estimate and what follows from both.

    `estimate`, `errors` and `parameters` are None where there is no pose, for which `absence`
    is the reason. Angles of `parameters` are within half a turn of the true ones, so that they
    can be compared as numbers.
    """

    truth: ExamTruth
    estimate: PoseEstimate | None
    absence: Absence | None
    errors: ExamErrors | None
    true_parameters: PoseParameters
    parameters: PoseParameters | None

    @property
    def is_failure(self) -> bool:
        """No pose, or one that is off by more than 15 degrees (long axis) or 15 mm (centre)."""
        return self.errors is None or self.errors.severity > 1

    @property
    def is_flagged(self) -> bool:
        """Whether somebody was asked to review it: a reason to, or no pose."""
        return self.estimate is None or bool(self.estimate.quality.reasons)

    @property
    def knows_roll(self) -> bool:
        """Whether there is a pose whose roll was seen, and a true one to compare it with."""
        return self.estimate is not None and self.estimate.knows_roll and self.truth.knows_roll


def score_exam(truth: ExamTruth, given: ExamEstimate) -> ExamScore:
    """Compare one estimate with the truth.

    Raises
    ------
    OptionError
        If they are of different exams.
    """
    if truth.exam_seed != given.exam_seed:
        raise OptionError(
            "truth and estimate are of different exams",
            expected=f"exam {truth.exam_seed}",
            found=f"exam {given.exam_seed}",
        )
    true_parameters = parameters_from_pose(truth.pose, truth.volume_center_mm)
    errors = parameters = None
    if given.estimate is not None:
        errors = _errors(given.estimate, truth)
        found = parameters_from_pose(given.estimate.pose, truth.volume_center_mm)
        parameters = _near(found, true_parameters)
    return ExamScore(truth, given.estimate, given.absence, errors, true_parameters, parameters)


def score_exams(
    truths: tuple[ExamTruth, ...], estimates: tuple[ExamEstimate, ...]
) -> tuple[ExamScore, ...]:
    """Compare the estimates of a cohort with its truths, both in any order; sorted by seed.

    Raises
    ------
    OptionError
        If an exam has no estimate, or several.
    """
    by_seed = {each.exam_seed: each for each in estimates}
    seeds = {truth.exam_seed for truth in truths}
    if len(by_seed) != len(estimates) or len(seeds) != len(truths) or set(by_seed) != seeds:
        raise OptionError(
            "estimates and truths do not pair up",
            expected=f"one estimate for each of {len(truths)} exams",
            found=f"{len(estimates)} estimates of {len(by_seed)} exams",
        )
    ordered = sorted(truths, key=lambda truth: truth.exam_seed)
    return tuple(score_exam(truth, by_seed[truth.exam_seed]) for truth in ordered)


def _errors(estimate: PoseEstimate, truth: ExamTruth) -> ExamErrors:
    apart = pose_errors(estimate.pose, truth.pose)
    knows = estimate.knows_roll and truth.knows_roll
    return ExamErrors(
        long_axis_deg=apart.long_axis_deg,
        center_mm=apart.center_mm,
        roll_deg=apart.roll_deg if knows else None,
        geodesic_deg=apart.geodesic_deg if knows else None,
    )


def _near(found: PoseParameters, true: PoseParameters) -> PoseParameters:
    """The same angles, each within half a turn of the true one."""
    values = asdict(found)
    for name in ANGLES:
        reference = getattr(true, name)
        values[name] = reference + (values[name] - reference + 180.0) % 360.0 - 180.0
    return PoseParameters(**values)
