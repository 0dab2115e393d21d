"""Studies that are not complete yet, because somebody who sends of them is still there."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["HeldStudies"]

HELD_TIMES = 4
"""Silences after which an association that sent no more of a study holds it back no longer: one
that still sends of it, or is about to, says something in each of them."""


@dataclass(eq=False)
class HeldStudies:
    """Studies by the associations that sent objects of them.

    `silence_s` is what a peer may be silent for, seconds. One that goes on with other studies, or
    with echoes alone, holds none back for ever.
    """

    silence_s: float
    clock: Callable[[], float] = time.monotonic
    _sent: dict[int, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sends(self, association: int, study: str) -> None:
        """An association is sending an object of a study."""
        with self._lock:
            self._sent[association][study] = self.clock()

    def ended(self, association: int) -> None:
        """An association is over."""
        with self._lock:
            self._sent.pop(association, None)

    def now(self) -> set[str]:
        """Studies that an association that is still open sent objects of not long ago."""
        since_s = self.clock() - HELD_TIMES * self.silence_s
        with self._lock:
            return {
                study
                for studies in self._sent.values()
                for study, at_s in studies.items()
                if at_s >= since_s
            }
