"""Rooms of results that were stored before records said them: from git, once."""

from __future__ import annotations

import json
from collections.abc import Iterator

from evidence.registry.rooms import rooms_at
from evidence.registry.state import EARLIER_ROOMS, read_earlier_rooms
from evidence.registry.stored import measurements, stored
from evidence.registry.table import RESULTS

__all__ = ["write_earlier_rooms"]


def write_earlier_rooms() -> Iterator[str]:
    """Write the hashes of the rooms at every revision that a record tells without rooms.

    What is known of a revision stays where git does not know it; a line a revision is yielded.
    """
    wanted: dict[str, set[str]] = {}
    for name, result in RESULTS.items():
        for each in measurements(stored(name) or {"rooms": {}}):
            if "rooms" not in each:
                wanted.setdefault(each["git_revision"], set()).update(result.rooms)
    found = {}
    for revision, rooms in sorted(wanted.items()):
        try:
            found[revision] = dict(sorted(rooms_at(revision, rooms).items()))
            yield f"{revision[:7]}: {len(found[revision])} of {len(rooms)} rooms were there"
        except LookupError as error:
            if revision in read_earlier_rooms():
                found[revision] = read_earlier_rooms()[revision]
            yield str(error)
    EARLIER_ROOMS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
