"""Counts of things in words."""

from __future__ import annotations

__all__ = ["counted"]

ONE_OF = {"studies": "study", "deliveries": "delivery", "series": "series"}
"""Plurals that lose more than their s, or nothing."""


def counted(count: int, plural: str) -> str:
    """A number and what it counts, by its first word.

    Examples
    --------
    >>> counted(1, "exams simulated")
    '1 exam simulated'
    >>> counted(1, "studies"), counted(0, "studies")
    ('1 study', '0 studies')
    """
    noun, *rest = plural.split(" ", 1)
    one = ONE_OF.get(noun, noun.removesuffix("s"))
    return " ".join([str(count), one if count == 1 else noun, *rest])
