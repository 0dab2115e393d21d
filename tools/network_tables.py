"""Tables of the network: its limits from the weights, what was measured from ``results/*.json``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shortaxis.reorientation.quality import UNLIMITED, Limit, Measure
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights
from simulation_tables import origin, stored

__all__ = ["heads_text", "network_limits_text", "second_opinion_text", "training_text"]

TRAINING_FIGURE = "../images/training.png"
PAGE_FOLDER = Path(__file__).resolve().parents[1] / "docs" / "explanation"

ERRORS = {"long_axis_deg": "°", "roll_deg": "°", "center_mm": " mm"}
SECOND_OPINION = (Measure.ELLIPSOID_APART_DEG, Measure.ELLIPSOID_APART_MM)
OWN_BOUND = Measure.LONG_AXIS_BOUND_DEG

ERROR_HEADINGS = ("long axis: median / 95th", "roll", "centre")


def network_limits_text() -> str:
    """Every limit of the network with its reason, as the rows of a table."""
    limits = find_weights(DEFAULT_WEIGHTS).judgement.limits
    rows = [[limit.reason, limit.measure.value, _range(limit)] for limit in limits]
    return _table(["reason", "what is measured", "accepted"], rows)


def second_opinion_text() -> str:
    """What the limits of the second opinion stop, beside the network's own bound."""
    record = stored("network_limits")
    if record is None:
        return "Not stored yet: `python validation/network_limits.py` measures it."
    presets = record["presets"]
    headings = ["limit"]
    for name, preset in presets.items():
        good = preset["exams"] - preset["failures"]
        headings += [f"`{name}`: of {preset['failures']} failures", f"of {good} good exams"]
    rows = []
    for measure in (*SECOND_OPINION, OWN_BOUND):
        cells = [measure.value]
        for preset in presets.values():
            row = next(each for each in preset["limits"] if each["measure"] == measure.value)
            cells += [str(row["failed_stopped"]), str(row["good_stopped"])]
        rows.append(cells)
    intro = (
        "Calibration exams that each limit stops; the limits were chosen on them "
        f"({origin(record)}):"
    )
    return f"{intro}\n\n{_table(headings, rows)}"


def heads_text() -> str:
    """Both ways to give a pose, trained alike; empty where nothing is stored."""
    record = stored("heads")
    if record is None:
        return ""
    stages = record["stages"]
    rows = [[name, f"{stage['parameters']:,}", *_errors(stage)] for name, stage in stages.items()]
    samples = record.get("samples") or max(stage["samples"] for stage in stages.values())
    intro = (
        f"Each was trained with {samples:,} samples; errors of one look at selection exams, from "
        f"starts as in training{_origin(record)}:"
    )
    return f"{intro}\n\n{_table(['stage', 'parameters', *ERROR_HEADINGS], rows)}"


def training_text() -> str:
    """What training took and gave, stage by stage; empty where nothing is stored."""
    record = stored("training")
    if record is None:
        return ""
    exams = " and ".join(f"{count:,} of `{name}`" for name, count in record["exams"].items())
    intro = (
        f"Trained on {exams}, without patients who moved far, on {record['processor']}"
        f"{_hours(record)}; "
        f"errors of one look at selection exams, from starts as in training{_origin(record)}:"
    )
    rows = [
        [name, f"{stage['samples']:,}", *_errors(stage)] for name, stage in record["stages"].items()
    ]
    parts = [intro, _table(["stage", "samples", *ERROR_HEADINGS], rows)]
    if (PAGE_FOLDER / TRAINING_FIGURE).exists():
        parts.append(f"![Errors while training]({TRAINING_FIGURE})")
    return "\n\n".join(parts)


def _hours(record: dict[str, Any]) -> str:
    stages = [stage.get("hours", 0.0) for stage in record["stages"].values()]
    return f" in {record.get('hours', sum(stages)):.1f} hours"


def _range(limit: Limit) -> str:
    if limit.highest == UNLIMITED:
        return f"{limit.lowest:g} or more"
    return f"{limit.lowest:g} to {limit.highest:g}"


def _errors(stage: dict[str, Any]) -> list[str]:
    return [
        " / ".join(f"{value:.1f}" for value in stage[name]) + unit for name, unit in ERRORS.items()
    ]


def _origin(record: dict[str, Any]) -> str:
    return f" ({origin({'seed': None, **record})})" if "command" in record else ""


def _table(headings: list[str], rows: list[list[str]]) -> str:
    rule = "|" + "---|" * len(headings)
    return "\n".join([_row(headings), rule, *map(_row, rows)])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
