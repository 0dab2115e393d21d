"""How good the quantification is: detection, extent, territory, pose, repetition and speed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evidence.recording.aims import compared_with_aims

__all__ = ["quantification", "trace_limits"]

Record = dict[str, Any]
Records = Mapping[str, Any]

MEASURES = {
    "summed_score": (1.0, ""),
    "total_perfusion_deficit": (100.0, " %"),
    "scar_burden": (100.0, " % of the wall"),
}
"""Factor and unit."""


def quantification(records: Records) -> dict[str, Any]:
    """Numbers of all parts; a part whose result is not stored is left out."""
    record = records["quantification"]
    if record is None:
        return {"is_stored": False}
    quantify, report = records["benchmark_quantify"], records["benchmark_report"]
    return {
        "record": record,
        "areas": [_area(record["detection"][name]) for name in MEASURES if name != "scar_burden"],
        "among": record["detection"].get("among", {}),
        "extents": {
            name: _extent(record["extent"].get(name)) for name in ("deep", "plain")
        } | {"all": _extent(record["extent"])},
        "territories": record["territory"].get("measured", {}),
        "pose_rows": [_pose_row(*each) for each in record["pose"].items()],
        "moved": {
            kind: [_moved_row(row) for row in record["moved"][kind]]
            for kind in ("turned", "shifted")
        },
        "choice": records["detection"],
        "choice_rows": _choices(records["detection"]),
        "real": records["quantification_real"],
        "map_aim": _aim(quantify), "quantify": quantify,
        "report_aim": _aim(report), "report": report,
    }  # fmt: skip


def _choices(record: Record | None) -> list[tuple[Record, str]]:
    """Every number of deviations, and the chosen one with maps at the level of the mean."""
    if record is None:
        return []
    chosen = record["chosen_sd"]
    rows = [
        (each, f"{each['sd']:g} (chosen)" if each["sd"] == chosen else f"{each['sd']:g}")
        for each in record["deviations"]
    ]
    return [*rows, (record["by_mean"], f"{chosen:g}, at the level of the mean of what is normal")]


def _area(values: Record) -> str:
    return f"{values['auc']:.3f} ({values['low']:.3f} to {values['high']:.3f})"


def _extent(values: Record | None) -> dict[str, str] | None:
    """Correlation, bias and standard deviation, in per cent of the wall."""
    if values is None:
        return None
    return {
        "exams": values["exams"],
        "r": f"{values['r']:.2f}",
        "bias": f"{100 * values['bias']:+.1f} %",
        "sd": f"{100 * values['sd']:.1f} %",
    }


def _pose_row(name: str, row: Record) -> list[str]:
    cells = [
        f"r {row[key]['r']:.3f}, mean absolute error {factor * row[key]['mae']:.2f}{unit}"
        for key, (factor, unit) in MEASURES.items()
    ]
    return [f"{name} ({row['exams']})", *cells]


def _moved_row(row: Record) -> list[str]:
    cells = [f"{factor * row[key]:.2f}{unit}" for key, (factor, unit) in MEASURES.items()]
    return [str(row["by"]), *cells]


def _aim(record: Record | None) -> tuple[str, ...]:
    """Measured value, aim and verdict of the only aim of a record."""
    if record is None:
        return ()
    ((_, *told),) = compared_with_aims(record)
    return tuple(told)


def trace_limits(records: Records) -> dict[str, Any]:
    """How many traces ask for a look, at good poses and at poses that are moved off."""
    record = records["trace_limits"]
    accepted = record["accepted"]
    flagged = {name: row["flagged"] for name, row in record["poses"].items()}
    return {
        "record": record,
        "flagged": flagged["as estimated"],
        "parts": {name: f"{number / accepted:.0%}" for name, number in flagged.items()},
    }
