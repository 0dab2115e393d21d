"""What was measured beside what was aimed at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["compared_with_aims", "in_ms", "print_aims"]


def compared_with_aims(record: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Name, measured value, aim, and whether it was reached, of all that was measured.

    Examples
    --------
    >>> record = {"aims": {"help_s": 0.4}, "medians": {"help_s": 0.51}}
    >>> list(compared_with_aims(record))
    [('help_s', '510 ms', '400 ms', 'missed')]
    """
    values = {**record["medians"], **record}
    for name, aim in record["aims"].items():
        if name in values:
            words = in_ms if name.endswith("_s") else _size
            verdict = "reached" if values[name] <= aim else "missed"
            yield name, words(values[name]), words(aim), verdict


def print_aims(record: dict[str, Any]) -> None:
    """Print the comparison, a line an aim."""
    for name, measured, aim, verdict in compared_with_aims(record):
        print(f"{name:34s} {measured} of {aim}: {verdict}")


def in_ms(seconds: float) -> str:
    """Seconds as whole milliseconds."""
    return f"{1000 * seconds:.0f} ms"


def _size(megabytes: float) -> str:
    return f"{megabytes:.0f} MB"
