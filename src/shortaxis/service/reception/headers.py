"""Headers of received objects, read in processes with limits: in the node itself none is parsed."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakValueDictionary

from shortaxis.dicom.elements.identity import Identity, read_identity
from shortaxis.service.reception.limits import Limits
from shortaxis.service.workers import Worker

__all__ = ["HeaderReaders"]

READERS = 2
"""Processes: while one reads for an address that sends what takes long, the other is free."""


@dataclass(eq=False)
class HeaderReaders:
    """The processes, and whose turn it is: an address has one of them at most."""

    limits: Limits
    _all: list[Worker[Path, Identity]] = field(default_factory=list)
    _idle: queue.Queue[Worker[Path, Identity]] = field(default_factory=queue.Queue)
    _turns: WeakValueDictionary[str, _Turn] = field(default_factory=WeakValueDictionary)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start the processes; end them with the block."""
        limits = self.limits
        for _ in range(READERS):
            worker = Worker(
                read_identity, limits.header_time_limit_s, limits.header_memory_limit_mb
            )
            # An import takes a second, which the first sender need not wait for.
            worker.start()
            self._all.append(worker)
            self._idle.put(worker)
        try:
            yield
        finally:
            for worker in self._all:
                worker.end()

    def read(self, path: Path, address: str) -> Identity:
        """UIDs of an object that came from an address.

        Raises
        ------
        WorkerDiedError, TaskFailedError
            If it cannot be read within the limits.
        """
        with self._lock:
            turn = self._turns.setdefault(address, _Turn())
        with turn.lock:
            worker = self._idle.get()
            try:
                return worker.perform(path)
            finally:
                self._idle.put(worker)


@dataclass(eq=False)
class _Turn:
    lock: threading.Lock = field(default_factory=threading.Lock)
