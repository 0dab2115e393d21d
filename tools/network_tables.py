"""Tables of the network: its limits from the code, training from ``results/*.json`` if stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shortaxis.reorientation.network_limits import NETWORK_LIMITS
from shortaxis.reorientation.quality import UNLIMITED, Limit
from simulation_tables import origin, stored

__all__ = ["heads_text", "network_limits_text", "training_text"]

TRAINING_FIGURE = "../images/training.png"
PAGE_FOLDER = Path(__file__).resolve().parents[1] / "docs" / "explanation"

ERRORS = {"long_axis_deg": "°", "roll_deg": "°", "center_mm": " mm"}
ERROR_HEADINGS = ("long axis: median / 95th", "roll", "centre")


def network_limits_text() -> str:
    """Every limit of the network with its reason, as the rows of a table."""
    rows = [[limit.reason, limit.measure.value, _range(limit)] for limit in NETWORK_LIMITS]
    return _table(["reason", "what is measured", "accepted"], rows)


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
        f"Trained on {exams}, on {record['processor']}; "
        f"errors of one look at selection exams, from starts as in training{_origin(record)}:"
    )
    rows = [
        [name, f"{stage['samples']:,}", f"{stage['hours']:.1f}", *_errors(stage)]
        for name, stage in record["stages"].items()
    ]
    parts = [intro, _table(["stage", "samples", "hours", *ERROR_HEADINGS], rows)]
    if (PAGE_FOLDER / TRAINING_FIGURE).exists():
        parts.append(f"![Errors while training]({TRAINING_FIGURE})")
    return "\n\n".join(parts)


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
