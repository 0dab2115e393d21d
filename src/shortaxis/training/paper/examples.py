"""Which test exams the figures show: by rules that use the truth and no prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property

import numpy as np

from shortaxis.errors import HeartNotFoundError
from shortaxis.evaluation.normals_building import exam_group
from shortaxis.geometry.euler import (
    PoseParameters,
    parameters_from_pose,
    pose_from_parameters,
    with_conventional_roll,
)
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.normal_files import DEFAULT_NORMALS, find_normals
from shortaxis.quantification.normal_limits import NormalLimits
from shortaxis.quantification.severity import Severity, limits_severity
from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.simulation.exam_files import StoredExam
from shortaxis.simulation.strata import hot_part
from shortaxis.training.paper.predictions import Predictions

__all__ = ["Chosen", "TestExam", "extreme_exams", "map_exams", "posed", "slice_exams"]

ANGLES = ("alpha", "beta", "theta")

NORMAL_SCORE, MILD_SCORE = 0, 6
"""Summed scores that normal and mildly abnormal maps are chosen nearest to."""


@dataclass(frozen=True, eq=False)
class TestExam:
    """A test exam with its truth, read once for all figures."""

    __test__ = False

    stored: StoredExam

    @property
    def seed(self) -> int:
        """Of the exam."""
        return self.stored.scenario.exam_seed

    @cached_property
    def limits(self) -> NormalLimits:
        """Installed normal limits of its group."""
        group = exam_group(self.stored.scenario)
        limits = find_normals(DEFAULT_NORMALS).for_exam(group)
        if limits is None:
            raise LookupError(f"no limits for {group}")
        return limits

    @cached_property
    def at_truth(self) -> Severity | None:
        """Scores from slices along the true pose."""
        return self.severity(self.stored.pose)

    def severity(self, pose: RigidPose) -> Severity | None:
        """Scores from slices along a pose; None where no wall can be traced."""
        try:
            traced = trace_ventricle(self.stored.volume, with_conventional_roll(pose))
            return limits_severity(traced.polar_map, self.limits)
        except HeartNotFoundError:
            return None


@dataclass(frozen=True, eq=False)
class Chosen:
    """An exam and why it is shown."""

    exam: TestExam
    words: str


def posed(found: Predictions, exam: TestExam) -> RigidPose | None:
    """The pose that a method's first fold predicts; None where it found no heart.

    Raises
    ------
    LookupError
        If it has not predicted this exam.
    """
    rows = np.flatnonzero(found.seeds == exam.seed)
    if not len(rows):
        raise LookupError(f"no prediction of exam {exam.seed}")
    values = found.estimates[rows[0]]
    if not np.isfinite(values).all():
        return None
    return pose_from_parameters(PoseParameters(*map(float, values)), exam.stored.volume.center_mm)


def slice_exams(exams: Sequence[TestExam]) -> list[Chosen]:
    """Three patients of Figure 4, of different exams where there are so many.

    Normal: no defect, no hot organ, not small, of middling length. Small heart: the shortest.
    Abnormal uptake: the largest defect.
    """
    length = {each.seed: _length_mm(each) for each in exams}
    middle = float(np.median(list(length.values())))
    sound = [
        each
        for each in exams
        if not (_stratum(each, "defect_part") or _stratum(each, "hot_organ"))
        and not _stratum(each, "small_heart")
    ]
    normal = _least(sound or exams, {each.seed: abs(length[each.seed] - middle) for each in exams})
    small = _least(exams, length, normal)
    defect = {each.seed: -_stratum(each, "defect_part") for each in exams}
    abnormal = _least(exams, defect, normal, small)
    return [
        Chosen(normal, "normal"),
        Chosen(small, f"small heart, {length[small.seed]:.0f} mm"),
        Chosen(abnormal, "abnormal uptake"),
    ]


def map_exams(exams: Sequence[TestExam]) -> list[Chosen]:
    """Three stress and three rest exams of Figure 6, by the summed score at the true pose.

    Stress: nearest to 0, and two mild ones, nearest to 6. Rest: nearest to 0, nearest to 6, and the
    highest. No exam comes twice; fewer are given where there are fewer.
    """
    scores = {each.seed: each.at_truth.summed_score for each in exams if each.at_truth}
    highest = max(scores.values(), default=0)
    rules = (
        ("stress", "normal", NORMAL_SCORE),
        ("stress", "mild defect", MILD_SCORE),
        ("stress", "mild defect", MILD_SCORE),
        ("rest", "normal", NORMAL_SCORE),
        ("rest", "mild defect", MILD_SCORE),
        ("rest", "severe defect", highest),
    )
    chosen: list[Chosen] = []
    for condition, words, score in rules:
        left = [
            each
            for each in exams
            if each.stored.scenario.condition == condition
            and each.seed in scores
            and each not in [one.exam for one in chosen]
        ]
        if left:
            apart = {each.seed: abs(scores[each.seed] - score) for each in left}
            chosen.append(Chosen(_least(left, apart), f"{condition}, {words}"))
    return chosen


def extreme_exams(exams: Sequence[TestExam]) -> list[Chosen]:
    """Both exams of Figure 7: the largest angle, and the most heat beside the heart."""
    angles = {each.seed: _largest_angle(each) for each in exams}
    turned = _least(exams, {seed: -abs(value) for seed, (_, value) in angles.items()})
    hot = {
        each.seed: -hot_part(each.stored.scenario.phantom) if _stratum(each, "hot_organ") else 0.0
        for each in exams
    }
    overlapped = _least(exams, hot, turned)
    name, value = angles[turned.seed]
    part = abs(hot[overlapped.seed])
    return [
        Chosen(turned, f"{name} of {value:.0f}°"),
        Chosen(overlapped, f"hot organ, {100 * part:.0f} % of the rim"),
    ]


def _least(exams: Sequence[TestExam], values: Mapping[int, float], *others: TestExam) -> TestExam:
    """The exam with the least value, the first of those that share it; none of the `others`."""
    left = [each for each in exams if each not in others]
    return min(left or exams, key=lambda each: (values[each.seed], each.seed))


def _length_mm(exam: TestExam) -> float:
    return exam.stored.scenario.phantom.heart.left_ventricle.length_mm


def _stratum(exam: TestExam, name: str) -> float:
    return float(exam.stored.strata[name])


def _largest_angle(exam: TestExam) -> tuple[str, float]:
    values = parameters_from_pose(exam.stored.pose, exam.stored.volume.center_mm)
    named = dict(zip(ANGLES, astuple(values)[3:], strict=True))
    name = max(named, key=lambda each: abs(named[each]))
    return name, named[name]
