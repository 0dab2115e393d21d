"""What methods lose on exams that were made otherwise: by method, kind of exam and setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["losses"]

ALLOWED_DEG = 0.5
"""Of the median error of the long axis."""

ALL = "all"
UNITS = {"long_axis_deg": "°", "roll_deg": "°", "center_mm": " mm"}

MIN_PAIRS = 10
"""A group with fewer is not named: its median could be anything."""

Row = dict[str, Any]


def losses(records: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of all tables, and a verdict for each cohort and method."""
    record = records["robustness"]
    main = {name: each for name, each in record["cohorts"].items() if not _is_single(each)}
    singles = {each["words"]: each for each in record["cohorts"].values() if _is_single(each)}
    columns = {
        f"{cohort['words']}, `{method}`": groups
        for cohort in main.values()
        for method, groups in cohort["methods"].items()
    }
    methods = list(dict.fromkeys(name for each in singles.values() for name in each["methods"]))
    return {
        "record": record,
        "overall": _overall(main),
        "verdicts": [_verdict(*each) for each in columns.items() if _axis_loss(each[1])],
        "columns": list(columns),
        "strata": _strata(columns),
        "methods": methods,
        "settings": [_setting(each, singles, methods) for each in record["settings"]],
    }


def _is_single(cohort: Row) -> bool:
    return bool(cohort["words"].endswith(" alone"))


def _overall(cohorts: Mapping[str, Row]) -> list[list[str]]:
    rows = []
    for cohort in cohorts.values():
        for method, groups in cohort["methods"].items():
            row = groups[ALL]
            before, after = row["ordinary"], row["changed"]
            rows.append([
                cohort["words"],
                f"`{method}`",
                str(row["exams"]),
                *(_error(each, "long_axis_deg") for each in (before, after)),
                *(_loss(row, name) for name in UNITS),
                f"{before['not_found']} → {after['not_found']}",
                f"{_failures(before)} → {_failures(after)}",
                f"{before['flagged']} → {after['flagged']}",
            ])  # fmt: skip
    return rows


def _axis_loss(groups: Mapping[str, Row]) -> Row | None:
    loss: Row | None = groups[ALL]["loss"]["long_axis_deg"]
    return loss


def _verdict(title: str, groups: Mapping[str, Row]) -> dict[str, Any]:
    """Whether a loss is allowed, and the groups with the largest ones where it is not."""
    loss = _axis_loss(groups)
    allowed = loss is not None and loss["loss"] <= ALLOWED_DEG
    return {
        "title": title,
        "loss": _loss(groups[ALL], "long_axis_deg"),
        "allowed": allowed,
        "largest": [] if allowed else _largest(groups),
    }


def _largest(groups: Mapping[str, Row]) -> list[tuple[str, str]]:
    found = {
        name: loss["loss"]
        for name, row in groups.items()
        if name != ALL and (loss := row["loss"]["long_axis_deg"]) and loss["pairs"] >= MIN_PAIRS
    }
    worst = sorted(found, key=lambda name: -found[name])[:3]
    return [(name, _loss(groups[name], "long_axis_deg")) for name in worst]


def _strata(columns: Mapping[str, Mapping[str, Row]]) -> list[list[str]]:
    names = dict.fromkeys(name for groups in columns.values() for name in groups)
    rows = [
        [name, *(_pairs(groups[name]) if name in groups else "" for groups in columns.values())]
        for name in names
    ]
    return [cells for cells in rows if any(cells[1:])]


def _setting(
    setting: tuple[str, str, str], singles: Mapping[str, Row], methods: list[str]
) -> list[str]:
    """A hardest setting, with the loss that it makes alone where that was measured."""
    name, hardest, drawn = setting
    alone = singles.get(f"{name} alone", {"methods": {}})["methods"]
    losses = [_alone(alone[method]) if method in alone else "" for method in methods]
    return [name, hardest, drawn, *losses]


def _alone(groups: Mapping[str, Row]) -> str:
    """Loss of the axis by one setting, of the exams whose camera has it."""
    return _pairs(groups["concerned"]) if "concerned" in groups else ""


def _pairs(row: Row) -> str:
    return _loss(row, "long_axis_deg", pairs=True)


def _error(numbers: Row, name: str) -> str:
    error = numbers["errors"][name]
    return f"{error['median']:.1f} / {error['p95']:.1f}{UNITS[name]}" if error else "none"


def _failures(numbers: Row) -> str:
    return f"{numbers['failures']} ({numbers['unflagged_failures']})"


def _loss(row: Row, name: str, pairs: bool = False) -> str:
    loss = row["loss"][name]
    if loss is None:
        return "" if pairs else "not known"
    interval = loss["interval"]
    ends = f" ({interval[0]:+.2f} to {interval[1]:+.2f})" if interval else ""
    number = f", {loss['pairs']}" if pairs else ""
    return f"{loss['loss']:+.2f}{UNITS[name]}{ends}{number}"
