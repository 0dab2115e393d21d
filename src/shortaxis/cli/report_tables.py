"""A report as a table or JSON: scores of each exam, what lies between, and what was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import typer

from shortaxis.cli.compared_lines import compared_lines
from shortaxis.cli.found_tables import print_skipped
from shortaxis.cli.narrow_tables import print_table
from shortaxis.cli.quantification_tables import COLUMNS, EXPLANATION, scores_row
from shortaxis.cli.study_outcomes import print_files, print_warnings
from shortaxis.files.plain_json import to_json_text
from shortaxis.workflow.study_report.exams.pairing import QuantifiedPair, StudyDifference
from shortaxis.workflow.study_report.pages.difference_rows import NO_SUBTRACTION, unlike_words
from shortaxis.workflow.study_report.requests import MadeReport
from shortaxis.workflow.study_report.wording import STRESS_MINUS_REST, signed

__all__ = ["show_report"]


def show_report(made: MadeReport, *, as_json: bool, told: Mapping[str, Any] | None = None) -> None:
    """Print a table, or the JSON file that was written with the paths of all files and `told`."""
    if as_json:
        typer.echo(report_as_json(made, told or {}), nl=False)
    else:
        print_report(made)


def report_as_json(made: MadeReport, told: Mapping[str, Any]) -> str:
    """Text of the JSON file that was written, with the paths of the files and what is `told`."""
    stored = next(path for path in made.files if path.suffix == ".json")
    record = json.loads(stored.read_text(encoding="utf-8"))
    left_out = [{"path": str(item.path), "reason": item.reason} for item in made.pair.left_out]
    files = [str(path) for path in made.files]
    return to_json_text({**record, "left_out": left_out, "files": files, **told})


def print_report(made: MadeReport) -> None:
    """One row an exam and one of the difference, then reasons, notes and files."""
    from rich.console import Console

    console = Console()
    pair = made.pair
    rows = [[each.title, *scores_row(each.quantified)] for each in pair.exams]
    if pair.difference is not None:
        rows.append(_difference_row(pair, pair.difference))
    print_table(console, ("Exam", *COLUMNS), rows)
    console.print(EXPLANATION, style="dim", highlight=False)
    warnings = [f"review: {reason}" for reason in pair.quality.reasons]
    warnings += [f"note: {note}" for note in pair.notes]
    if pair.difference is not None:
        warnings.append(f"note: TID ratio {pair.difference.dilation.words}")
        warnings += _notes(pair.difference)
    warnings += compared_lines(pair)
    print_warnings(console, warnings)
    print_files(console, made.files)
    print_skipped(console, pair.left_out)


def _notes(difference: StudyDifference) -> list[str]:
    """What the scores of the difference are, and are not."""
    change = difference.reversibility
    if change is None:
        return []
    notes = [NO_SUBTRACTION]
    unlike = unlike_words(change)
    notes += [f"segment {unlike}"] if unlike else []
    return [f"note: {STRESS_MINUS_REST}: {words}" for words in notes]


def _difference_row(pair: QuantifiedPair, difference: StudyDifference) -> list[str]:
    scored, deficit = difference.scored, difference.total_perfusion_deficit
    return [
        STRESS_MINUS_REST,
        pair.quality.flag.value,
        "-" if scored is None else signed(sum(scored.values())),
        "-" if deficit is None else signed(100 * deficit, 1),
        *[""] * 3,
    ]
