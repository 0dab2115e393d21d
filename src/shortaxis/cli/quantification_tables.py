"""Scores as a table for people: those of a study, or of each exam of a report."""

from __future__ import annotations

from collections.abc import Mapping

from shortaxis.cli.study_outcomes import OutcomeTable, Table
from shortaxis.quantification.severity import Severity
from shortaxis.workflow.quantify.function_rows import function_line
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy
from shortaxis.workflow.quantify.record import NOT_INTERCHANGEABLE, build_quantification
from shortaxis.workflow.quantify.wording import RELATIVE_COUNTS, SCAR_DEFINITION, scar_words

__all__ = ["COLUMNS", "EXPLANATION", "SCORES", "scores_row"]

COLUMNS = (
    "Axes",
    "Summed score",
    "TPD (%)",
    "Scar (%)",
    "LV length (mm)",
    "Volume (ml)",
)
"""Of the cells that `scores_row` makes; before them stands what they are of."""

EXPLANATION = (
    "Axes: whether an operator should look at them; nothing is said of perfusion. Summed score of "
    "68 and total perfusion deficit (TPD) by normal limits; a dash where none fit. Scar: "
    f"{SCAR_DEFINITION}. LV length from apex to valve plane, volume inside the mid-wall. "
    f"{RELATIVE_COUNTS} {NOT_INTERCHANGEABLE}"
)


def scores_row(quantified: QuantifiedStudy) -> list[str]:
    """Flag, summed score, deficit, scar burden, length and volume of a study."""
    traced, severity = quantified.traced, quantified.severity
    return [
        quantified.estimate.quality.flag.value,
        "-" if severity is None else str(severity.summed_score),
        _deficit(severity),
        scar_words(quantified),
        f"{traced.length_mm:.0f}",
        f"{traced.volume_ml:.0f}",
    ]


def _scores(results: Mapping[int, QuantifiedStudy]) -> Table:
    return ("Study", *COLUMNS), [_row(number, each) for number, each in results.items()]


def _deficit(severity: Severity | None) -> str:
    deficit = None if severity is None else severity.deficit_by_limits
    return "-" if deficit is None else f"{100 * deficit:.1f}"


def _row(number: int, quantified: QuantifiedStudy) -> list[str]:
    return [str(number), *scores_row(quantified)]


def _warnings(quantified: QuantifiedStudy) -> list[str]:
    reasons = [f"review: {reason}" for reason in quantified.estimate.quality.reasons]
    return [*reasons, *(f"note: {note}" for note in quantified.all_notes), *_function(quantified)]


def _function(quantified: QuantifiedStudy) -> list[str]:
    function = quantified.function
    if function is None:
        return []
    of_function = [f"function, review: {reason}" for reason in function.reasons]
    of_function += [f"function, note: {note}" for note in function.notes]
    return of_function if function.measured is None else [function_line(function), *of_function]


SCORES = OutcomeTable(_scores, build_quantification, _warnings, EXPLANATION)
"""What ``shortaxis quantify`` shows."""
