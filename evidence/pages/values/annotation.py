"""How far annotation is off, and what it rejects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["errors"]

KINDS = ("simulated", "real")
"""Of the folders of the stored command, in its order."""


def errors(records: Mapping[str, Any]) -> dict[str, Any]:
    """A row a way of storing the slices, and how well own and other hearts match."""
    record = records["annotation_errors"]
    sets = dict(zip(KINDS, record["sets"], strict=True))
    folders = list(sets.values())
    return {
        "record": record,
        "kinds": list(sets),
        "studies": " and ".join(f"{each['studies']} {kind}" for kind, each in sets.items()),
        "engine": folders[0]["engine"],
        "rows": [
            [way, *(_most(each["ways"][way]) for each in folders)] for way in folders[0]["ways"]
        ],
        "own": f"{min(each['lowest_own_heart'] for each in folders):.4f}",
        "other": f"{max(each['highest_other_heart'] for each in folders):.4f}",
        "refused": sum(len(each["true_pairs_rejected"]) for each in folders),
        "pairs": sum(each["studies"] * len(each["ways"]) for each in folders),
        "strangers": sum(each["other_pairs_rejected"] for each in folders),
        "wrong": sum(each["studies"] for each in folders),
    }


def _most(found: dict[str, list[float]]) -> str:
    return f"{found['turn_deg'][1]:.2f}°, {found['shift_mm'][1]:.2f} mm"
