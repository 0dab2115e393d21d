"""Processes that reorient: each can be killed without harm, for time or for memory."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from shortaxis.service.reorienting import Task, TaskResult, perform

__all__ = ["Worker", "WorkerDiedError"]

LOG = logging.getLogger("shortaxis.service")

JOIN_TIMEOUT_S = 5.0


class WorkerDiedError(Exception):
    """The process ended, or was ended, in the middle of a study; the message says why."""


@dataclass
class Worker:
    """One process, started when it is needed and again after it has died."""

    time_limit_s: float
    memory_limit_mb: float
    _process: BaseProcess | None = field(default=None, repr=False)
    _connection: Connection | None = field(default=None, repr=False)

    def perform(self, task: Task) -> TaskResult:
        """Run a task in the process.

        Raises
        ------
        WorkerDiedError
            If it took longer than the limit, or the process died.
        """
        connection = self._started()
        try:
            connection.send(task)
            if not connection.poll(self.time_limit_s):
                self.stop()
                raise WorkerDiedError(f"took longer than {self.time_limit_s:.0f} s")
            result: TaskResult = connection.recv()
        except (EOFError, OSError) as error:
            self.stop()
            raise WorkerDiedError("the process ended, perhaps for want of memory") from error
        return result

    def stop(self) -> None:
        """Kill the process: what it was writing is not there, and is done again."""
        if self._process is not None:
            self._process.kill()
            self._process.join(JOIN_TIMEOUT_S)
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None

    def _started(self) -> Connection:
        if self._process is not None and self._process.is_alive() and self._connection is not None:
            return self._connection
        self.stop()
        # Not a fork: threads of this process would be half-copied.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self.memory_limit_mb), daemon=True)
        process.start()
        theirs.close()
        self._process, self._connection = process, ours
        return ours


def _work(connection: Connection, memory_limit_mb: float) -> None:
    """Do tasks until the other end is closed."""
    # Ctrl+C is for the node, which ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # They quote values of headers.
    warnings.simplefilter("ignore")
    _limit_memory(memory_limit_mb)
    with suppress(EOFError, OSError):
        while True:
            task = connection.recv()
            try:
                result = perform(task)
            except MemoryError:
                result = TaskResult(error="not enough memory")
            except Exception as error:
                # Its message may quote the header.
                result = TaskResult(error=f"an error of the program: {type(error).__name__}")
            connection.send(result)


def _limit_memory(megabytes: float) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    limit = int(megabytes * 1e6)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
