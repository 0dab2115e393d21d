"""One open connection of the node: until when it may go on, and when it makes room."""

from __future__ import annotations

import math
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from shortaxis.service.reception.limits import Limits

__all__ = ["Connection"]

UNUSED_PART = 0.25
"""Of the patience with an association: for one that has not said anything yet."""

UNREAD_PART = 0.25
"""Of the same patience: for one whose object takes long to read, while others take as long."""

LEAST_PATIENCE_S = 0.3
"""A peer has the answer to its association request, and the node its next word, after a round trip:
of 0.2 s to the other side of the earth in glass fibre."""

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
    is_over: bool = False
    is_cut: bool = False
    is_left: bool = False
    idle_since_s: float | None = None
    queued_since_s: float | None = None
    placed_s: float | None = None
    woken: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.opened_s = self.clock()
        self.due_s = self.opened_s + self.limits.negotiation_s

    def takes_place(self) -> None:
        """It is an association from now on; whoever waits for that is woken."""
        self.is_waiting, self.is_association = False, True
        self.placed_s = self.clock()
        self.woken.set()

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
        due_s = self.due_s
        if self.is_under_way and due_s is not None:
            earned_s = count / (1000 * self.limits.least_rate_kb_s)
            self.due_s = min(due_s + earned_s, self.clock() + self.silence_s)

    def works(self) -> None:
        """The node has what it needs, and the peer waits for it."""
        self.due_s = None

    def queues(self) -> None:
        """What it sent takes long to read, and waits for others that do."""
        self.queued_since_s = self.clock()

    def is_served(self) -> None:
        """What it sent is being read, or was."""
        self.queued_since_s = None

    def rests(self) -> None:
        """Nothing is on its way: the peer may think, as long as it may be silent."""
        self.idle_since_s = self.clock()
        self.due_s = self.idle_since_s + self.silence_s + FAREWELL_S

    def ends(self) -> None:
        """The association is over; what is left is to close."""
        self.is_over = True
        self.due_s = self.clock() + FAREWELL_S

    def is_late(self, now_s: float) -> bool:
        """Whether its time is over."""
        due_s = self.due_s
        return due_s is not None and now_s > due_s

    @property
    def is_gone(self) -> bool:
        """Whether nobody is there any more to hear an answer."""
        return self.is_cut or self.is_left

    @property
    def is_under_way(self) -> bool:
        """Whether the association stands and a message is on its way."""
        return self.is_association and self.idle_since_s is None

    def impatience(self, share: float) -> float:
        """How many times over the peer has used up the node's patience; from 1 on it gives way.

        The patience with an association is `share` of what the limits say. It runs while nothing is
        said, and while a message is behind the least rate, by as much as it is behind. It is short
        while what was sent waits behind other objects that take long to read, too.
        """
        if self.is_over:
            return math.inf
        whole_s = self.limits.idle_gives_way_s
        # Read once: the connection's own thread sets it to nothing meanwhile.
        queued_s = self.queued_since_s
        if queued_s is not None:
            return (self.clock() - queued_s) / (share * whole_s * UNREAD_PART)
        if self.is_negotiated:
            patience_s = share * whole_s * (1.0 if self.is_used else UNUSED_PART)
            return self._behind_s / max(patience_s, min(LEAST_PATIENCE_S, whole_s))
        # Much of that time is the node's own, and more of it where many come.
        return 0.0 if self.placed_s is None else (self.clock() - self.placed_s) / whole_s

    @property
    def is_negotiated(self) -> bool:
        """Whether the association was established, or turned down."""
        return self.is_used or self.idle_since_s is not None

    @property
    def _behind_s(self) -> float:
        idle_s, due_s = self.idle_since_s, self.due_s
        if idle_s is not None:
            return self.clock() - idle_s
        # While it is served, it is the peer that waits.
        return 0.0 if due_s is None else self.clock() + self.silence_s - due_s

    @property
    def is_unread(self) -> bool:
        """Whether the peer has said something that the node has not read yet."""
        try:
            return bool(select.select([self.socket], [], [], 0)[0])
        except (OSError, ValueError):
            return False

    def cut(self) -> None:
        """Close it from outside: whoever reads, writes or waits in another thread is woken."""
        self.is_cut = True
        self.woken.set()
        with suppress(OSError):
            # As a plain socket: TLS would be taken down under the thread that uses it.
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)
