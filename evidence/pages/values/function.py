"""How near function of gated exams lies to the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evidence.recording.aims import in_ms

__all__ = ["function"]

Record = dict[str, Any]

GROUPS = {"all": "all", "clinical": "`clinical`", "accepted": "not flagged"}


def function(records: Mapping[str, Any]) -> dict[str, Any]:
    """The table of errors by group, phases, segments, repetition."""
    record = records["function"]
    if record is None:
        return {"is_stored": False}
    groups = [name for name in GROUPS if record[name]["exams"] > 1]
    return {
        "is_stored": True,
        "record": record,
        "presets": ", ".join(f"{count} `{name}`" for name, count in record["presets"].items()),
        "names": [f"{GROUPS[name]} ({record[name]['exams']})" for name in groups],
        "rows": [
            [title, *(words(record[name]) for name in groups)] for title, words in ROWS.items()
        ],
        "milliseconds": in_ms(record["seconds"]["function_s"]),
        "aucs": _aucs(record["segments"]),
    }


def _ejection(group: Record) -> str:
    found = group["ejection"]
    limits = [found["bias"] + sign * 1.96 * found["sd"] for sign in (-1, 1)]
    return (
        f"{found['bias']:+.1f}, SD {found['sd']:.1f} ({limits[0]:+.0f} to {limits[1]:+.0f}), "
        f"r {found['r']:.2f}"
    )


def _part(name: str) -> Any:  # noqa: ANN401 - a function of a group
    def words(group: Record) -> str:
        found = group[name]
        return f"{found['bias']:+.1f} %, SD {found['sd']:.1f} %, median {found['median']:.1f} %"

    return words


def _large(group: Record) -> str:
    found = group["ejection_large"]
    return f"{found['bias']:+.1f}, SD {found['sd']:.1f} ({found['exams']})"


def _small(group: Record) -> str:
    found = group["small"]
    if not found["exams"]:
        return "none"
    return (
        f"{100 * found['end_systolic_of_truth']:.0f} % of the truth; "
        f"{found['flagged']} of {found['exams']} flagged"
    )


def _within(group: Record) -> str:
    return " / ".join(f"{100 * each:.0f} %" for each in group["within_bounds"].values())


def _slots(group: Record) -> str:
    return " / ".join(f"{100 * each:.0f} %" for each in group["slots_within_one"])


ROWS = {
    "LVEF, points: bias, SD (limits of agreement), r": _ejection,
    "the same, ESV of 25 ml or more (exams)": _large,
    "EDV": _part("end_diastolic"),
    "ESV": _part("end_systolic"),
    "muscle": _part("wall"),
    "ESV under 25 ml": _small,
    "within the bound of 90 %: LVEF / EDV / ESV": _within,
    "slot within one: end-diastole / end-systole": _slots,
    "flagged": lambda group: f"{group['flagged']} of {group['exams']}",
}


def _aucs(found: Record) -> list[str]:
    words = {
        "late_auc": f"{found['late']} segments that contract 20 degrees late or more, by phase",
        "still_auc_by_counts": f"{found['still']} akinetic segments, by thickening by counts",
        "still_auc_thickening": "the same, by thickening of the drawn wall",
        "still_auc_motion": "the same, by motion",
    }
    return [f"{words[name]}: AUC {found[name]:.2f}" for name in words if name in found]
