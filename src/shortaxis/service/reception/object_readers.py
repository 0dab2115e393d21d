"""Received objects are read in processes with limits: in the node itself none is parsed."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from shortaxis.dicom.received.identity import Identity, read_identity
from shortaxis.dicom.received.same_object import is_same_object
from shortaxis.service.reception.limits import Limits
from shortaxis.service.workers import TaskFailedError, Worker, WorkerDiedError

__all__ = ["ObjectReaders"]

READERS = 2
"""Processes: while one reads for an address that sends what takes long, the other is free."""

Question = tuple[Callable[..., Any], tuple[Path, ...]]


@dataclass(eq=False)
class ObjectReaders:
    """The processes, and whose turn it is: an address has one of them at most."""

    limits: Limits
    _idle: queue.Queue[Worker[Question, Any]] = field(default_factory=queue.Queue)
    _turns: WeakValueDictionary[str, _Turn] = field(default_factory=WeakValueDictionary)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start the processes; end them with the block."""
        time_s, memory_mb = self.limits.header_time_limit_s, self.limits.header_memory_limit_mb
        workers = [Worker(_answer, time_s, memory_mb) for _ in range(READERS)]
        for worker in workers:
            # An import takes a second, which neither the node nor the first sender waits for.
            threading.Thread(target=self._start, args=(worker,), daemon=True).start()
        try:
            yield
        finally:
            for worker in workers:
                worker.end()

    def _start(self, worker: Worker[Question, Any]) -> None:
        with suppress(WorkerDiedError):
            worker.start()
        self._idle.put(worker)

    def identity(self, path: Path, address: str) -> Identity:
        """UIDs of an object that came from an address.

        Raises
        ------
        WorkerDiedError, TaskFailedError
            If it cannot be read within the limits.
        """
        found: Identity = self._ask((read_identity, (path,)), address)
        return found

    def is_same(self, kept: Path, sent: Path, address: str) -> bool:
        """`is_same_object`; what cannot be compared within the limits is not the same.

        Raises
        ------
        FileNotFoundError
            If the object that was kept is gone.
        """
        try:
            return bool(self._ask((is_same_object, (kept, sent)), address))
        except (TaskFailedError, WorkerDiedError):
            if not kept.exists():
                raise FileNotFoundError(kept.name) from None
            return False

    def _ask(self, question: Question, address: str) -> Any:  # noqa: ANN401 - as it was asked
        with self._lock:
            turn = self._turns.setdefault(address, _Turn())
        with turn.lock:
            worker = self._idle.get()
            try:
                return worker.perform(question)
            finally:
                self._idle.put(worker)


def _answer(question: Question) -> object:
    function, arguments = question
    return function(*arguments)


@dataclass(eq=False)
class _Turn:
    lock: threading.Lock = field(default_factory=threading.Lock)
