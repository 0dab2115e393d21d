"""Whether a stored result still stands: fresh, stale or missing, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from hashlib import sha256

from evidence.registry.places import REPOSITORY, ROOMS
from evidence.registry.result import Result
from evidence.registry.rooms import rooms_now
from evidence.registry.stored import Record, measurements, stored

__all__ = [
    "EARLIER_ROOMS",
    "Standing",
    "State",
    "read_earlier_rooms",
    "standing_of",
    "weights_now",
]

EARLIER_ROOMS = REPOSITORY / "evidence" / "registry" / "earlier_rooms.json"
"""Hashes of the rooms at the revisions of results that were stored without them.

``python -m evidence rooms`` writes it, where git knows these revisions."""

WEIGHTS = "installed_weights/default/record.json"


class State(Enum):
    """Fresh where nothing it depends on has changed."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"


@dataclass(frozen=True)
class Standing:
    """State of a result, and why."""

    state: State
    reason: str = ""


def standing_of(result: Result) -> Standing:
    """Compare what a stored result depends on with what is there now."""
    record = stored(result.name)
    if record is None:
        return Standing(State.MISSING, f"{result.file} is not stored")
    reasons = "; ".join(dict.fromkeys(_changes(result, record)))
    return Standing(State.STALE, reasons) if reasons else Standing(State.FRESH)


def _changes(result: Result, record: Record) -> Iterator[str]:
    rooms = rooms_now(result.rooms)
    for each in measurements(record):
        revision = each["git_revision"][:7] or "an unknown revision"
        before = each.get("rooms", read_earlier_rooms().get(each["git_revision"]))
        if before is None:
            yield f"what the rooms held at {revision} is unknown"
            continue
        changed = [room for room, now in rooms.items() if before.get(room) != now]
        if changed:
            yield f"changed since {revision}: {', '.join(changed)}"
        if result.uses_weights and "rooms" in each and each.get("weights") != weights_now():
            yield f"other weights since {revision}"


@cache
def read_earlier_rooms() -> dict[str, dict[str, str]]:
    """Hashes by revision and room; empty where none are stored."""
    if not EARLIER_ROOMS.exists():
        return {}
    found: dict[str, dict[str, str]] = json.loads(EARLIER_ROOMS.read_text(encoding="utf-8"))
    return found


@cache
def weights_now() -> str | None:
    """SHA-256 of the record of the installed weights, which names the hashes of their files."""
    records = sorted(ROOMS.glob(f"**/{WEIGHTS}"))
    return sha256(records[0].read_bytes()).hexdigest() if records else None
