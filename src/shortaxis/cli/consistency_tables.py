"""Spread of moved-back poses as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shortaxis.cli.study_outcomes import OutcomeTable, Table
from shortaxis.workflow.consistency.measuring import Consistency
from shortaxis.workflow.consistency.record import build_consistency_record

__all__ = ["SPREADS"]

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


def _spreads(results: Mapping[int, Consistency]) -> Table:
    records = {number: build_consistency_record(each) for number, each in results.items()}
    errors = _errors_known(list(records.values()))
    columns = ["Study", "Moved", "Used", "Cut", "Lost", "Flag", *errors.values()]
    return columns, [
        row for number, record in records.items() for row in _rows(number, record, errors)
    ]


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


SPREADS = OutcomeTable(_spreads, build_consistency_record, explanation=EXPLANATION)
"""What ``shortaxis consistency`` shows."""
