"""Where UIDs come from: the source's where it has them, else new ones, injected."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from itertools import count
from uuid import UUID, uuid4

__all__ = [
    "HASHED_LENGTH",
    "IMPLEMENTATION_CLASS_UID",
    "NOT_A_UID",
    "UidGenerator",
    "hashed_name",
    "is_usable_uid",
    "numbered_uids",
    "random_uid",
    "told_uid",
]

IMPLEMENTATION_CLASS_UID = f"2.25.{UUID('2b391a6b-cb5d-41d8-ae86-229d0ccc601c').int}"
"""The software that wrote a file (PS3.7 D.3.3.2), derived from a UUID (PS3.5 B.2)."""

HASHED_LENGTH = 24
"""Characters of a name that stands for a UID."""

UidGenerator = Callable[[], str]
"""A function that gives a new UID at each call."""

NOT_A_UID = "not a UID"
"""Told instead of what stands where a UID belongs: it may be a patient's name or ID."""

VALID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*")

USABLE = re.compile(r"[0-9.]{1,64}")


def told_uid(uid: str) -> str:
    """A UID as it is shown; `NOT_A_UID` for any other text (PS3.5 9.1), and nothing for nothing.

    Examples
    --------
    >>> told_uid("1.2.840.10008")
    '1.2.840.10008'
    >>> told_uid("Doe^Jane")
    'not a UID'
    """
    is_valid = len(uid) <= 64 and VALID.fullmatch(uid) is not None
    return uid if is_valid or not uid else NOT_A_UID


def is_usable_uid(uid: str) -> bool:
    """Whether a source's UID is kept: its characters and length are right (PS3.5 9.1).

    Components with a leading zero are forbidden and yet written; a study or frame of reference
    under another UID would be another one, so they stay as they are.

    Examples
    --------
    >>> is_usable_uid("1.2.840.0113.45"), is_usable_uid("1.2.x"), is_usable_uid("")
    (True, False, False)
    """
    return USABLE.fullmatch(uid) is not None


def hashed_name(uid: str) -> str:
    """A name of a file or folder that stands for a UID, which does not follow from it."""
    return hashlib.sha256(uid.encode("utf-8", "replace")).hexdigest()[:HASHED_LENGTH]


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
