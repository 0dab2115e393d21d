"""One worker for one caller: started when it is needed, and again after it has died."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from shortaxis.processes.limits import UNLIMITED, Limits
from shortaxis.processes.serving import Asked, Said
from shortaxis.processes.worker import START_S, Worker, WorkerEndedError

__all__ = ["RestartedWorker"]

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass
class RestartedWorker:
    """A process behind a function call; the caller waits for it."""

    limits: Limits = UNLIMITED
    _worker: Worker | None = field(default=None, repr=False)
    _loaded: bytes = field(default=b"", repr=False)
    _is_ended: bool = field(default=False, repr=False)

    def perform(self, work: Callable[[Given], Made], given: Given) -> Made:
        """Call a function in the process; it must be known there by its name.

        Raises
        ------
        WorkerEndedError
            If it took longer than the limit, or the process died or could not load the work.
        Exception
            Whatever the function raised.
        """
        try:
            worker = self._ready(pickle.dumps(work))
            worker.ask(Asked.CALL, pickle.dumps(given))
            said, value = worker.answer(self.limits.time_s)
        except WorkerEndedError:
            self.stop()
            raise
        if said is Said.RAISED and isinstance(value, Exception):
            raise value
        return cast("Made", value)

    def start(self, work: Callable[[Given], Made]) -> None:
        """Start the process and load the work, so that the first call need not wait for it.

        Raises
        ------
        WorkerEndedError
            If the process died or could not load the work.
        """
        try:
            self._ready(pickle.dumps(work))
        except WorkerEndedError:
            self.stop()
            raise

    def end(self) -> None:
        """Kill the process from another thread than that which waits for it, for good."""
        self._is_ended = True
        if self._worker is not None:
            self._worker.end()

    def stop(self) -> None:
        """Kill the process, if there is one."""
        if self._worker is not None:
            self._worker.kill()
        self._worker, self._loaded = None, b""

    def _ready(self, work: bytes) -> Worker:
        if self._worker is not None and not self._worker.is_alive:
            self.stop()
        if self._is_ended:
            raise WorkerEndedError("was told to end")
        if self._worker is None:
            self._worker = Worker(self.limits)
            # Whoever told it meanwhile found no process to kill.
            if self._is_ended:
                raise WorkerEndedError("was told to end")
            self._worker.answer(START_S)
        if self._loaded != work:
            self._worker.ask(Asked.LOAD, work)
            said, words = self._worker.answer(START_S)
            if said is not Said.READY:
                raise WorkerEndedError(f"the work could not be loaded: {words}")
            self._loaded = work
        return self._worker
