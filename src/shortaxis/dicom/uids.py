"""Where new UIDs come from: injected, so that tests and services can decide."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from uuid import uuid4

__all__ = ["UidGenerator", "numbered_uids", "random_uid"]

UidGenerator = Callable[[], str]
"""A function that gives a new UID at each call."""


def random_uid() -> str:
    """Return a UID derived from a random UUID (PS3.5 B.2): unique without any registration."""
    return f"2.25.{uuid4().int}"


def numbered_uids(root: str) -> UidGenerator:
    """Return a generator of ``root.1, root.2, ...``, for files that shall be the same each time.

    Examples
    --------
    >>> new_uid = numbered_uids("1.2.3")
    >>> new_uid(), new_uid()
    ('1.2.3.1', '1.2.3.2')
    """
    numbers = count(1)
    return lambda: f"{root}.{next(numbers)}"
