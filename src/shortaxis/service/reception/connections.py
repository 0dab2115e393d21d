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

from shortaxis.service.reception.limits import Limits

__all__ = ["Connection", "Connections"]

WATCHED_EVERY_S = 0.25

ANSWER_S = 1.0
"""Kept of the time to negotiate, to tell a peer that there is no place."""

WAITING_TIMES = 2
"""So many connections may wait for each association that may stand."""

UNUSED_PART = 0.25
"""Of the time after which an association gives way: of one that has not said anything yet."""

FAREWELL_S = 2.0
"""For the peer to close a connection when its association is over."""


@dataclass(eq=False)
class Connection:
    """One connection; times are those of its clock, in seconds.

    `due_s` is when it is cut unless something is heard; None while the node itself is at work.
    """

    socket: socket.socket
    address: str
    limits: Limits
    silence_s: float
    clock: Callable[[], float]
    opened_s: float = field(init=False)
    due_s: float | None = field(init=False)
    is_waiting: bool = False
    is_association: bool = False
    is_used: bool = False
    is_cut: bool = False
    idle_since_s: float | None = None
    heard_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.opened_s = self.heard_s = self.clock()
        self.due_s = self.opened_s + self.limits.negotiation_s

    def established(self) -> None:
        """The association stands."""
        self.rests()

    def begins(self) -> None:
        """A message is on its way from now on, if it was not."""
        if self.idle_since_s is not None:
            self.is_used, self.idle_since_s = True, None
            self.due_s = self.clock() + self.silence_s

    def moved(self, count: int) -> None:
        """So many bytes came or went: they earn time, never more than for a silence."""
        self.heard_s = self.clock()
        if self.is_under_way and self.due_s is not None:
            earned_s = count / (1000 * self.limits.least_rate_kb_s)
            self.due_s = min(self.due_s + earned_s, self.clock() + self.silence_s)

    def works(self) -> None:
        """The node has what it needs, and the peer waits for it."""
        self.due_s = None

    def rests(self) -> None:
        """Nothing is on its way: the peer may think, as long as it may be silent."""
        self.idle_since_s = self.heard_s = self.clock()
        self.due_s = self.idle_since_s + self.silence_s + FAREWELL_S

    def ends(self) -> None:
        """The association is over; what is left is to close."""
        self.due_s = self.clock() + FAREWELL_S

    @property
    def is_under_way(self) -> bool:
        """Whether the association stands and a message is on its way."""
        return self.is_association and self.idle_since_s is None

    def cut(self) -> None:
        """Close it from outside: whoever reads or writes in another thread is woken."""
        self.is_cut = True
        with suppress(OSError):
            # As a plain socket: TLS would be taken down under the thread that uses it.
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


@dataclass(eq=False)
class Connections:
    """All of them. `most` is the number of associations at a time."""

    addresses: tuple[str, ...]
    most: int
    silence_s: float
    limits: Limits
    clock: Callable[[], float] = time.monotonic
    _open: list[Connection] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
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
        with self._changed:
            return len(self._open)

    def opened(self, connected: socket.socket, address: str) -> Connection:
        """Note a connection; the oldest that waits, of who has most of them, may have to go."""
        made = Connection(connected, address, self.limits, self.silence_s, self.clock)
        with self._changed:
            waiting = [each for each in self._open if not (each.is_association or each.is_cut)]
            if len(waiting) >= WAITING_TIMES * self.most:
                count = Counter(each.address for each in waiting)
                max(waiting, key=lambda each: (count[each.address], -each.opened_s)).cut()
            self._open.append(made)
            if self._is_over:
                made.cut()
        return made

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        with self._changed, suppress(ValueError):
            self._open.remove(connection)
            self._changed.notify_all()

    def takes_place(self, connection: Connection) -> bool:
        """Wait for a place among the associations while there is time; whether there was one.

        Who has waited longest comes first, unless others of its address have all places of it.
        """
        with self._changed:
            connection.is_waiting = True
            while not self._is_next(connection):
                self._make_place(connection.address)
                is_late = self.clock() >= connection.opened_s + self._patience_s
                if connection.is_cut or is_late:
                    return False
                self._changed.wait(WATCHED_EVERY_S)
            connection.is_waiting, connection.is_association = False, True
            self._changed.notify_all()
        return True

    def _is_next(self, connection: Connection) -> bool:
        waiting = (each for each in self._open if each.is_waiting and not each.is_cut)
        return next((each for each in waiting if self._has_place(each.address)), None) is connection

    @property
    def _patience_s(self) -> float:
        return self.limits.negotiation_s - min(ANSWER_S, self.limits.negotiation_s / 2)

    def _associations(self) -> list[Connection]:
        return [each for each in self._open if each.is_association and not each.is_cut]

    def _has_place(self, address: str) -> bool:
        found = self._associations()
        of_address = sum(each.address == address for each in found)
        return len(found) < self.most and of_address < self.limits.associations_per_address

    def _make_place(self, address: str) -> None:
        """Cut the association that has said nothing the longest, where that makes a place."""
        found = self._associations()
        own = [each for each in found if each.address == address]
        is_own_fault = len(own) >= self.limits.associations_per_address
        idle = [each for each in (own if is_own_fault else found) if self._gives_way(each)]
        if idle:
            min(idle, key=lambda each: each.heard_s).cut()

    def _gives_way(self, connection: Connection) -> bool:
        is_unused = connection.idle_since_s is not None and not connection.is_used
        part = UNUSED_PART if is_unused else 1.0
        if connection.due_s is None:
            return False
        return self.clock() - connection.heard_s >= part * self.limits.idle_gives_way_s

    def cut_overdue(self) -> int:
        """Cut every connection whose time is over; how many."""
        now_s = self.clock()
        with self._changed:
            late = [each for each in self._open if each.due_s is not None and now_s > each.due_s]
            late = [each for each in late if not each.is_cut]
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
            with self._changed:
                self._is_over = True
                for each in self._open:
                    each.cut()
