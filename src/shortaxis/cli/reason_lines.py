"""Files and their reasons on a terminal: each by name, or one line a kind where there are many."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["FileReason", "reason_lines"]

NAMED_EACH = 5
"""Files of one kind of reason that are named one by one."""

VALUES = re.compile(r" \([^()]*\)$")
"""What was found in one file, at the end of its reason."""


class FileReason(NamedTuple):
    """What became of a file or a stack of files, its path, the reason, and how to go on."""

    outcome: str
    path: str
    reason: str
    way_on: str = ""

    @property
    def words(self) -> str:
        """The reason and the way on."""
        return "; ".join(filter(None, (self.reason, self.way_on)))


def reason_lines(rows: Iterable[FileReason], others: str) -> list[str]:
    """Lines for rows of what became of files.

    Parameters
    ----------
    rows : iterable of FileReason
        In any order.
    others : str
        Where those are listed that a line only counts.

    Examples
    --------
    >>> reason_lines([FileReason("skipped", "a", "is empty")], "in --json")
    ['skipped a: is empty']
    >>> many = [FileReason("skipped", f"{n}.ima", "is a CT") for n in range(9)]
    >>> reason_lines(many, "--json lists all")
    ['skipped 9 files, such as 0.ima: is a CT (--json lists all)']
    """
    kinds: dict[tuple[str, str], list[FileReason]] = {}
    for row in rows:
        kinds.setdefault((row.outcome, VALUES.sub("", row.reason)), []).append(row)
    lines = []
    for (outcome, _), found in kinds.items():
        if len(found) <= NAMED_EACH:
            lines += [f"{outcome} {each.path}: {each.words}" for each in found]
        else:
            first = found[0]
            such = f"{len(found)} files, such as {first.path}"
            lines.append(f"{outcome} {such}: {first.words} ({others})")
    return lines
