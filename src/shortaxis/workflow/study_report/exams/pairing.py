"""Stress and rest quantified together: one pose each or one for both, and what lies between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property

from shortaxis.errors import OptionError
from shortaxis.function.stress_against_rest import FunctionChange, function_change
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import PoseErrors, pose_errors
from shortaxis.quantification.drawn_surfaces import TRACED_WALL
from shortaxis.quantification.reversibility import Reversibility, reversibility_of
from shortaxis.quantification.transient_dilation import CAVITY, MID_WALL, TransientDilation
from shortaxis.reorientation.estimate import Quality
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.studies.finding import SkippedItem
from shortaxis.workflow.study_report.exams.finding import LoadedExams, ReportExam
from shortaxis.workflow.study_report.exams.gating import GatedVentricle, gated_ventricle
from shortaxis.workflow.study_report.exams.positions import BothPositions, in_both_positions
from shortaxis.workflow.study_report.exams.signed import Conclusion, SignedExam

__all__ = [
    "EarlierExam",
    "PoseRule",
    "QuantifiedExam",
    "QuantifiedPair",
    "StudyDifference",
    "quantify_exams",
]

MAX_MOVED_MM, MAX_TURNED_DEG = 6.0, 6.0
"""Between the estimates of stress and rest, where one pose shall do for both: what the sum of two
good estimates' errors rarely reaches, and what begins to change scores."""

PAIR = ("stress", "rest")

MAX_APART_DEG = 15.0
"""Between the long axes of stress and rest, each with its own pose: the same heart does not turn
further from one exam to the other."""


class PoseRule(Enum):
    """Whether stress and rest are cut with a pose of their own."""

    OWN = "own"
    SHARED = "shared"


@dataclass(frozen=True, eq=False)
class QuantifiedExam:
    """An exam of a report, its polar map, that of another position, and what was signed of it."""

    exam: ReportExam
    quantified: QuantifiedStudy = field(repr=False)
    positions: BothPositions | None = None
    signed: SignedExam | None = None

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
        """Reasons to review: pose, wall, time slots, other position."""
        of_slots = [] if self.gated is None else self.gated.reasons
        of_other = [] if self.positions is None else self.positions.reasons
        return [*self.quantified.estimate.quality.reasons, *of_slots, *of_other]

    @property
    def notes(self) -> list[str]:
        """What is worth knowing."""
        notes = list(self.quantified.all_notes)
        made = self.quantified.study.facts.reconstructed_here
        notes += [f"reconstructed here with {made}"] if made else []
        if self.quantified.study.is_gated and self.gated is None:
            notes.append("too few time slots to tell end-diastole from end-systole")
        notes += [self.signed.note] if self.signed else []
        function = self.quantified.function
        notes += [f"function, review: {each}" for each in (function.reasons if function else ())]
        return notes


@dataclass(frozen=True, eq=False)
class StudyDifference:
    """What stress has lost against rest.

    `uptake_percent` is stress minus rest at every ``(level, angle)`` of the polar map: below zero
    where uptake returns at rest. `reversibility` is the loss as a map of its own, None unless both
    exams are compared with normal limits; `scored` the score of each segment, None where nothing is
    scored; `dilation` the TID ratio.
    """

    uptake_percent: FloatArray = field(repr=False)
    scored: dict[int, int] | None
    reversibility: Reversibility | None
    dilation: TransientDilation

    @property
    def summed_score(self) -> int | None:
        """Summed difference score; None where nothing is scored."""
        return None if self.scored is None else sum(self.scored.values())

    @property
    def total_perfusion_deficit(self) -> float | None:
        """Of the loss that returns, 0 to 1; None without limits."""
        change = self.reversibility
        return None if change is None else change.total_perfusion_deficit


@dataclass(frozen=True, eq=False)
class QuantifiedPair:
    """The exams of a report, quantified: one, or stress and rest in this order.

    `moved` is how far the estimated pose at rest lies from that under stress, None for one exam;
    `reasons` and `pair_notes` are those of the pair alone; `left_out` are files not shown;
    `days_apart` lie between the exams, None where nobody says; `earlier` is what they are compared
    with, None if nothing was asked for.
    """

    exams: tuple[QuantifiedExam, ...]
    rule: PoseRule
    moved: PoseErrors | None = None
    reasons: tuple[str, ...] = ()
    pair_notes: tuple[str, ...] = ()
    left_out: tuple[SkippedItem, ...] = ()
    days_apart: int | None = None
    earlier: EarlierExam | None = None

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
    def conclusion(self) -> Conclusion | None:
        """The reader's, of the first exam that has one."""
        signed = (each.signed.conclusion for each in self.exams if each.signed is not None)
        return next((each for each in signed if each.words), None)

    @property
    def gated(self) -> list[tuple[QuantifiedExam, GatedVentricle]]:
        """Exams with time slots to speak of."""
        return [(each, each.gated) for each in self.exams if each.gated is not None]

    @cached_property
    def function_change(self) -> FunctionChange | None:
        """How the ventricle beats under stress against rest; None unless both are measured."""
        functions = [each.quantified.function for each in self.exams]
        measured = [each.measured for each in functions if each and each.measured]
        return function_change(*measured) if len(measured) == len(PAIR) else None

    @cached_property
    def difference(self) -> StudyDifference | None:
        """What stress has lost against rest; None for one exam."""
        if len(self.exams) == 1:
            return None
        stress, rest = (each.quantified for each in self.exams)
        change = _reversibility(stress, rest)
        return StudyDifference(
            stress.traced.polar_map.uptake_percent - rest.traced.polar_map.uptake_percent,
            change.segment_scores if change else _score_differences(stress, rest),
            change,
            _dilation(stress, rest, self.days_apart),
        )


@dataclass(frozen=True, eq=False)
class EarlierExam:
    """An earlier exam of the patient, or stress and rest, each of a condition that is reported.

    It was made `days_before`, None where nobody says; `doubts` are why the comparison may mislead,
    and `notes` what else is worth knowing.
    """

    pair: QuantifiedPair
    days_before: int | None = None
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _reversibility(stress: QuantifiedStudy, rest: QuantifiedStudy) -> Reversibility | None:
    if stress.severity is None or rest.severity is None:
        return None
    under, at = stress.severity.comparison, rest.severity.comparison
    return None if under is None or at is None else reversibility_of(under, at)


def _score_differences(stress: QuantifiedStudy, rest: QuantifiedStudy) -> dict[int, int] | None:
    """Fixed bands know no deviations: there the scores are subtracted."""
    if stress.severity is None or rest.severity is None:
        return None
    before, after = stress.severity.segment_scores, rest.severity.segment_scores
    return {number: score - after[number] for number, score in before.items()}


def _dilation(
    stress: QuantifiedStudy, rest: QuantifiedStudy, days_apart: int | None
) -> TransientDilation:
    """Of the cavities, or of what lies inside the middle of a traced wall."""
    if stress.options.wall == TRACED_WALL:
        volumes = [each.traced.volume_ml for each in (stress, rest)]
        return TransientDilation(volumes[0], volumes[1], MID_WALL, days_apart)
    volumes = [each.wall.surfaces.cavity_ml for each in (stress, rest)]
    return TransientDilation(volumes[0], volumes[1], CAVITY, days_apart)


def quantify_exams(
    loaded: LoadedExams,
    options: QuantifyOptions,
    rule: PoseRule = PoseRule.OWN,
    signed: Sequence[SignedExam | None] = (),
) -> QuantifiedPair:
    """Quantify one exam, or stress and rest.

    Exams that a reader `signed`, in their order, keep the axes and the wall of the signature. With
    `PoseRule.SHARED` the wall at rest is traced with the pose found under stress, in coordinates of
    the patient; a heart that was not where it is then is a reason to review.

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
    of_reader = (*signed, *[None] * (len(exams) - len(signed)))
    first = _quantified(exams[0], options, of_reader[0])
    if len(exams) == 1:
        only = _with_positions(exams[0], first, options, of_reader[0])
        return QuantifiedPair((only,), rule, None, loaded.reasons, loaded.notes, loaded.left_out)
    shared = first.pose if rule is PoseRule.SHARED else None
    second = _quantified(exams[1], options, of_reader[1], shared)
    if rule is PoseRule.SHARED and (first.is_short_axis or second.is_short_axis):
        raise OptionError(
            "short-axis slices share no pose",
            expected="transaxial exams",
            found="slices, which are taken along their own axes",
        )
    moved = pose_errors(second.estimate.pose, first.estimate.pose)
    pair = (
        _with_positions(exams[0], first, options, of_reader[0]),
        _with_positions(exams[1], second, options, of_reader[1]),
    )
    reasons = (*loaded.reasons, *_reasons(moved, rule), *_reasons_of_limits(pair))
    return QuantifiedPair(
        pair, rule, moved, reasons, loaded.notes, loaded.left_out, loaded.days_apart
    )


def _quantified(
    exam: ReportExam,
    options: QuantifyOptions,
    signed: SignedExam | None,
    shared: RigidPose | None = None,
) -> QuantifiedStudy:
    if signed is None:
        return quantify_study(exam.study, options, shared)
    by_hand = replace(options, hand=signed.hand)
    return quantify_study(exam.study, by_hand, shared, signed.estimate)


def _with_positions(
    exam: ReportExam, shown: QuantifiedStudy, options: QuantifyOptions, signed: SignedExam | None
) -> QuantifiedExam:
    """The exam, together with that of another position; a note says what both show."""
    if exam.other_position is None:
        return QuantifiedExam(exam, shown, signed=signed)
    both = in_both_positions(shown, exam.other_position, options)
    note = f"{both.title} together, abnormal in both: {both.words}"
    return QuantifiedExam(exam, replace(shown, notes=(*shown.notes, note)), both, signed)


def _reasons_of_limits(pair: Sequence[QuantifiedExam]) -> list[str]:
    scored = [each.title.lower() for each in pair if each.quantified.severity is not None]
    if len(scored) != 1:
        return []
    return [f"normal limits fit {scored[0]} alone: there is no difference of scores"]


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
