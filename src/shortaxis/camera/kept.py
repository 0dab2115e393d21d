"""What is dear to make and asked for again, as much of it as a number of bytes holds."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Kept"]

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """Things by their keys; the oldest make room for the newest, which is always kept.

    Parameters
    ----------
    most_bytes : int
        Of all that is kept together.
    bytes_of : callable
        Size of one.
    """

    def __init__(self, most_bytes: int, bytes_of: Callable[[Made], int]) -> None:
        self._most_bytes, self._bytes_of = most_bytes, bytes_of
        self._there: dict[Hashable, Made] = {}
        self._bytes, self._lock = 0, Lock()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What was kept under a key, or else what `make` gives."""
        with self._lock:
            if key not in self._there:
                made = make()
                self._bytes += self._bytes_of(made)
                while self._there and self._bytes > self._most_bytes:
                    self._bytes -= self._bytes_of(self._there.pop(next(iter(self._there))))
                self._there[key] = made
            return self._there[key]
