"""Stress and rest quantified together: one pose each or one for both, and what lies between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose_errors import PoseErrors, pose_errors
from shortaxis.quantification.severity import Severity
from shortaxis.reorientation.estimate import Quality
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.studies.finding import SkippedItem
from shortaxis.workflow.study_report.exams.finding import LoadedExams, ReportExam
from shortaxis.workflow.study_report.exams.gating import GatedVentricle, gated_ventricle

__all__ = [
    "PoseRule",
    "QuantifiedExam",
    "QuantifiedPair",
    "StudyDifference",
    "quantify_exams",
]

MAX_MOVED_MM, MAX_TURNED_DEG = 6.0, 6.0
"""Between the estimates of stress and rest, where one pose shall do for both: what the sum of two
good estimates' errors rarely reaches, and what begins to change scores."""

MAX_APART_DEG = 15.0
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

    @cached_property
    def gated(self) -> GatedVentricle | None:
        """End-diastole and end-systole; None without enough time slots."""
        return gated_ventricle(self.quantified)

    @property
    def reasons(self) -> list[str]:
        """Reasons to review: pose, wall, time slots."""
        of_slots = [] if self.gated is None else self.gated.reasons
        return [*self.quantified.estimate.quality.reasons, *of_slots]

    @property
    def notes(self) -> list[str]:
        """What is worth knowing."""
        notes = list(self.quantified.notes)
        made = self.quantified.study.facts.reconstructed_here
        notes += [f"reconstructed here with {made}"] if made else []
        if self.quantified.study.is_gated and self.gated is None:
            notes.append("too few time slots to tell end-diastole from end-systole")
        return notes


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

    `moved` is how far the estimated pose at rest lies from that under stress, None for one exam;
    `reasons` and `pair_notes` are those of the pair alone; `left_out` are files not shown.
    """

    exams: tuple[QuantifiedExam, ...]
    rule: PoseRule
    moved: PoseErrors | None = None
    reasons: tuple[str, ...] = ()
    pair_notes: tuple[str, ...] = ()
    left_out: tuple[SkippedItem, ...] = ()

    @property
    def quality(self) -> Quality:
        """All reasons, those of an exam with its name where there are two."""
        notes = [
            f"{each.title.lower()}: {reason}" if len(self.exams) > 1 else reason
            for each in self.exams
            for reason in each.reasons
        ]
        return Quality((*self.reasons, *notes))

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing of the pair, of both exams, and of one of them, with its name."""
        by_exam = [each.notes for each in self.exams]
        shared = [note for note in by_exam[0] if all(note in notes for notes in by_exam)]
        own = [
            f"{each.title.lower()}: {note}" if len(self.exams) > 1 else note
            for each, notes in zip(self.exams, by_exam, strict=True)
            for note in notes
            if note not in shared
        ]
        return (*self.pair_notes, *shared, *own)

    @property
    def gated(self) -> list[tuple[QuantifiedExam, GatedVentricle]]:
        """Exams with time slots to speak of."""
        return [(each, each.gated) for each in self.exams if each.gated is not None]

    @property
    def is_by_limits(self) -> bool:
        """Whether scores are by normal limits: those of both exams, or of none."""
        return all(each.quantified.limits is not None for each in self.exams)

    def severity(self, each: QuantifiedExam) -> Severity:
        """Scores of an exam, by the rule that holds for both."""
        exam = each.quantified
        return exam.severity if self.is_by_limits else exam.fixed_bands

    def deficit(self, each: QuantifiedExam) -> float | None:
        """Total perfusion deficit of an exam, 0 to 1; None where scores are by fixed bands."""
        return self.severity(each).total_perfusion_deficit if self.is_by_limits else None

    @cached_property
    def difference(self) -> StudyDifference | None:
        """What stress has lost against rest; None for one exam."""
        if len(self.exams) == 1:
            return None
        under, at = (self.severity(each) for each in self.exams)
        stress, rest = (each.quantified.traced for each in self.exams)
        before, after = under.segment_scores, at.segment_scores
        deficit = under.total_perfusion_deficit - at.total_perfusion_deficit
        return StudyDifference(
            stress.polar_map.uptake_percent - rest.polar_map.uptake_percent,
            {number: score - after[number] for number, score in before.items()},
            deficit if self.is_by_limits else None,
            stress.volume_ml / max(rest.volume_ml, 1e-3),
        )


def quantify_exams(
    loaded: LoadedExams, options: QuantifyOptions, rule: PoseRule = PoseRule.OWN
) -> QuantifiedPair:
    """Quantify one exam, or stress and rest.

    With `PoseRule.SHARED` the wall at rest is traced with the pose found under stress, in
    coordinates of the patient; a heart that was not where it is then is a reason to review.

    Raises
    ------
    OptionError
        If one exam shall share its pose, or short-axis slices, which bring axes of their own.
    HeartNotFoundError
        If there is no left ventricle in one of them.
    """
    exams = loaded.exams
    if rule is PoseRule.SHARED and len(exams) == 1:
        raise OptionError("a shared pose needs two exams", expected="stress and rest", found="one")
    first = quantify_study(exams[0].study, options)
    if len(exams) == 1:
        only = QuantifiedExam(exams[0], first)
        return QuantifiedPair((only,), rule, None, loaded.reasons, loaded.notes, loaded.left_out)
    shared = first.pose if rule is PoseRule.SHARED else None
    second = quantify_study(exams[1].study, options, shared)
    if rule is PoseRule.SHARED and (first.is_short_axis or second.is_short_axis):
        raise OptionError(
            "short-axis slices share no pose",
            expected="transaxial exams",
            found="slices, which are taken along their own axes",
        )
    moved = pose_errors(second.estimate.pose, first.estimate.pose)
    pair = (QuantifiedExam(exams[0], first), QuantifiedExam(exams[1], second))
    reasons = (*loaded.reasons, *_reasons(moved, rule), *_reasons_of_limits(pair))
    return QuantifiedPair(pair, rule, moved, reasons, loaded.notes, loaded.left_out)


def _reasons_of_limits(pair: Sequence[QuantifiedExam]) -> list[str]:
    with_limits = [each.title.lower() for each in pair if each.quantified.limits is not None]
    if len(with_limits) != 1:
        return []
    return [f"normal limits fit {with_limits[0]} alone: both are scored by fixed bands"]


def _reasons(moved: PoseErrors, rule: PoseRule) -> list[str]:
    turned, shifted = moved.long_axis_deg, moved.center_mm
    if rule is PoseRule.SHARED and (shifted > MAX_MOVED_MM or turned > MAX_TURNED_DEG):
        return [
            f"the heart lies {shifted:.0f} mm and {turned:.0f} degrees elsewhere at rest: "
            "one pose does not fit both"
        ]
    if rule is PoseRule.OWN and turned > MAX_APART_DEG:
        return [f"the long axes of stress and rest lie {turned:.0f} degrees apart"]
    return []
