"""What a report says of two exams of one heart, beside what is true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["floors", "prior"]

Record = dict[str, Any]

WHO = {
    "all": "all",
    "not_doubted": "those without a reason to doubt the comparison",
    "normal": "hearts without a defect",
    "diseased": "hearts with a defect or an aneurysm",
}

ADDED = {"all": "all", "not_doubted": "those without a reason to doubt the comparison"}

HIGH = 0.1
"""A share of unchanged hearts that are called changed, which is said plainly."""


def prior(records: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of shares: one heart that did not change, and a defect that was added."""
    record = records["prior_changes"]
    same, other = record["unchanged"], record["another_camera"]
    called = {"the same": same["called"]["all"], "another": other["called"]["all"]}
    return {
        "record": record,
        "high": [(where, each) for where, each in called.items() if each["share"][0] > HIGH],
        "same": [
            [words, *(_share(each["called"][name]) for each in (same, other))]
            for name, words in WHO.items()
        ],
        "added": [
            [
                ADDED.get(name, f"takes {name} of the uptake of the wall"),
                *map(_share, each.values()),
            ]
            for name, each in record["added"]["groups"].items()
        ],
        "not_compared": sum(
            record[kind]["not_compared"] for kind in ("unchanged", "added", "another_camera")
        ),
    }


def floors(records: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of what floors would call and find, and which is chosen."""
    record = records["change_floor"]
    rows = [each for each in record["floors"] if each["measure"] == "percent"]
    patches = [each for each in record["floors"] if each["measure"] == "patch_percent"]
    return {
        "record": record,
        "rows": [[_floor(each, record), *(_share(each[name]) for name in SHOWN)] for each in rows],
        "alike": _alike(patches, rows, record["chosen_percent"]),
    }


SHOWN = ("same", "another_camera", "found", "more")


def _floor(each: Record, record: Record) -> str:
    if not each["percent"]:
        return "none: 3 %, or a scored segment"
    told = f"{each['percent']:g} %"
    return f"**{told}**" if each["percent"] == record["chosen_percent"] else told


def _alike(patches: Sequence[Record], rows: Sequence[Record], chosen: float) -> Record | None:
    """The floor for the largest patch that calls as few and finds most, if there is one."""
    (ours,) = (each for each in rows if each["percent"] == chosen)
    right = [each for each in patches if each["same"]["hits"] <= ours["same"]["hits"]]
    if not right:
        return None
    best = max(right, key=lambda each: (each["found"]["hits"], -each["percent"]))
    told = {name: (best[name]["hits"], ours[name]["hits"]) for name in ("found", "another_camera")}
    return {"percent": best["percent"], **told}


def _share(found: Record) -> str:
    """Hits of how many, and the interval in per cent."""
    if found["share"] is None:
        return "none there"
    _, low, high = (100 * each for each in found["share"])
    return f"{found['hits']} of {found['of']} ({low:.0f} to {high:.0f} %)"
