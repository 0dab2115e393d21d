"""Stress and rest quantified together: one pose each or one for both, and what lies between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose_errors import PoseErrors, pose_errors
from shortaxis.reorientation.estimate import Quality
from shortaxis.workflow.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.study_report.exams import ReportExam

__all__ = [
    "PoseRule",
    "QuantifiedExam",
    "QuantifiedPair",
    "StudyDifference",
    "quantify_exams",
]

MOST_MOVED_MM, MOST_TURNED_DEG = 6.0, 6.0
"""Between the estimates of stress and rest, where one pose shall do for both: what the sum of two
good estimates' errors rarely reaches, and what begins to change scores."""

MOST_APART_DEG = 15.0
"""Between the long axes of stress and rest, each with its own pose: the same heart does not turn
further from one exam to the other."""


class PoseRule(Enum):
    """Whether stress and rest are cut with a pose of their own."""

    OWN = "own"
    SHARED = "shared"


@dataclass(frozen=True, eq=False)
class QuantifiedExam:
    """An exam of a report, and its polar map."""

    exam: ReportExam
    quantified: QuantifiedStudy = field(repr=False)

    @property
    def title(self) -> str:
        """Stress, Rest, or Study where nobody says."""
        return self.exam.title


@dataclass(frozen=True, eq=False)
class StudyDifference:
    """What stress has lost against rest.

    `uptake_percent` is stress minus rest at every ``(level, angle)`` of the polar map: below zero
    where uptake returns at rest. `segment_scores` are the scores at stress minus those at rest;
    `volume_ratio` that of the mid-wall volumes, stress over rest.
    """

    uptake_percent: FloatArray = field(repr=False)
    segment_scores: dict[int, int]
    total_perfusion_deficit: float | None
    volume_ratio: float

    @property
    def summed_score(self) -> int:
        """Summed difference score: that of stress minus that of rest."""
        return sum(self.segment_scores.values())


@dataclass(frozen=True, eq=False)
class QuantifiedPair:
    """The exams of a report, quantified: one, or stress and rest in this order.

    `moved` tells how far the estimated pose at rest lies from that under stress, None for one exam;
    `reasons` are those of the pair alone.
    """

    exams: tuple[QuantifiedExam, ...]
    rule: PoseRule
    moved: PoseErrors | None = None
    reasons: tuple[str, ...] = ()

    @property
    def quality(self) -> Quality:
        """All reasons, those of an exam with its name where there are two."""
        told = [
            f"{each.title.lower()}: {reason}" if len(self.exams) > 1 else reason
            for each in self.exams
            for reason in each.quantified.estimate.quality.reasons
        ]
        return Quality((*self.reasons, *told))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the limits were chosen without, said once."""
        told = [note for each in self.exams for note in each.quantified.notes]
        return tuple(dict.fromkeys(told))

    @property
    def difference(self) -> StudyDifference | None:
        """What stress has lost against rest; None for one exam."""
        if len(self.exams) == 1:
            return None
        stress, rest = (each.quantified for each in self.exams)
        # By the same rule: scores by limits and by bands do not compare.
        by_limits = stress.by_limits is not None and rest.by_limits is not None
        under, at = ((each.severity if by_limits else each.fixed_bands) for each in (stress, rest))
        before, after = under.segment_scores, at.segment_scores
        deficit = under.total_perfusion_deficit - at.total_perfusion_deficit
        return StudyDifference(
            stress.traced.polar_map.uptake_percent - rest.traced.polar_map.uptake_percent,
            {number: score - after[number] for number, score in before.items()},
            deficit if by_limits else None,
            stress.traced.volume_ml / max(rest.traced.volume_ml, 1e-3),
        )


def quantify_exams(
    exams: Sequence[ReportExam], options: QuantifyOptions, rule: PoseRule = PoseRule.OWN
) -> QuantifiedPair:
    """Quantify one exam, or stress and rest.

    With `PoseRule.SHARED` the wall at rest is traced with the pose found under stress, in
    coordinates of the patient; a heart that was not where it is then is a reason to look.

    Raises
    ------
    OptionError
        If there are more than two exams, or a pose shall be shared by one.
    HeartNotFoundError
        If there is no left ventricle in one of them.
    """
    if len(exams) not in (1, 2) or (len(exams) == 1 and rule is PoseRule.SHARED):
        raise OptionError(
            "these exams make no report",
            expected="stress and rest, or one exam with its own pose",
            found=f"{len(exams)} exams, pose {rule.value}",
        )
    first = quantify_study(exams[0].study, options)
    if len(exams) == 1:
        return QuantifiedPair((QuantifiedExam(exams[0], first),), rule)
    shared = first.pose if rule is PoseRule.SHARED else None
    second = quantify_study(exams[1].study, options, shared)
    moved = pose_errors(second.estimate.pose, first.estimate.pose)
    pair = (QuantifiedExam(exams[0], first), QuantifiedExam(exams[1], second))
    return QuantifiedPair(pair, rule, moved, tuple(_reasons(moved, rule)))


def _reasons(moved: PoseErrors, rule: PoseRule) -> list[str]:
    turned, shifted = moved.long_axis_deg, moved.center_mm
    if rule is PoseRule.SHARED and (shifted > MOST_MOVED_MM or turned > MOST_TURNED_DEG):
        return [
            f"the heart lies {shifted:.0f} mm and {turned:.0f} degrees elsewhere at rest: "
            "one pose does not fit both"
        ]
    if rule is PoseRule.OWN and turned > MOST_APART_DEG:
        return [f"the long axes of stress and rest lie {turned:.0f} degrees apart"]
    return []
