"""A report as a table for people: scores of each exam, what lies between, and what was written."""

from __future__ import annotations

from rich.console import Console

from shortaxis.cli.narrow_tables import print_table
from shortaxis.cli.quantification_tables import EXPLANATION, scores_row
from shortaxis.cli.study_outcomes import WARNING
from shortaxis.workflow.study_report.pairing import QuantifiedPair, StudyDifference
from shortaxis.workflow.study_report.requests import MadeReport
from shortaxis.workflow.study_report.wording import STRESS_MINUS_REST, signed

__all__ = ["print_report"]

COLUMNS = (
    "Exam",
    "Flag",
    "Summed score",
    "TPD (%)",
    "Below 50 % (%)",
    "Length (mm)",
    "Volume (ml)",
)


def print_report(made: MadeReport) -> None:
    """One row an exam and one of the difference, then reasons, notes and files."""
    console = Console()
    pair = made.pair
    rows = [
        [each.title, *scores_row(each.quantified, pair.severity(each), pair.deficit(each))]
        for each in pair.exams
    ]
    if pair.difference is not None:
        rows.append(_difference_row(pair, pair.difference))
    print_table(console, list(COLUMNS), rows)
    console.print(EXPLANATION, style="dim", highlight=False)
    warnings = [f"review: {reason}" for reason in pair.quality.reasons]
    warnings += [f"note: {note}" for note in pair.notes]
    for line in warnings:
        console.print(line, style=WARNING, soft_wrap=True, markup=False)
    for path in made.files:
        console.print(str(path), soft_wrap=True, markup=False, highlight=False)


def _difference_row(pair: QuantifiedPair, difference: StudyDifference) -> list[str]:
    deficit = difference.total_perfusion_deficit
    return [
        STRESS_MINUS_REST,
        pair.quality.flag.value,
        signed(difference.summed_score),
        "-" if deficit is None else signed(100 * deficit, 1),
        "",
        "",
        f"ratio {difference.volume_ratio:.2f}",
    ]
