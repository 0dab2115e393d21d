"""Processes with limits: each can be killed without harm, for time or for memory."""

from __future__ import annotations

import multiprocessing
import signal
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

__all__ = ["TaskFailedError", "Worker", "WorkerDiedError"]

JOIN_TIMEOUT_S = 5.0

START_LIMIT_S = 60.0
"""For a process to import what it works with, which does not count as work."""

Task = TypeVar("Task")
Result = TypeVar("Result")


class WorkerDiedError(Exception):
    """The process ended, or was ended, in the middle of a task; the message says why."""


class TaskFailedError(Exception):
    """The task raised an error; the message names it without what it says, which may be private."""


@dataclass
class Worker(Generic[Task, Result]):
    """One process that does `work`, started when it is needed and again after it has died.

    `work` is a function of a module, which the process imports before its memory is limited.
    """

    work: Callable[[Task], Result]
    time_limit_s: float
    memory_limit_mb: float
    _process: BaseProcess | None = field(default=None, repr=False)
    _connection: Connection | None = field(default=None, repr=False)
    _is_ready: bool = field(default=False, repr=False)
    _is_ended: bool = field(default=False, repr=False)

    def perform(self, task: Task) -> Result:
        """Run a task in the process.

        Raises
        ------
        WorkerDiedError
            If it took longer than the limit, or the process died.
        TaskFailedError
            If the task raised an error, or had not enough memory.
        """
        connection = self.start()
        try:
            self._await_start(connection)
            connection.send(task)
            if not connection.poll(self.time_limit_s):
                self.stop()
                raise WorkerDiedError(f"took longer than {self.time_limit_s:.0f} s")
            is_done, result = connection.recv()
        except (EOFError, OSError) as error:
            self.stop()
            raise WorkerDiedError("the process ended, perhaps for want of memory") from error
        if not is_done:
            raise TaskFailedError(result)
        done: Result = result
        return done

    def _await_start(self, connection: Connection) -> None:
        if self._is_ready:
            return
        if not connection.poll(START_LIMIT_S):
            self.stop()
            raise WorkerDiedError("did not start")
        connection.recv()
        self._is_ready = True

    def stop(self) -> None:
        """Kill the process: what it was writing is not there, and is done again."""
        if self._process is not None:
            self._process.kill()
            self._process.join(JOIN_TIMEOUT_S)
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None
        self._is_ready = False

    def end(self) -> None:
        """Kill the process from another thread than that which waits for it, for good."""
        self._is_ended = True
        if self._process is not None:
            self._process.kill()

    def start(self) -> Connection:
        """The connection to the process, which is started if it does not run.

        Raises
        ------
        WorkerDiedError
            If it was ended for good.
        """
        if self._process is not None and self._process.is_alive() and self._connection is not None:
            return self._connection
        self.stop()
        if self._is_ended:
            raise WorkerDiedError("was told to end")
        # Not a fork: threads of this process would be half-copied.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (theirs, self.work, self.memory_limit_mb)
        process = context.Process(target=_work, args=arguments, daemon=True)
        process.start()
        theirs.close()
        self._process, self._connection = process, ours
        return ours


def _work(connection: Connection, work: Callable[[Any], Any], memory_limit_mb: float) -> None:
    """Do tasks until the other end is closed."""
    # Ctrl+C is for the node, which ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # They quote values of headers.
    warnings.simplefilter("ignore")
    _limit_memory(memory_limit_mb)
    with suppress(EOFError, OSError):
        connection.send(None)
        while True:
            task = connection.recv()
            try:
                answer = (True, work(task))
            except MemoryError:
                answer = (False, "not enough memory")
            except Exception as error:
                # Its message may quote the header.
                answer = (False, f"an error of the program: {type(error).__name__}")
            connection.send(answer)


def _limit_memory(megabytes: float) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    limit = int(megabytes * 1e6)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
