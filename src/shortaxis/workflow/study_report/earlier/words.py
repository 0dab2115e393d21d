"""What changed since an earlier exam, in sentences: where, how much, and beyond what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shortaxis.anatomy.segments import TERRITORIES
from shortaxis.quantification.reversibility import CHANGED_PART
from shortaxis.quantification.scored_map import ScoredMap
from shortaxis.workflow.quantify.wording import NOT_SCORED
from shortaxis.workflow.study_report.earlier.change import LEAST_CHANGE, ChangeOverTime
from shortaxis.workflow.study_report.earlier.comparing import (
    ComparedExam,
    compared_exams,
    comparison_doubts,
)
from shortaxis.workflow.study_report.earlier.numbers import ComparedNumber, compared_numbers
from shortaxis.workflow.study_report.exams.pairing import EarlierExam, QuantifiedPair
from shortaxis.workflow.study_report.unchanged_hearts import MEASURED_WORDS
from shortaxis.workflow.study_report.wording import signed

__all__ = ["CHANGE_MEASURE", "change_words", "compared_words", "time_words", "uncalled_words"]

DAYS_PER_YEAR = 365.25

NONE_SEEN = "no change that two exams of one heart do not also show"

NO_MAP_BY_BANDS = "no map of the change: scores by fixed bands give none"

CHANGE_MEASURE = (
    f"A place has changed where both differ by more than {100 * CHANGED_PART:.0f} % of what is "
    "normal there, and the lower one is below normal. Each exam is brought to the level of the "
    f"normal limits of its own group. From {100 * LEAST_CHANGE:g} % TPD on a change is called. "
    f"{MEASURED_WORDS}"
)


def time_words(earlier: EarlierExam) -> str:
    """When it was made, without a date.

    Examples
    --------
    >>> time_words(EarlierExam(pair, 800))  # doctest: +SKIP
    '2.2 years (800 days) before'
    """
    days = earlier.days_before
    if days is None:
        return "at a time that is not known"
    if days == 0:
        return "on the same day"
    told = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    if abs(days) >= DAYS_PER_YEAR:
        told = f"{abs(days) / DAYS_PER_YEAR:.1f} years ({told})"
    return f"{told} {'before' if days > 0 else 'later by its date'}"


def compared_words(pair: QuantifiedPair) -> str:
    """One or a few sentences; nothing where nothing is compared."""
    if pair.earlier is None:
        return ""
    told = "; ".join(_exam_words(each) for each in compared_exams(pair))
    sentences = [f"Compared with the earlier exam, {time_words(pair.earlier)}: {told}."]
    sentences += filter(None, [_function_words(compared_numbers(pair))])
    if comparison_doubts(pair):
        sentences.append("There are reasons to doubt this comparison.")
    return " ".join(sentences)


def _exam_words(each: ComparedExam) -> str:
    condition = {"Stress": "under stress ", "Rest": "at rest "}.get(each.title, "")
    if each.change is None and each.is_by_fixed_bands:
        return f"{condition}{NO_MAP_BY_BANDS}"
    if each.change is None:
        return f"{condition}{NOT_SCORED}"
    return condition + change_words(each.change)


def change_words(change: ChangeOverTime) -> str:
    """What is less and what is more than before, or that no change is seen."""
    parts = [
        f"{_part_words(what, scored)} (a change of {_percent(scored)})"
        for what, scored, is_called in _both_ways(change)
        if is_called
    ]
    return " and ".join(parts) or NONE_SEEN


def uncalled_words(pair: QuantifiedPair) -> tuple[str, ...]:
    """A sentence on each change that has a scored segment and is too small to be called."""
    return tuple(
        f"{each.title}: {_part_words(what, scored)} ({_percent(scored)}) is below "
        f"{100 * LEAST_CHANGE:g} % TPD and called no change: two exams of one heart differ by as "
        "much."
        for each in compared_exams(pair)
        if each.change is not None
        for what, scored, is_called in _both_ways(each.change)
        if not is_called and any(scored.segment_scores.values())
    )


def _both_ways(change: ChangeOverTime) -> tuple[tuple[str, ScoredMap, bool], ...]:
    return (
        ("less uptake", change.worse, change.is_worse),
        ("more uptake", change.better, change.is_better),
    )


def _part_words(what: str, scored: ScoredMap) -> str:
    numbers = [number for number, score in scored.segment_scores.items() if score]
    return f"{what} {_places(numbers) if numbers else 'in small parts of several segments'}"


def _percent(scored: ScoredMap) -> str:
    return f"{100 * scored.total_perfusion_deficit:.1f} % TPD"


def _places(numbers: list[int]) -> str:
    """Segments, and the territories that they are of."""
    named = [each.label for each in TERRITORIES if {*each.value} & {*numbers}]
    segments = "segment" if len(numbers) == 1 else "segments"
    return f"in {segments} {_listed([str(each) for each in numbers])}, {_listed(named)}"


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _function_words(rows: list[ComparedNumber]) -> str:
    """Of ejection fractions and volumes of gated exams, where both were measured."""
    beyond = [row for row in rows if row.is_beyond]
    if not any(row.bound is not None for row in rows):
        return ""
    if not beyond:
        return "Function: no change beyond its bounds."
    told = ", ".join(
        f"{row.name} {_of(row)}{signed(row.difference, row.digits)} {UNITS[row.unit]}"
        for row in beyond
    )
    return f"Function, more than its bounds: {told}."


UNITS: Mapping[str, str] = {"%": "points", "ml": "ml"}


def _of(row: ComparedNumber) -> str:
    return f"({row.of.lower()}) " if row.of in ("Stress", "Rest") else ""
