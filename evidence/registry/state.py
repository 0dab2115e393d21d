"""Whether a stored result still stands: fresh, stale or missing, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from evidence.registry.certificates import chain_to
from evidence.registry.places import REPOSITORY
from evidence.registry.result import Result
from evidence.registry.rooms import rooms_now
from evidence.registry.stored import Record, measurements, stored
from evidence.registry.weights import weights_now

__all__ = [
    "EARLIER_ROOMS",
    "Standing",
    "State",
    "read_earlier_rooms",
    "standing_of",
]

EARLIER_ROOMS = REPOSITORY / "evidence" / "registry" / "earlier_rooms.json"
"""Hashes of the rooms at the revisions of results that were stored without them.

``python -m evidence rooms`` writes it, where git knows these revisions."""


class State(Enum):
    """Fresh where nothing it depends on has changed, or only code that gives the same answers."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"


@dataclass(frozen=True)
class Standing:
    """State of a result, and why.

    Of a fresh one whose code has changed, `proven` tells on how many exams its answers were the
    same; 0 where nothing has changed.
    """

    state: State
    reason: str = ""
    proven: int = 0


def standing_of(result: Result) -> Standing:
    """Compare what a stored result depends on with what is there now."""
    record = stored(result.name)
    if record is None:
        return Standing(State.MISSING, f"{result.file} is not stored")
    changes = list(_changes(result, record))
    left = dict.fromkeys(each.reason for each in changes if not each.proven)
    if left:
        return Standing(State.STALE, "; ".join(left))
    reasons = "; ".join(dict.fromkeys(each.reason for each in changes))
    return Standing(State.FRESH, reasons, min((each.proven for each in changes), default=0))


@dataclass(frozen=True)
class _Change:
    """What has changed, and on how many exams the answers were the same all the same."""

    reason: str
    proven: int = 0


def _changes(result: Result, record: Record) -> Iterator[_Change]:
    rooms = rooms_now(result.rooms)
    for each in measurements(record):
        revision = each["git_revision"][:7] or "an unknown revision"
        before = each.get("rooms", read_earlier_rooms().get(each["git_revision"]))
        if before is None:
            yield _Change(f"what the rooms held at {revision} is unknown")
            continue
        changed = [room for room, now in rooms.items() if before.get(room) != now]
        if changed:
            yield _change(result, revision, before, changed)
        if result.uses_weights and "rooms" in each and each.get("weights") != weights_now():
            yield _Change(f"other weights since {revision}")


def _change(
    result: Result, revision: str, before: dict[str, str | None], changed: list[str]
) -> _Change:
    reason = f"changed since {revision}: {', '.join(changed)}"
    chain = chain_to(rooms_now(result.rooms), before) if result.follows_from_answers else None
    if chain is None:
        return _Change(reason)
    exams = min(each.exams for each in chain)
    return _Change(f"{reason}; answers proven the same on {exams} exams", exams)


@cache
def read_earlier_rooms() -> dict[str, dict[str, str]]:
    """Hashes by revision and room; empty where none are stored."""
    if not EARLIER_ROOMS.exists():
        return {}
    found: dict[str, dict[str, str]] = json.loads(EARLIER_ROOMS.read_text(encoding="utf-8"))
    return found
