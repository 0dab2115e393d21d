"""Stored results, as they were written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from evidence.registry.places import results_folder
from evidence.registry.table import RESULTS

__all__ = ["Record", "measured_at", "measurements", "stored"]

Record = dict[str, Any]


def stored(name: str) -> Record | None:
    """Return the record of a result, or None if it is not stored."""
    path = results_folder() / RESULTS[name].file
    if not path.exists():
        return None
    record: Record = json.loads(path.read_text(encoding="utf-8"))
    return record


def measurements(record: Record) -> Iterator[Record]:
    """Everything in a record that has a command of its own: itself, and methods beside it."""
    own = [each for each in record.get("methods", {}).values() if "git_revision" in each]
    yield from own or [record]


def measured_at(record: Record) -> tuple[str, ...]:
    """Short revisions that a record was measured at, each once."""
    revisions = [each["git_revision"][:7] for each in measurements(record)]
    return tuple(dict.fromkeys(revisions))
