"""What became of studies while the node was killed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["killed"]

JOURNALS = {
    "older": "an older one was put back",
    "older_beside_newer_log": "an older file was put beside the newer write-ahead log",
    "removed": "it was removed",
    "spoilt": "bytes at random places were others",
    "truncated": "it was cut short",
}


def killed(records: Mapping[str, Any]) -> dict[str, Any]:
    """The counts, and what was done to the journal in words."""
    record = records["killed_node"]
    harms = [(JOURNALS[name], count) for name, count in record["journals"].items()]
    return {"record": record, "harms": harms, "harmed": sum(count for _, count in harms)}
