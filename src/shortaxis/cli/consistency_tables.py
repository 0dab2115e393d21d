"""Spread of moved-back poses as a table for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console

from shortaxis.cli.narrow_tables import print_table
from shortaxis.cli.study_outcomes import print_study_lines, studies_to_json
from shortaxis.workflow.consistency.record import build_consistency_record
from shortaxis.workflow.consistency.requests import ConsistencyOutcome
from shortaxis.workflow.studies.finding import FoundStudies

__all__ = ["consistency_as_json", "print_consistency"]

WAYS = {"resampled": "counts", "affine_only": "affine"}

ERRORS = {"long_axis_deg": "Axis (\N{DEGREE SIGN})", "roll_deg": "Roll (\N{DEGREE SIGN})",
          "center_mm": "Centre (mm)"}  # fmt: skip
"""What is printed of the spread; the rest stands in the file."""

EXPLANATION = (
    "Median/95th percentile/maximum around the mean of the poses moved back. Moved: the "
    "counts, sampled again on the input's grid, or the affine alone. Cut: motions left out because "
    "they take the heart out of the grid. Lost: heart not found. Flag: "
    "found and flagged for review."
)


def print_consistency(found: FoundStudies, outcomes: Sequence[ConsistencyOutcome]) -> None:
    """Spread of every study, then study by study where it lies and what was written or failed."""
    console = Console()
    records = {
        number: outcome.consistency.record
        for number, outcome in enumerate(outcomes, start=1)
        if outcome.consistency is not None
    }
    if records:
        errors = _errors_known(list(records.values()))
        columns = ["Study", "Moved", "Used", "Cut", "Lost", "Flag", *errors.values()]
        rows = [row for number, record in records.items() for row in _rows(number, record, errors)]
        print_table(console, columns, rows)
        console.print(EXPLANATION, style="dim", highlight=False)
    print_study_lines(console, found, outcomes, {})


def consistency_as_json(found: FoundStudies, outcomes: Sequence[ConsistencyOutcome]) -> str:
    """Text of a JSON object with `studies` (one record each), `errors` and `skipped`."""
    records = [
        None
        if outcome.consistency is None
        else build_consistency_record(outcome.consistency, [str(path) for path in outcome.files])
        for outcome in outcomes
    ]
    return studies_to_json(found, outcomes, records)


def _errors_known(records: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Columns without the roll where no study's method knows it."""
    any_roll = any(record["knows_roll"] for record in records)
    return {name: words for name, words in ERRORS.items() if any_roll or name != "roll_deg"}


def _rows(number: int, record: dict[str, Any], errors: dict[str, str]) -> Iterator[list[str]]:
    for way, words in WAYS.items():
        values = record[way]
        group = values["groups"]["all"]
        counts = [values["used"], values["excluded"], group["not_found"], group["flagged"]]
        spread = group["around_mean"] or {}
        cells = [_cell(spread.get(name)) for name in errors]
        yield [str(number), words, *map(str, counts), *cells]


def _cell(percentiles: dict[str, float] | None) -> str:
    if percentiles is None:
        return "-"
    return "/".join(f"{percentiles[name]:.2f}" for name in ("median", "p95", "maximum"))
