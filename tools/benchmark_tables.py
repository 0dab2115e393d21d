"""Tables of the benchmark cohorts from ``results/*.json``; a sentence where nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from simulation_tables import origin, stored

__all__ = ["benchmark_strata_text", "benchmark_summary_text", "benchmark_text", "part_text"]

COHORTS = ("clinical-1000", "wide-1000")
ERRORS = {"long_axis_deg": "°", "roll_deg": "°", "center_mm": " mm"}
PARAMETERS = ("x_m", "y_m", "z_m", "alpha", "beta", "theta")
MISSING = "–"
SHORTLY = (
    "Intervals are of 95 % and count exams as independent; stress and rest of one patient are not quite, so the true ones are\n"
    "somewhat wider."
)
INTERVALS = (
    "Intervals are of 95 % (Wilson's, of r Fisher's); *at most* is the upper end. They count exams as independent, but stress and\n"
    "rest of one patient share heart and camera in `clinical`, so the true intervals are somewhat wider. r depends on the\n"
    "spread of the truth: it is larger in `wide` than in `clinical` for the same errors."
)

Record = dict[str, Any]


def benchmark_text() -> str:
    """All numbers of both cohorts, method beside method."""
    parts = [_cohort(name, record) for name, record in _records()]
    return "\n\n".join([*parts, INTERVALS]) if parts else _nothing()


def benchmark_strata_text() -> str:
    """The network by kind of exam."""
    return "\n\n".join(_strata(name, record) for name, record in _records()) or _nothing()


def benchmark_summary_text() -> str:
    """A few lines for the front page."""
    lines = [
        "| exams with known pose | method | long axis, median / 95th | centre, median / 95th | failures | accepted failures |",
        "|---|---|---|---|---|---|",
    ]
    for _, record in _records():
        for method, values in record["methods"].items():
            group = values["groups"]["all"]
            lines.append(
                f"| {group['exams']:,} `{record['cohort']['preset']}` | {method} "
                f"| {_errors(group, 'long_axis_deg', 2)} | {_errors(group, 'center_mm', 2)} "
                f"| {part_text(group['failures'])} | {part_text(group['unflagged_failures'])} |"
            )
    return "\n".join([*lines, "", SHORTLY]) if len(lines) > 2 else _nothing()


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
    rows["failures"] = lambda method: part_text(method["groups"]["all"]["failures"])
    rows["accepted failures"] = lambda method: part_text(
        method["groups"]["all"]["unflagged_failures"]
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
    return part_text(method["coverage"].get(error))


def _strata(name: str, record: Record) -> str:
    groups = record["methods"]["network"]["groups"]
    lines = [
        f"**`{name}`**, method `network`.",
        "",
        "| exams | number | long axis, median / 95th | roll, median / 95th | centre, median / 95th | failures | accepted failures | good exams sent to review |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for words, group in groups.items():
        cells = [_errors(group, error, 2) for error in ERRORS]
        lines.append(
            f"| {words} | {group['exams']} | {' | '.join(cells)} | {_hits(group['failures'])} "
            f"| {_hits(group['unflagged_failures'])} | {_complement(group['specificity'])} |"
        )
    return "\n".join(lines)


def _errors(group: Record, error: str, count: int) -> str:
    values = group["errors"].get(error)
    if values is None:
        return MISSING
    unit = ERRORS[error]
    numbers = (values["median"], values["p95"], values["maximum"])[:count]
    return " / ".join(f"{number:.1f}{unit}" for number in numbers)


def part_text(proportion: Record | None) -> str:
    """Hits of all, the part and its interval."""
    if proportion is None or not proportion["total"]:
        return MISSING
    part = f"{100 * proportion['part']:.1f} %, " if proportion["hits"] else ""
    return f"{proportion['hits']} of {proportion['total']:,} ({part}{_interval(proportion)})"


def _complement(proportion: Record | None) -> str:
    if proportion is None or not proportion["total"]:
        return MISSING
    rest = {"hits": proportion["total"] - proportion["hits"], "total": proportion["total"]}
    ends = {"low": 1 - proportion["high"], "high": 1 - proportion["low"]}
    return part_text({**rest, "part": 1 - proportion["part"], **ends})


def _hits(proportion: Record) -> str:
    """Hits and the interval of the part, for rows that tell the number of exams."""
    return f"{proportion['hits']} ({_interval(proportion)})"


def _interval(proportion: Record) -> str:
    """The stored 95 % interval; of no hits at all its upper end."""
    high = f"{100 * proportion['high']:.1f} %"
    return f"{100 * proportion['low']:.1f} to {high}" if proportion["hits"] else f"at most {high}"


def _r(correlation: Record | None) -> str:
    if correlation is None:
        return MISSING
    return f"{correlation['r']:.3f} ({correlation['low']:.3f} to {correlation['high']:.3f})"
