"""How long a destination may take in all: one that drips would otherwise never have failed.

Time limits of libraries begin anew with every byte.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

__all__ = ["PeerTime", "most_s"]

SILENCES = 4
"""For greeting, request, answer and farewell."""

LEAST_BYTES_PER_S = 10_000
"""As what comes in, by default."""


def most_s(timeout_s: float, byte_count: int) -> float:
    """What so many bytes may take a peer that may be silent for `timeout_s`, seconds.

    Examples
    --------
    >>> most_s(30, 3_000_000)
    420.0
    """
    return SILENCES * timeout_s + byte_count / LEAST_BYTES_PER_S


@dataclass(eq=False)
class PeerTime:
    """Cuts connections to a peer when its time is over; `is_over` says whether it was."""

    is_over: bool = False
    _sockets: list[socket.socket] = field(default_factory=list)

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection, too, when the time is over."""
        self._sockets.append(connection)
        if self.is_over:
            self._cut()

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Within the block, cut what is watched after so many seconds."""
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        self.is_over = True
        for each in self._sockets:
            with suppress(OSError):
                # As a plain socket: TLS would be taken down under the thread that uses it.
                socket.socket.shutdown(each, socket.SHUT_RDWR)
