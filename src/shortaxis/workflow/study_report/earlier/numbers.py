"""The numbers of an earlier and a later exam beside each other, and what differs beyond chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.quantification.scored_map import ScoredMap
from shortaxis.quantification.severity import Severity
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.beat_view.printed_volumes import printed_volumes
from shortaxis.workflow.quantify.wording import SCAR_NAMES, scar_percent, summed_name
from shortaxis.workflow.study_report.earlier.comparing import ComparedExam, compared_exams
from shortaxis.workflow.study_report.exams.pairing import QuantifiedExam, QuantifiedPair
from shortaxis.workflow.study_report.wording import SUMMED_DIFFERENCE, signed

__all__ = [
    "BEYOND",
    "BOTH_EXAMS",
    "NUMBER_COLUMNS",
    "ComparedNumber",
    "beyond_words",
    "compared_numbers",
    "number_words",
]

BOTH_EXAMS = "Stress and rest"

NUMBER_COLUMNS = ("number", "earlier", "now", "difference", "beyond chance")

BEYOND = (
    "Beyond chance: whether the difference is more than the errors of both measurements stay below "
    "in nine of ten simulated exams (in brackets); - where that is not known."
)

SCAR, BELOW_HALF = SCAR_NAMES

NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class ComparedNumber:
    """One number of both exams.

    `of` is the title of the exam, `both` are the earlier and the later value, `bound` is what the
    difference stays below in nine of ten exams by its errors alone, None where that is not known;
    `digits` are decimals that are told.
    """

    of: str
    name: str
    unit: str
    both: tuple[float, float]
    digits: int = 0
    bound: float | None = None

    @property
    def earlier(self) -> float:
        """Of the earlier exam."""
        return self.both[0]

    @property
    def now(self) -> float:
        """Of the one that is reported."""
        return self.both[1]

    @property
    def difference(self) -> float:
        """Now less earlier, of the numbers as they are told."""
        return round(self.now, self.digits) - round(self.earlier, self.digits)

    @property
    def is_beyond(self) -> bool | None:
        """Whether it is more than its bound; None where there is none."""
        return None if self.bound is None else bool(abs(self.now - self.earlier) > self.bound)


def compared_numbers(pair: QuantifiedPair) -> list[ComparedNumber]:
    """Of each exam that is compared, then of what lies between stress and rest."""
    compared = compared_exams(pair)
    rows = [row for each in compared for row in _of_exam(each)]
    return [*rows, *_of_both(pair)]


def number_words(row: ComparedNumber) -> tuple[str, str, str, str]:
    """Name with its unit, earlier, now, and the difference with its sign."""
    name = f"{row.name} ({row.unit})" if row.unit else row.name
    return (
        name,
        f"{row.earlier:z.{row.digits}f}",
        f"{row.now:z.{row.digits}f}",
        signed(row.difference, row.digits),
    )


def beyond_words(row: ComparedNumber) -> str:
    """Whether the difference is more than two exams of one heart differ by."""
    if row.bound is None:
        return "-"
    side = "more" if row.is_beyond else "within"
    return f"{side}{NO_BREAK}({row.bound:.{row.digits}f})"


def _of_exam(each: ComparedExam) -> Iterator[ComparedNumber]:
    of, condition = each.title, each.now.exam.condition
    before, after = (exam.quantified.severity for exam in (each.earlier, each.now))
    if before is not None and after is not None and _are_alike(before, after):
        sums = before.summed_score, after.summed_score
        yield ComparedNumber(of, summed_name(condition), "", sums)
        if before.comparison is not None:
            yield from _of_limits(of, condition, before, after)
    volumes = each.earlier.quantified.traced.volume_ml, each.now.quantified.traced.volume_ml
    yield ComparedNumber(of, "Mid-wall volume", "ml", volumes)
    first, second = _measured(each.earlier), _measured(each.now)
    if first is not None and second is not None:
        yield from _of_function(of, first, second)


def _are_alike(before: Severity, after: Severity) -> bool:
    """Scores by bands and scores by limits do not compare."""
    return (before.comparison is None) == (after.comparison is None)


def _of_limits(
    of: str, condition: StudyCondition, before: Severity, after: Severity
) -> Iterator[ComparedNumber]:
    yield ComparedNumber(of, "TPD", "%", (_percent(before), _percent(after)), digits=1)
    yield ComparedNumber(of, "Extent", "%", (100 * before.extent, 100 * after.extent))
    name = BELOW_HALF if condition is StudyCondition.STRESS else SCAR
    first, second = scar_percent(before), scar_percent(after)
    if first is not None and second is not None:
        yield ComparedNumber(of, name, "% of the wall", (first, second), digits=1)


def _percent(scored: ScoredMap) -> float:
    return 100 * scored.total_perfusion_deficit


def _of_function(
    of: str, before: LeftVentricularFunction, after: LeftVentricularFunction
) -> Iterator[ComparedNumber]:
    """Volumes as they are printed, with the bounds of both as if their errors were independent."""
    first, second = before.curve, after.curve
    bound = {
        name: float(np.hypot(before.bounds[name], after.bounds[name]))
        for name in ("ejection_fraction", *VOLUMES)
    }
    ejected = 100 * first.ejection_fraction, 100 * second.ejection_fraction
    yield ComparedNumber(of, "LVEF", "%", ejected, bound=100 * bound["ejection_fraction"])
    digits = max(printed_volumes(each).digits for each in (first, second))
    for name, words in VOLUMES.items():
        volumes = float(getattr(first, name)), float(getattr(second, name))
        yield ComparedNumber(of, words, "ml", volumes, digits, bound[name])


VOLUMES = {"end_diastolic_ml": "EDV", "end_systolic_ml": "ESV"}


def _measured(exam: QuantifiedExam) -> LeftVentricularFunction | None:
    function = exam.quantified.function
    return None if function is None else function.measured


def _of_both(pair: QuantifiedPair) -> Iterator[ComparedNumber]:
    """Of stress against rest, where both exams have both."""
    before = None if pair.earlier is None else pair.earlier.pair.difference
    after = pair.difference
    if before is None or after is None:
        return
    lost = before.reversibility, after.reversibility
    first, second = before.summed_score, after.summed_score
    if first is not None and second is not None and (lost[0] is None) == (lost[1] is None):
        yield ComparedNumber(BOTH_EXAMS, SUMMED_DIFFERENCE, "", (first, second))
    if lost[0] is not None and lost[1] is not None:
        parts = _percent(lost[0]), _percent(lost[1])
        yield ComparedNumber(BOTH_EXAMS, "Reversible TPD", "%", parts, digits=1)
    if before.dilation.volume_kind == after.dilation.volume_kind:
        ratios = before.dilation.ratio, after.dilation.ratio
        yield ComparedNumber(BOTH_EXAMS, "TID ratio", "", ratios, digits=2)
