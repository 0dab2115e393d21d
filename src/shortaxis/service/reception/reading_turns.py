"""Whose object is read next: what may be cheap first, and the addresses in turn.

Nobody knows what an object costs before it was read. So each is read for a moment first, and what
takes longer waits behind everybody else's first moment, one of an address at a time. Such objects
never have all readers.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shortaxis.service.reception.connection import Connection

__all__ = ["ReadingTurns", "SenderGoneError"]

LOOKED_EVERY_S = 0.25
"""Whether a sender whose object waits is still there."""

Reader = TypeVar("Reader")


class SenderGoneError(Exception):
    """Whoever sent an object went, or was cut, before it was read."""


@dataclass(eq=False)
class _Asked(Generic[Reader]):
    connection: Connection
    is_slow: bool
    reader: Reader | None = None
    woken: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return self.connection.address


@dataclass(eq=False)
class ReadingTurns(Generic[Reader]):
    """Gives readers to those who ask; `most_slow` of them may read what takes long."""

    most_slow: int
    _idle: list[Reader] = field(default_factory=list)
    _asked: list[_Asked[Reader]] = field(default_factory=list)
    _reading: list[_Asked[Reader]] = field(default_factory=list)
    _last_turns: dict[str, int] = field(default_factory=dict)
    _turn_count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, reader: Reader) -> None:
        """Let a reader be used."""
        with self._lock:
            self._idle.append(reader)
            self._give()

    @contextmanager
    def turn(self, connection: Connection, *, is_slow: bool) -> Iterator[Reader]:
        """Wait for a reader, and have it for the block.

        Raises
        ------
        SenderGoneError
            If the connection is over before there was one.
        """
        asked = _Asked[Reader](connection, is_slow)
        with self._lock:
            self._asked.append(asked)
            self._give()
        try:
            yield self._awaited(asked)
        finally:
            self._over(asked)

    def _awaited(self, asked: _Asked[Reader]) -> Reader:
        while not asked.woken.wait(LOOKED_EVERY_S) and not asked.connection.is_gone:
            pass
        if asked.reader is None:
            raise SenderGoneError
        return asked.reader

    def _over(self, asked: _Asked[Reader]) -> None:
        with self._lock:
            if asked.reader is None:
                self._asked.remove(asked)
            else:
                self._reading.remove(asked)
                self._idle.append(asked.reader)
            others = (*self._asked, *self._reading)
            if all(each.address != asked.address for each in others):
                self._last_turns.pop(asked.address, None)
            self._give()

    def _give(self) -> None:
        while self._idle and (first := self._next()):
            self._asked.remove(first)
            self._reading.append(first)
            self._turn_count += 1
            self._last_turns[first.address] = self._turn_count
            first.reader = self._idle.pop()
            first.woken.set()

    def _next(self) -> _Asked[Reader] | None:
        """Of the address with the fewest readers, and whose turn is the longest ago."""
        count = Counter(each.address for each in self._reading)
        here = [each for each in self._asked if not each.connection.is_gone]
        quick = [each for each in here if not each.is_slow]
        return min(
            quick or self._slow_ones(here),
            key=lambda each: (count[each.address], self._last_turns.get(each.address, 0)),
            default=None,
        )

    def _slow_ones(self, here: list[_Asked[Reader]]) -> list[_Asked[Reader]]:
        slow = {each.address for each in self._reading if each.is_slow}
        if len(slow) >= self.most_slow:
            return []
        return [each for each in here if each.is_slow and each.address not in slow]
