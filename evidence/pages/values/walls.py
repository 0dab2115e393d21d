"""How far drawn walls lie from the true ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evidence.recording.aims import in_ms

__all__ = ["wall"]

Record = dict[str, Any]
Records = Mapping[str, Any]


def wall(records: Records) -> dict[str, Any]:
    """The table of methods, and the real studies."""
    record = records["wall"]
    if record is None:
        return {"is_stored": False}
    methods: dict[str, Record] = record["methods"]
    return {
        "is_stored": True,
        "record": record,
        "names": list(methods),
        "rows": [
            [title, *(words(record, name) for name in methods)] for title, words in ROWS.items()
        ],
        "real": [_real(row) for row in record["real"]],
        "real_note": "20 mm thick and ragged themselves",
        "surfaces_ms": in_ms(record["seconds"]["surfaces_s"]),
        "map_ms": in_ms(record["seconds"]["surfaces_and_polar_map_s"]),
    }


def _millimetres(key: str) -> Any:  # noqa: ANN401 - a function of a row
    return lambda record, name: f"{record['methods'][name][key]['mean']:.2f} mm"


def _spread(key: str, unit: str) -> Any:  # noqa: ANN401
    def words(record: Record, name: str) -> str:
        values = record["methods"][name][key]
        return f"{values['median']:.1f} / {values['95th']:.1f}{unit}"

    return words


def _cavity(key: str) -> Any:  # noqa: ANN401
    def words(record: Record, name: str) -> str:
        values = record["methods"][name]["cavity"][key]
        return f"{100 * values['bias']:+.1f} %, SD {100 * values['sd']:.1f} % ({values['exams']})"

    return words


def _length(record: Record, name: str) -> str:
    values = record["methods"][name]["length"]
    return f"{values['bias_mm']:+.1f} mm, SD {values['sd_mm']:.1f} mm"


def _thickness(record: Record, name: str) -> str:
    values = record["methods"][name]["thickness"]
    return (
        f"r {values['r_of_means']:.2f}; walls over 12 mm {values['bias_over_12_mm']:+.1f} mm "
        f"({values['thick_exams']})"
    )


def _right(record: Record, name: str) -> str:
    values = record["methods"][name]
    return f"{values['right_part']:.0%}"


def _flag(record: Record, name: str) -> str:
    values = record["methods"][name]
    auc = "none is wrong" if values["auc"] is None else f"AUC {values['auc']:.2f}"
    return (
        f"{auc}; {values['flagged_wrong']} of {values['wrong']} wrong, "
        f"{values['flagged_right']} of {values['right']} right"
    )


def _repeated(key: str, factor: float, unit: str) -> Any:  # noqa: ANN401
    def words(record: Record, name: str) -> str:
        values = record["repeated"][name]
        if not values:
            return "not measured"
        return f"{factor * values[key]['median']:.2f} / {factor * values[key]['95th']:.2f}{unit}"

    return words


ROWS = {
    "middle of the wall": _millimetres("middle_mm"),
    "endocardium": _millimetres("endocardium_mm"),
    "epicardium": _millimetres("epicardium_mm"),
    "valve centre: median / 95th": _spread("valve_mm", " mm"),
    "valve normal: median / 95th": _spread("valve_deg", "°"),
    "length": _length,
    "cavity over 45 ml (exams)": _cavity("over 45 ml"),
    "cavity under 45 ml (exams)": _cavity("under 45 ml"),
    "mean thickness (exams)": _thickness,
    "right: within 3 mm, and the valve within 8 mm": _right,
    "flagged": _flag,
    "middle of the wall after a known motion: median / 95th": _repeated("middle_mm", 1, " mm"),
    "cavity after a known motion: median / 95th": _repeated("cavity_part", 100, " %"),
}


def _real(row: Record) -> list[str]:
    return [
        str(row["study"]),
        row["method"],
        f"{row['dice']:.2f}",
        f"{row['middle_mm']:.1f} mm",
        f"{row['mask_apical_end_mm']:.0f} / {row['apical_end_mm']:.0f}",
        f"{row['mask_basal_end_mm']:.0f} / {row['basal_end_mm']:.0f}",
        row["flag"],
    ]
