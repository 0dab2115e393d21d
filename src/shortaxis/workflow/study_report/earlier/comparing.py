"""An earlier exam quantified like the one that is reported, and what changed between the two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from shortaxis.anatomy.segments import SEGMENTS, Ring
from shortaxis.errors import HeartNotFoundError
from shortaxis.quantification.limits_comparison import LimitsComparison
from shortaxis.quantification.normal_group import FACT_VALUES, GROUP_FACTS, NormalGroup
from shortaxis.workflow.quantify.limits_choice import group_of
from shortaxis.workflow.quantify.quantifying import (
    QuantifiedStudy,
    QuantifyOptions,
)
from shortaxis.workflow.study_report.earlier.change import ChangeOverTime, change_over_time
from shortaxis.workflow.study_report.earlier.finding import LoadedEarlier
from shortaxis.workflow.study_report.exams.finding import LoadedExams
from shortaxis.workflow.study_report.exams.pairing import (
    EarlierExam,
    PoseRule,
    QuantifiedExam,
    QuantifiedPair,
    quantify_exams,
)
from shortaxis.workflow.study_report.exams.signed import SignedExam

__all__ = ["ComparedExam", "compared_exams", "comparison_doubts", "with_earlier"]


@dataclass(frozen=True, eq=False)
class ComparedExam:
    """An exam that is reported and the earlier one of the same condition."""

    now: QuantifiedExam
    earlier: QuantifiedExam

    @property
    def title(self) -> str:
        """Stress, Rest, or Study where nobody says."""
        return self.now.title

    @cached_property
    def change(self) -> ChangeOverTime | None:
        """The map of what changed; None unless both are compared with normal limits."""
        before, after = _compared(self.earlier.quantified), _compared(self.now.quantified)
        return None if before is None or after is None else change_over_time(before, after)

    @property
    def is_by_fixed_bands(self) -> bool:
        """Whether fixed bands were asked for, which give no map of the change."""
        return self.now.quantified.options.is_by_fixed_bands


def with_earlier(
    pair: QuantifiedPair,
    loaded: LoadedEarlier,
    options: QuantifyOptions,
    signed: Sequence[SignedExam | None] = (),
) -> QuantifiedPair:
    """The same exams with the earlier ones, which are quantified with a pose of their own each.

    Of what the user states of the exams only the sex holds for earlier ones, too: another camera
    or tracer may have been used. Earlier exams that do not say the sex are of that of the present.

    Raises
    ------
    HeartNotFoundError
        If there is no left ventricle in one of them.
    """
    own = replace(options, stated=NormalGroup(sex=options.stated.sex))
    exams = loaded.exams
    of_sex: list[str] = []
    if not options.stated.sex:
        exams, of_sex = _with_sex(loaded.exams, pair)
    try:
        earlier = quantify_exams(exams, own, PoseRule.OWN, signed)
    except HeartNotFoundError as error:
        raise HeartNotFoundError(
            f"the earlier exam cannot be compared: {error.summary}",
            path=error.path,
            expected=error.expected,
            found=error.found,
            cause=error.cause,
            way_on="report the present exam without --prior",
        ) from error
    own_notes = [note for note in earlier.notes if note not in pair.notes]
    notes = (*own_notes, *_left_out_words(earlier))
    told = (*loaded.notes, *of_sex, *(f"earlier exam: {note}" for note in notes))
    compared = EarlierExam(earlier, loaded.days_before, loaded.doubts, told)
    return replace(pair, reasons=(*loaded.reasons, *pair.reasons), earlier=compared)


def _with_sex(loaded: LoadedExams, pair: QuantifiedPair) -> tuple[LoadedExams, list[str]]:
    """The earlier exams with the sex that the present ones say, where they do not, and a note."""
    said = {each.exam.study.facts.patient_sex for each in pair.exams} & {*SEXES}
    silent = [each.study.facts.patient_sex not in SEXES for each in loaded.exams]
    if len(said) != 1 or not any(silent):
        return loaded, []
    (sex,) = said
    exams = tuple(
        replace(each, study=replace(each.study, facts=replace(each.study.facts, patient_sex=sex)))
        if is_silent
        else each
        for each, is_silent in zip(loaded.exams, silent, strict=True)
    )
    note = "the earlier exam does not say the sex of the patient: taken as that of the present one"
    return replace(loaded, exams=exams), [note]


SEXES = FACT_VALUES["sex"]


def _left_out_words(earlier: QuantifiedPair) -> list[str]:
    """Files that are not shown, by reason; their names may hold what no output tells."""
    counted = Counter(item.reason for item in earlier.left_out)
    return [
        f"{number} file{'' if number == 1 else 's'} left out: {reason}"
        for reason, number in counted.items()
    ]


def compared_exams(pair: QuantifiedPair) -> tuple[ComparedExam, ...]:
    """Exams with an earlier one of the same condition, in their order; none without any."""
    if pair.earlier is None:
        return ()
    before = {each.exam.condition: each for each in pair.earlier.pair.exams}
    return tuple(
        ComparedExam(each, before[each.exam.condition])
        for each in pair.exams
        if each.exam.condition in before
    )


def comparison_doubts(pair: QuantifiedPair) -> tuple[str, ...]:
    """Why the comparison may mislead: headers, axes and walls of both, limits; none without one."""
    if pair.earlier is None:
        return ()
    told = [*pair.earlier.doubts]
    told += [f"earlier exam, to be reviewed: {each}" for each in pair.earlier.pair.quality.reasons]
    told += [
        f"{each.title.lower()}, to be reviewed: {reason}"
        for each in pair.exams
        for reason in each.reasons
    ]
    told += [
        f"{each.title.lower()}: {_without_map(each)}"
        for each in compared_exams(pair)
        if each.change is None and not each.is_by_fixed_bands
    ]
    told += filter(None, map(_of_the_groups, compared_exams(pair)))
    told += filter(None, map(_of_the_base, compared_exams(pair)))
    return tuple(dict.fromkeys(told))


def _of_the_groups(each: ComparedExam) -> str:
    """Whether both are compared with limits of unlike groups, which what is unlike does not say."""
    both = (each.earlier.quantified, each.now.quantified)
    limits = [exam.limits for exam in both]
    if limits[0] is None or limits[1] is None:
        return ""
    before, after = limits[0].group, limits[1].group
    said = [group_of(exam.study.facts) for exam in both]
    unsaid = [
        fact
        for fact in GROUP_FACTS
        if getattr(before, fact) != getattr(after, fact)
        and (fact == "sex" or getattr(said[0], fact) == getattr(said[1], fact))
    ]
    if not unsaid:
        return ""
    return (
        f"{each.title.lower()}: compared with normal limits of unlike groups: {before.words} "
        f"earlier, {after.words} now"
    )


def _of_the_base(each: ComparedExam) -> str:
    """Whether what changed may be a valve plane that was drawn elsewhere."""
    if each.change is None:
        return ""
    called = each.change.called_segments
    basal = [str(s.number) for s in SEGMENTS if s.ring is Ring.BASAL and s.number in called]
    unsure = [
        when
        for when, exam in (("earlier", each.earlier), ("present", each.now))
        if exam.quantified.base_doubt
    ]
    if not basal or not unsure:
        return ""
    return (
        f"{each.title.lower()}: the change of segment{'s' * (len(basal) > 1)} {', '.join(basal)} "
        f"at the base is not sure: the valve plane of the {' and the '.join(unsure)} exam is not"
    )


def _without_map(each: ComparedExam) -> str:
    unfit = [
        when
        for when, exam in (("earlier", each.earlier), ("present", each.now))
        if _compared(exam.quantified) is None
    ]
    return f"no normal limits for the {' and the '.join(unfit)} exam, so no map of the change"


def _compared(quantified: QuantifiedStudy) -> LimitsComparison | None:
    return None if quantified.severity is None else quantified.severity.comparison
