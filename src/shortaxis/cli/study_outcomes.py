"""What a verb that writes has made of every study: lines for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rich.console import Console

from shortaxis.cli.found_tables import origin_of, print_skipped, skipped_values
from shortaxis.errors import ShortAxisError
from shortaxis.files.plain_json import to_json_text
from shortaxis.workflow.studies.finding import FoundStudies, FoundStudy

__all__ = ["WARNING", "Outcome", "print_study_lines", "studies_to_json"]

WARNING = "yellow"


class Outcome(Protocol):
    """A study that was found, and its files or its error."""

    @property
    def found(self) -> FoundStudy: ...  # noqa: D102

    @property
    def folder(self) -> Path: ...  # noqa: D102

    @property
    def files(self) -> tuple[Path, ...]: ...  # noqa: D102

    @property
    def error(self) -> ShortAxisError | None: ...  # noqa: D102


AnyOutcome = TypeVar("AnyOutcome", bound=Outcome)


def print_study_lines(
    console: Console,
    found: FoundStudies,
    outcomes: Sequence[AnyOutcome],
    warnings: Mapping[int, Iterable[str]],
) -> None:
    """Study by study where it lies, its error or warnings, and what was written; then the rest.

    `warnings` are lines by the number of the study, from 1.
    """
    for number, outcome in enumerate(outcomes, start=1):
        if len(outcomes) > 1:
            origin = origin_of(outcome.found)
            console.print(f"{number}: {origin}", soft_wrap=True, markup=False, highlight=False)
        if outcome.error is not None:
            errors = Console(stderr=True)
            errors.print(f"error: {outcome.error}", style="red", soft_wrap=True, markup=False)
        for line in warnings.get(number, ()):
            console.print(line, style=WARNING, soft_wrap=True, markup=False)
        for path in outcome.files:
            console.print(str(path), soft_wrap=True, markup=False, highlight=False)
    print_skipped(console, found.skipped)


def studies_to_json(
    found: FoundStudies, outcomes: Sequence[AnyOutcome], records: Sequence[Mapping[str, Any] | None]
) -> str:
    """Text of a JSON object with `studies` (one record each), `errors` and `skipped`.

    `records` belong to the outcomes, None for those that failed.
    """
    studies = [
        {"folder": str(outcome.folder), **record}
        for outcome, record in zip(outcomes, records, strict=True)
        if record is not None
    ]
    errors = [outcome.error.to_dict() for outcome in outcomes if outcome.error is not None]
    values = {"studies": studies, "errors": errors, "skipped": skipped_values(found)}
    return to_json_text(values)
