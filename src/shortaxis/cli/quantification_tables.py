"""Scores and segments as a table for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from shortaxis.cli.narrow_tables import print_table
from shortaxis.cli.study_outcomes import print_study_lines, studies_to_json
from shortaxis.quantification.severity import SCAR_PERCENT, Severity, scar_burden
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy
from shortaxis.workflow.quantify.record import NOT_INTERCHANGEABLE, build_quantification
from shortaxis.workflow.quantify.requests import QuantificationOutcome
from shortaxis.workflow.studies.finding import FoundStudies

__all__ = ["EXPLANATION", "print_quantifications", "quantifications_as_json", "scores_row"]

COLUMNS = (
    "Study",
    "Flag",
    "Summed score",
    "TPD (%)",
    "Below 50 % (%)",
    "Length (mm)",
    "Volume (ml)",
)

EXPLANATION = (
    "Summed score of 68 and total perfusion deficit (TPD) by normal limits; without limits, the "
    f"score is by fixed bands of uptake. Below {SCAR_PERCENT:g} %: part of the wall with less "
    f"uptake, at rest the scar burden. Length from apex to valve plane, volume inside the "
    f"mid-wall. {NOT_INTERCHANGEABLE}"
)


def print_quantifications(found: FoundStudies, outcomes: Sequence[QuantificationOutcome]) -> None:
    """One row a study, then study by study reasons and what was written or failed."""
    console = Console()
    rows = [
        _row(number, outcome.quantified)
        for number, outcome in enumerate(outcomes, start=1)
        if outcome.quantified is not None
    ]
    if rows:
        print_table(console, list(COLUMNS), rows)
        console.print(EXPLANATION, style="dim", highlight=False)
    warnings = {
        number: _warnings(outcome.quantified)
        for number, outcome in enumerate(outcomes, start=1)
        if outcome.quantified is not None
    }
    print_study_lines(console, found, outcomes, warnings)


def quantifications_as_json(found: FoundStudies, outcomes: Sequence[QuantificationOutcome]) -> str:
    """Text of a JSON object with `studies` (one record each), `errors` and `skipped`."""
    records = [
        None
        if outcome.quantified is None
        else build_quantification(outcome.quantified, [str(path) for path in outcome.files])
        for outcome in outcomes
    ]
    return studies_to_json(found, outcomes, records)


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


def _row(number: int, quantified: QuantifiedStudy) -> list[str]:
    by_limits = quantified.by_limits
    deficit = None if by_limits is None else by_limits.total_perfusion_deficit
    return [str(number), *scores_row(quantified, quantified.severity, deficit)]


def _warnings(quantified: QuantifiedStudy) -> list[str]:
    reasons = [f"review: {reason}" for reason in quantified.estimate.quality.reasons]
    return reasons + [f"note: {note}" for note in quantified.notes]
