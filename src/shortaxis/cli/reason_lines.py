"""Files and their reasons on a terminal: each by name, or one line a kind where there are many."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["reason_lines"]

NAMED_EACH = 5
"""Files of one kind of reason that are named one by one."""

VALUES = re.compile(r" \([^()]*\)$")
"""What was found in one file, at the end of its reason."""


def reason_lines(rows: Iterable[tuple[str, str, str]], others: str) -> list[str]:
    """Lines for rows of what became of a file, its path, and the reason.

    Parameters
    ----------
    rows : iterable of (str, str, str)
        Such as ``("skipped", "a/b.dcm", "is not a DICOM file")``.
    others : str
        Where those are listed that a line only counts.

    Examples
    --------
    >>> reason_lines([("skipped", "a", "is empty")], "in --json")
    ['skipped a: is empty']
    >>> reason_lines([("skipped", f"{n}.ima", "is a CT") for n in range(9)], "--json lists all")
    ['skipped 9 files, such as 0.ima: is a CT (--json lists all)']
    """
    kinds: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for outcome, path, reason in rows:
        kinds.setdefault((outcome, VALUES.sub("", reason)), []).append((path, reason))
    lines = []
    for (outcome, _), found in kinds.items():
        if len(found) <= NAMED_EACH:
            lines += [f"{outcome} {path}: {reason}" for path, reason in found]
        else:
            path, reason = found[0]
            lines.append(f"{outcome} {len(found)} files, such as {path}: {reason} ({others})")
    return lines
