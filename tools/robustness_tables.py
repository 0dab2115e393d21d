"""Tables of ``results/robustness.json``: what methods lose on exams that were made otherwise."""

from __future__ import annotations

from typing import Any

import simulation_tables
from simulation_tables import origin

ALLOWED_DEG = 0.5
"""Of the median error of the long axis."""

ALL = "all"
UNITS = {"long_axis_deg": "°", "roll_deg": "°", "center_mm": " mm"}

Row = dict[str, Any]


def robustness_text() -> str:
    """What was lost, by method, by kind of exam and by setting."""
    record = simulation_tables.stored("robustness")
    if record is None:
        return "The loss is not stored yet: `python validation/robustness.py` measures it."
    main = {name: each for name, each in record["cohorts"].items() if not _is_single(each)}
    parts = [
        f"{record['count']} exams of each cohort ({origin(record)}), each beside the same patient simulated as always. Errors are median / 95th\n"
        "percentile; losses are differences of medians over the exams with a pose both ways, and in brackets their 95 % bootstrap\n"
        "interval over patients.",
        _overall(main),
        "\n".join(f"- {line}" for line in _verdicts(main)),
        _strata(main),
        _settings(record),
    ]
    return "\n\n".join(part for part in parts if part)


def _is_single(cohort: Row) -> bool:
    return bool(cohort["words"].endswith(" alone"))


def _overall(cohorts: dict[str, Row]) -> str:
    lines = [
        _line(["cohort", "method", "exams", "axis as always", "axis here", "loss of the axis", "loss of the roll", "loss of the centre", "not found", "failures (accepted)", "flagged"]),
        _line(["---"] * 11),
    ]  # fmt: skip
    for cohort in cohorts.values():
        for method, groups in cohort["methods"].items():
            row = groups[ALL]
            before, after = row["ordinary"], row["changed"]
            lines.append(
                _line([
                    cohort["words"],
                    f"`{method}`",
                    str(row["exams"]),
                    *(_error(each, "long_axis_deg") for each in (before, after)),
                    *(_loss(row, name) for name in UNITS),
                    f"{before['not_found']} → {after['not_found']}",
                    f"{_failures(before)} → {_failures(after)}",
                    f"{before['flagged']} → {after['flagged']}",
                ])
            )  # fmt: skip
    return "\n".join(lines)


def _verdicts(cohorts: dict[str, Row]) -> list[str]:
    """Whether each loss is allowed, and the groups with the largest ones."""
    said = []
    for cohort in cohorts.values():
        for method, groups in cohort["methods"].items():
            loss = groups[ALL]["loss"]["long_axis_deg"]
            if loss is None:
                continue
            within = "within" if loss["loss"] <= ALLOWED_DEG else "more than"
            lost = _loss(groups[ALL], "long_axis_deg")
            line = f"{cohort['words']}, `{method}`: {lost} of the median, {within} half a degree"
            if loss["loss"] > ALLOWED_DEG:
                line += (
                    f"; of the groups, which overlap, the largest are {', '.join(_largest(groups))}"
                )
            said.append(line + ".")
    return said


MIN_PAIRS = 10
"""A group with fewer is not named: its median could be anything."""


def _largest(groups: dict[str, Row]) -> list[str]:
    losses = {
        name: loss["loss"]
        for name, row in groups.items()
        if name != ALL and (loss := row["loss"]["long_axis_deg"]) and loss["pairs"] >= MIN_PAIRS
    }
    worst = sorted(losses, key=lambda name: -losses[name])[:3]
    return [f"*{name}* {_loss(groups[name], 'long_axis_deg')}" for name in worst]


def _strata(cohorts: dict[str, Row]) -> str:
    columns = {
        (name, method): groups
        for name, cohort in cohorts.items()
        for method, groups in cohort["methods"].items()
    }
    if not columns:
        return ""
    names = list(dict.fromkeys(name for groups in columns.values() for name in groups))
    titles = [f"{cohorts[name]['words']}, `{method}`" for name, method in columns]
    lines = [
        "Loss of the long axis by kind of exam, with the number of pairs; the groups overlap.",
        "",
        _line(["exams", *titles]),
        _line(["---"] * (1 + len(titles))),
    ]
    for name in names:
        cells = [
            _loss(groups[name], "long_axis_deg", pairs=True) if name in groups else ""
            for groups in columns.values()
        ]
        if any(cells):
            lines.append(_line([name, *cells]))
    return "\n".join(lines)


def _settings(record: Row) -> str:
    """The hardest settings, with the loss that each makes alone where that was measured."""
    singles = {each["words"]: each for each in record["cohorts"].values() if _is_single(each)}
    methods = list(dict.fromkeys(name for each in singles.values() for name in each["methods"]))
    titles = [f"alone, `{method}`" for method in methods]
    lines = [
        _line(["setting", "at its hardest", "drawn by `wide`", *titles]),
        _line(["---"] * (3 + len(titles))),
    ]
    for name, hardest, drawn in record["settings"]:
        alone = singles.get(f"{name} alone", {"methods": {}})["methods"]
        losses = [_alone(alone[method]) if method in alone else "" for method in methods]
        lines.append(_line([name, hardest, drawn, *losses]))
    return "\n".join(lines)


def _alone(groups: dict[str, Row]) -> str:
    """Loss of the axis by one setting, of the exams whose camera has it."""
    return _loss(groups["concerned"], "long_axis_deg", pairs=True) if "concerned" in groups else ""


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


def _line(cells: list[str]) -> str:
    return "|" + "|".join(cells) + "|" if cells[0] == "---" else "| " + " | ".join(cells) + " |"
