"""Which changes of code gave the same answers, and so leave results as they are.

A run of `same_answers` compares the answers of two revisions on simulated and real studies. Where
none differs it stores a certificate: what every room held before and after. A result that was
measured with the rooms of before still stands with those of after. One certificate may follow
another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evidence.registry.stored import stored
from evidence.registry.weights import weights_now

__all__ = ["CARRIED", "LEAST", "NAME", "Certificate", "certificates", "chain_to"]

NAME = "same_answers"
"""Of the result that holds them."""

CARRIED = (
    "spect",
    "inference",
    "reorientation",
    "dicom/elements",
    "dicom/carried",
    "dicom/reading",
    "dicom/writing",
    "nifti",
    "workflow/studies",
    "workflow/reorient",
)
"""Rooms whose change a certificate covers: the compared answers go through all of them.

What the rooms of DICOM and NIfTI read and write is compared as arrays and as files; exams that are
cut are read from NIfTI."""

LEAST = {
    "clinical": 40,
    "wide": 40,
    "moving": 18,
    "pet": 14,
    "gated": 14,
    "cut": 20,
    "raw": 4,
    "case": 25,
    "real": 6,
}
"""Studies of each kind that must have been compared: 150 simulated exams, cases with one trait each
that people report of files, and real studies. A single one that differs proves the opposite."""

Rooms = Mapping[str, str | None]


@dataclass(frozen=True)
class Certificate:
    """What rooms held before and after a change of code that altered no answer.

    Parameters
    ----------
    before, after : mapping of str to str
        Hashes of all rooms that any result names.
    exams : int
        How many studies were compared.
    """

    before: Mapping[str, str]
    after: Mapping[str, str]
    exams: int

    def carried(self, rooms: Rooms) -> Rooms | None:
        """The rooms of a result after this change; None where it was measured with others.

        All of them must have been compared as they were, for rooms work together; and of all only
        `CARRIED` may have changed.
        """
        for room, held in rooms.items():
            changed = self.after.get(room) != held
            if self.before.get(room) != held or (changed and room not in CARRIED):
                return None
        return {room: self.after.get(room) for room in rooms}


def certificates() -> list[Certificate]:
    """Those that are stored and hold, with the weights that are installed now."""
    record = stored(NAME) or {}
    return [
        Certificate(each["before"], each["after"], sum(map(_compared, each["kinds"].values())))
        for each in record.get("certificates", [])
        if each["weights"] == weights_now() and holds(each["kinds"])
    ]


def holds(kinds: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether enough was compared of every kind, and all of it was the same."""
    return all(_compared(kinds.get(kind, {})) >= least for kind, least in LEAST.items()) and all(
        each["same"] == each["compared"] for each in kinds.values()
    )


def _compared(kind: Mapping[str, Any]) -> int:
    return int(kind.get("compared", 0))


def chain_to(now: Rooms, before: Rooms) -> list[Certificate] | None:
    """The fewest certificates that lead from the rooms of a result to those of now; None for none.

    `before` may hold more rooms than `now`; what a result lacks was not compared.
    """
    start = {room: before.get(room) for room in now}
    known = certificates()
    seen = [dict(start)]
    chains: list[tuple[Rooms, list[Certificate]]] = [(start, [])]
    for rooms, chain in chains:
        if rooms == now:
            return chain
        for each in known:
            after = each.carried(rooms)
            if after is not None and after not in seen:
                seen.append(dict(after))
                chains.append((after, [*chain, each]))
    return None
