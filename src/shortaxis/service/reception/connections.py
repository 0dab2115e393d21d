"""The open connections of the node: who has how many, and until when each may go on.

A connection waits first: for TLS, for a whole association request, for a place. With a place it is
an association. One that waits holds no place, so that nobody keeps others out by saying nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from shortaxis.service.reception.connection import Connection
from shortaxis.service.reception.limits import Limits

__all__ = ["Connections"]

WATCHED_EVERY_S = 0.25

ANSWER_S = 1.0
"""Kept of the time to negotiate, to tell a peer that there is no place."""

WAITING_TIMES = 2
"""So many connections may wait for each association that may stand."""


@dataclass(eq=False)
class Connections:
    """All of them. `most` is the number of associations at a time."""

    addresses: tuple[str, ...]
    most: int
    silence_s: float
    limits: Limits
    clock: Callable[[], float] = time.monotonic
    _open: list[Connection] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_over: bool = False

    def is_allowed(self, address: str) -> bool:
        """Whether an address is on the list; every one is if there is none."""
        found = ipaddress.ip_address(address.partition("%")[0])
        # What a socket for both families tells of an IPv4 peer.
        found = getattr(found, "ipv4_mapped", None) or found
        networks = map(ipaddress.ip_network, self.addresses)
        return not self.addresses or any(found in each for each in networks)

    def __len__(self) -> int:
        """How many are open."""
        with self._lock:
            return len(self._open)

    def opened(self, connected: socket.socket, address: str) -> Connection:
        """Note a connection; the oldest that waits, of who has most of them, may have to go."""
        made = Connection(connected, address, self.limits, self.silence_s, self.clock)
        with self._lock:
            waiting = [each for each in self._open if not (each.is_association or each.is_cut)]
            if len(waiting) >= WAITING_TIMES * self.most:
                count = Counter(each.address for each in waiting)
                max(waiting, key=lambda each: (count[each.address], -each.opened_s)).cut()
            self._open.append(made)
            if self._is_over:
                made.cut()
        return made

    def closed(self, connection: Connection) -> None:
        """Forget a connection; who waits may have its place."""
        with self._lock, suppress(ValueError):
            self._open.remove(connection)
        self.give_places()

    def takes_place(self, connection: Connection) -> bool:
        """Wait for a place among the associations while there is time; whether there was one."""
        self.asks(connection)
        while True:
            self.give_places()
            with self._lock:
                is_late = self.clock() >= connection.opened_s + self._patience_s
                if connection.is_association or connection.is_cut or is_late:
                    connection.is_waiting = False
                    return connection.is_association
            connection.woken.wait(WATCHED_EVERY_S)

    def asks(self, connection: Connection) -> None:
        """Let a connection wait for a place."""
        connection.is_waiting = True

    @property
    def _patience_s(self) -> float:
        return self.limits.negotiation_s - min(ANSWER_S, self.limits.negotiation_s / 2)

    def give_places(self) -> None:
        """Give places that are free, or can be made free, to those that wait.

        The address that has the fewest comes first, and of an address who has waited longest.
        """
        with self._lock:
            waiting = [each for each in self._open if each.is_waiting and not each.is_cut]
            crowd = Counter(each.address for each in waiting)
            full: set[str] = set()
            while first := self._next(waiting, full):
                if self._has_place(first.address) or self._make_place(first.address, crowd):
                    waiting.remove(first)
                    first.takes_place()
                else:
                    full.add(first.address)

    def _next(self, waiting: list[Connection], full: set[str]) -> Connection | None:
        asking = [each for each in waiting if each.address not in full]
        held = Counter(each.address for each in self._associations()) if asking else Counter()
        return min(asking, key=lambda each: (held[each.address], each.opened_s), default=None)

    def _associations(self) -> list[Connection]:
        return [each for each in self._open if each.is_association and not each.is_cut]

    def _has_place(self, address: str) -> bool:
        found = self._associations()
        of_address = sum(each.address == address for each in found)
        return len(found) < self.most and of_address < self.limits.associations_per_address

    def _make_place(self, address: str, crowd: Counter[str]) -> bool:
        """Cut the association that is waited for the longest, where that makes a place."""
        found = self._associations()
        own = [each for each in found if each.address == address]
        is_own_fault = len(own) >= self.limits.associations_per_address
        places = min(self.most, self.limits.associations_per_address)
        tried = [
            (each.impatience(min(1.0, places / max(crowd[each.address], 1))), each)
            for each in (own if is_own_fault else found)
        ]
        late = sorted((one for one in tried if one[0] >= 1.0), key=lambda one: -one[0])
        for _, each in late:
            if not each.is_unread:
                each.cut()
                return True
        return False

    def cut_overdue(self) -> int:
        """Cut every connection whose time is over; how many."""
        now_s = self.clock()
        with self._lock:
            late = [each for each in self._open if each.is_late(now_s) and not each.is_cut]
        for each in late:
            each.cut()
        return len(late)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Cut what is overdue until the block ends, and then everything."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(WATCHED_EVERY_S):
                self.cut_overdue()

        thread = threading.Thread(target=watch, name="connections", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            with self._lock:
                self._is_over = True
                for each in self._open:
                    each.cut()
