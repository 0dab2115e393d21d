"""What a verb that writes has made of every study: lines for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import typer

from shortaxis.cli.exit_codes import FAILED, exit_code_of
from shortaxis.cli.found_tables import origin_of, print_skipped, skipped_values
from shortaxis.cli.narrow_tables import print_table
from shortaxis.files.plain_json import to_json_text
from shortaxis.workflow.studies.finding import FoundStudies
from shortaxis.workflow.studies.loop import StudyOutcome

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["OutcomeTable", "Table", "print_files", "print_warnings", "show_outcomes"]

Result = TypeVar("Result")

Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Columns and rows."""


@dataclass(frozen=True)
class OutcomeTable(Generic[Result]):
    """How the results of one verb are shown.

    Parameters
    ----------
    table_of : callable
        Columns and rows for results by the number of their study, from 1.
    record_of : callable
        Plain values of one result and the names of its files.
    warnings_of : callable
        Lines that tell why somebody should look.
    explanation : str
        What the columns are, in small print below the table.
    """

    table_of: Callable[[Mapping[int, Result]], Table]
    record_of: Callable[[Result, Sequence[str]], dict[str, Any]]
    warnings_of: Callable[[Result], Iterable[str]] = lambda result: ()
    explanation: str = ""


def show_outcomes(
    found: FoundStudies,
    outcomes: Sequence[StudyOutcome[Result]],
    shown: OutcomeTable[Result],
    *,
    as_json: bool,
    told: Mapping[str, Any] | None = None,
) -> None:
    """Print a table or JSON, which `told` is put into; the command fails if any study did.

    Raises
    ------
    typer.Exit
        With the code of its error for a single study, with 1 for several.
    """
    if as_json:
        typer.echo(outcomes_as_json(found, outcomes, shown, told or {}), nl=False)
    else:
        print_outcomes(found, outcomes, shown)
    failures = [outcome.error for outcome in outcomes if outcome.error]
    if failures:
        raise typer.Exit(max(map(exit_code_of, failures)) if len(outcomes) == 1 else FAILED)


def print_outcomes(
    found: FoundStudies, outcomes: Sequence[StudyOutcome[Result]], shown: OutcomeTable[Result]
) -> None:
    """One table, then for each study where it lies, its error or warnings, and its files."""
    from rich.console import Console

    console = Console()
    numbered = [
        (number, outcome) for (number, _), outcome in zip(found.numbered, outcomes, strict=True)
    ]
    results = {number: outcome.result for number, outcome in numbered if outcome.result is not None}
    if results:
        print_table(console, *shown.table_of(results))
        if shown.explanation:
            console.print(shown.explanation, style="dim", highlight=False)
    for number, outcome in numbered:
        if len(outcomes) > 1:
            origin = origin_of(outcome.found)
            console.print(f"{number}: {origin}", soft_wrap=True, markup=False, highlight=False)
        if outcome.error is not None:
            errors = Console(stderr=True)
            errors.print(f"error: {outcome.error}", style="red", soft_wrap=True, markup=False)
        if outcome.result is not None:
            print_warnings(console, shown.warnings_of(outcome.result))
        print_files(console, outcome.files)
    print_skipped(console, found.skipped)


def outcomes_as_json(
    found: FoundStudies,
    outcomes: Sequence[StudyOutcome[Result]],
    shown: OutcomeTable[Result],
    told: Mapping[str, Any],
) -> str:
    """Text of a JSON object: `studies` (one record each), `errors`, `skipped`, and `told`."""
    studies = [
        {
            "folder": str(outcome.folder),
            **shown.record_of(outcome.result, [str(path) for path in outcome.files]),
        }
        for outcome in outcomes
        if outcome.result is not None
    ]
    errors = [outcome.error.to_dict() for outcome in outcomes if outcome.error is not None]
    values = {"studies": studies, "errors": errors, "skipped": skipped_values(found), **told}
    return to_json_text(values)


def print_warnings(console: Console, warnings: Iterable[str]) -> None:
    """One line each, in the colour of warnings."""
    for line in warnings:
        console.print(line, style="yellow", soft_wrap=True, markup=False)


def print_files(console: Console, files: Iterable[Path]) -> None:
    """One line for everything that was written."""
    for path in files:
        console.print(str(path), soft_wrap=True, markup=False, highlight=False)
