"""Tables of the benchmark cohorts from ``results/*.json``; a sentence where nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from simulation_tables import origin, stored

__all__ = ["benchmark_strata_text", "benchmark_summary_text", "benchmark_text"]

COHORTS = ("clinical-1000", "wide-1000")
ERRORS = {"long_axis_deg": "°", "roll_deg": "°", "center_mm": " mm"}
PARAMETERS = ("x_m", "y_m", "z_m", "alpha", "beta", "theta")
MISSING = "–"

Record = dict[str, Any]


def benchmark_text() -> str:
    """All numbers of both cohorts, method beside method."""
    return "\n\n".join(_cohort(name, record) for name, record in _records()) or _nothing()


def benchmark_strata_text() -> str:
    """The network by kind of exam."""
    return "\n\n".join(_strata(name, record) for name, record in _records()) or _nothing()


def benchmark_summary_text() -> str:
    """A few lines for the front page."""
    lines = [
        "| exams with known pose | method | long axis, median / 95th | centre, median / 95th | failures | of these accepted |",
        "|---|---|---|---|---|---|",
    ]
    for _, record in _records():
        for method, values in record["methods"].items():
            group = values["groups"]["all"]
            lines.append(
                f"| {group['exams']:,} `{record['cohort']['preset']}` | {method} "
                f"| {_errors(group, 'long_axis_deg', 2)} | {_errors(group, 'center_mm', 2)} "
                f"| {_part(group['failures'])} | {group['unflagged_failures']['hits']} |"
            )
    return "\n".join(lines) if len(lines) > 2 else _nothing()


def _records() -> list[tuple[str, Record]]:
    records = [(name, stored(name)) for name in COHORTS]
    return [(name, record) for name, record in records if record is not None]


def _nothing() -> str:
    return "Not measured yet: `python validation/benchmark_results.py` does it."


def _cohort(name: str, record: Record) -> str:
    methods = record["methods"]
    lines = [
        f"**`{name}`** ({origin(record)}). A failure is an error over 15 degrees or 15 mm, or a heart that was not found.",
        "",
        "| measure | " + " | ".join(methods) + " |",
        "|---" * (len(methods) + 1) + "|",
    ]
    for words, cell in _rows().items():
        cells = [cell(method) for method in methods.values()]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _rows() -> dict[str, Callable[[Record], str]]:
    """Words and cell of every row, from what is stored of a method."""
    words = {"long_axis_deg": "long axis", "roll_deg": "roll", "center_mm": "centre"}
    rows: dict[str, Callable[[Record], str]] = {}
    for error, name in words.items():
        rows[f"{name}: median / 95th / maximum"] = partial(_all_errors, error)
    rows["failures"] = lambda method: _part(method["groups"]["all"]["failures"])
    rows["of these accepted"] = lambda method: str(
        method["groups"]["all"]["unflagged_failures"]["hits"]
    )
    rows["good exams sent to review"] = lambda method: _complement(
        method["groups"]["all"]["specificity"]
    )
    for parameter in PARAMETERS:
        rows[f"r of `{parameter}`"] = partial(_correlation, parameter)
    for error, name in words.items():
        rows[f"errors of the {name} within its uncertainty"] = partial(_covered, error)
    return rows


def _all_errors(error: str, method: Record) -> str:
    return _errors(method["groups"]["all"], error, 3)


def _correlation(parameter: str, method: Record) -> str:
    return _r(method["groups"]["all"]["correlations"].get(parameter))


def _covered(error: str, method: Record) -> str:
    return _part(method["coverage"].get(error))


def _strata(name: str, record: Record) -> str:
    groups = record["methods"]["network"]["groups"]
    lines = [
        f"**`{name}`**, method `network`.",
        "",
        "| exams | number | long axis, median / 95th | roll, median / 95th | centre, median / 95th | failures | of these accepted | good exams sent to review |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for words, group in groups.items():
        cells = [_errors(group, error, 2) for error in ERRORS]
        lines.append(
            f"| {words} | {group['exams']} | {' | '.join(cells)} | {group['failures']['hits']} "
            f"| {group['unflagged_failures']['hits']} | {_complement(group['specificity'])} |"
        )
    return "\n".join(lines)


def _errors(group: Record, error: str, count: int) -> str:
    values = group["errors"].get(error)
    if values is None:
        return MISSING
    unit = ERRORS[error]
    numbers = (values["median"], values["p95"], values["maximum"])[:count]
    return " / ".join(f"{number:.1f}{unit}" for number in numbers)


def _part(proportion: Record | None) -> str:
    if proportion is None or not proportion["total"]:
        return MISSING
    return f"{proportion['hits']} of {proportion['total']:,} ({proportion['part']:.1%})"


def _complement(proportion: Record | None) -> str:
    if proportion is None or not proportion["total"]:
        return MISSING
    hits = proportion["total"] - proportion["hits"]
    return f"{hits} of {proportion['total']:,} ({1 - proportion['part']:.1%})"


def _r(correlation: Record | None) -> str:
    if correlation is None:
        return MISSING
    return f"{correlation['r']:.3f} ({correlation['low']:.3f} to {correlation['high']:.3f})"
