"""Scores as a table for people: those of a study, or of each exam of a report."""

from __future__ import annotations

from collections.abc import Mapping

from shortaxis.cli.study_outcomes import OutcomeTable, Table
from shortaxis.quantification.severity import SCAR_PERCENT, Severity, scar_burden
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy
from shortaxis.workflow.quantify.record import NOT_INTERCHANGEABLE, build_quantification

__all__ = ["COLUMNS", "EXPLANATION", "SCORES", "scores_row"]

COLUMNS = (
    "Flag",
    "Summed score",
    "TPD (%)",
    "Below 50 % (%)",
    "Length (mm)",
    "Volume (ml)",
)
"""Of the cells that `scores_row` makes; before them stands what they are of."""

EXPLANATION = (
    "Summed score of 68 and total perfusion deficit (TPD) by normal limits; without limits, the "
    f"score is by fixed bands of uptake. Below {SCAR_PERCENT:g} %: part of the wall with less "
    f"uptake, at rest the scar burden. Length from apex to valve plane, volume inside the "
    f"mid-wall. {NOT_INTERCHANGEABLE}"
)


def scores_row(quantified: QuantifiedStudy, severity: Severity, deficit: float | None) -> list[str]:
    """Flag, summed score, deficit, part below 50 %, length and volume of a study."""
    traced = quantified.traced
    return [
        quantified.estimate.quality.flag.value,
        str(severity.summed_score),
        "-" if deficit is None else f"{100 * deficit:.1f}",
        f"{100 * scar_burden(traced.polar_map):.1f}",
        f"{traced.length_mm:.0f}",
        f"{traced.volume_ml:.0f}",
    ]


def _scores(results: Mapping[int, QuantifiedStudy]) -> Table:
    return ("Study", *COLUMNS), [_row(number, each) for number, each in results.items()]


def _row(number: int, quantified: QuantifiedStudy) -> list[str]:
    by_limits = quantified.by_limits
    deficit = None if by_limits is None else by_limits.total_perfusion_deficit
    return [str(number), *scores_row(quantified, quantified.severity, deficit)]


def _warnings(quantified: QuantifiedStudy) -> list[str]:
    reasons = [f"review: {reason}" for reason in quantified.estimate.quality.reasons]
    return reasons + [f"note: {note}" for note in quantified.notes]


SCORES = OutcomeTable(_scores, build_quantification, _warnings, EXPLANATION)
"""What ``shortaxis quantify`` shows."""
