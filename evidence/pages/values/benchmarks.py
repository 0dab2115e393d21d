"""The benchmark cohorts: errors, failures, flags, correlations and coverage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

__all__ = ["COHORTS", "all_numbers", "part_text", "strata", "summary", "worst"]

COHORTS = ("clinical-1000", "wide-1000")
ERRORS = {"long_axis_deg": "°", "roll_deg": "°", "center_mm": " mm"}
PARAMETERS = ("x_m", "y_m", "z_m", "alpha", "beta", "theta")
MISSING = "–"
PICTURED = 5
"""Exams on the first sheet of an evaluation."""

Record = dict[str, Any]
Records = Mapping[str, Any]


def all_numbers(records: Records) -> dict[str, Any]:
    """All numbers of both cohorts, method beside method."""
    return {
        "cohorts": {
            name: {
                "record": record,
                "methods": list(record["methods"]),
                "rows": [
                    [words, *(cell(method) for method in record["methods"].values())]
                    for words, cell in _rows().items()
                ],
            }
            for name, record in _stored(records).items()
        }
    }


def strata(records: Records) -> dict[str, Any]:
    """The network by kind of exam."""
    return {
        "cohorts": {
            name: [
                _stratum(*each) for each in record["methods"]["network"]["groups"].items()
            ]
            for name, record in _stored(records).items()
        }
    }  # fmt: skip


def summary(records: Records) -> dict[str, Any]:
    """A few lines for the front page."""
    rows = []
    for record in _stored(records).values():
        for method, values in record["methods"].items():
            group = values["groups"]["all"]
            rows.append([
                f"{group['exams']:,} `{record['cohort']['preset']}`",
                method,
                _errors(group, "long_axis_deg", 2),
                _errors(group, "center_mm", 2),
                part_text(group["failures"]),
                part_text(group["unflagged_failures"]),
            ])  # fmt: skip
    return {"rows": rows}


def worst(records: Records) -> dict[str, Any]:
    """The exams of the pictures, and the largest errors that nothing flags."""
    rows, largest = [], []
    for name, record in _stored(records).items():
        network = record["methods"]["network"]
        rows += [_worst_row(name, each) for each in network["worst"][:PICTURED]]
        errors = network["groups"]["all"]["accepted_errors"]
        axis, center = (errors[each]["maximum"] for each in ("long_axis_deg", "center_mm"))
        largest.append(f"{axis:.1f}° and {center:.1f} mm in `{name}`")
    return {"rows": rows, "largest": ", ".join(largest)}


def _worst_row(cohort: str, exam: Record) -> list[str]:
    return [
        f"`{cohort}`",
        str(exam["exam_seed"]),
        f"{exam['long_axis_deg']:.1f}°",
        f"{exam['center_mm']:.1f} mm",
        "review" if exam["flagged"] else "accept",
    ]


def _stored(records: Records) -> dict[str, Record]:
    return {name: record for name, record in records.items() if record is not None}


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


def _stratum(words: str, group: Record) -> list[str]:
    return [
        words,
        str(group["exams"]),
        *(_errors(group, error, 2) for error in ERRORS),
        _hits(group["failures"]),
        _hits(group["unflagged_failures"]),
        _complement(group["specificity"]),
    ]


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
