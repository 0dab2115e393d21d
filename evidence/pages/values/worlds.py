"""Worlds that are wrong under a header that was kept: how many are accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["permuted"]

ACCEPTED, STOPPED, REVIEWED = "accepted", "stopped now", "reviewed before"

Row = dict[str, Any]


def permuted(records: Mapping[str, Any]) -> dict[str, Any]:
    """A row for each world, and what the right world costs."""
    record = records["permuted_worlds"]
    pairs = list(zip(record["exams"], record["real"], strict=True))
    exams, real = pairs[0]
    return {
        "record": record,
        "rows": [[_name(one), *_cells(one), *_cells(other)] for one, other in pairs],
        "real_count": real["tried"],
        "good": {
            "tried": exams["tried"],
            "reviewed": exams[STOPPED] + exams[REVIEWED],
            "stopped": exams[STOPPED],
            "real_reviewed": real[STOPPED] + real[REVIEWED],
            "real_stopped": real[STOPPED],
        },
    }


def _name(row: Row) -> str:
    return f"{row['group']}: {row['world']}"


def _cells(row: Row) -> list[str]:
    return [str(row["tried"]), str(row[ACCEPTED] + row[STOPPED]), str(row[ACCEPTED])]
