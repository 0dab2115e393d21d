"""Processes with limits: each can be killed without harm, for time or for memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from shortaxis.processes.limits import Limits
from shortaxis.processes.restarted_worker import RestartedWorker
from shortaxis.processes.worker import WorkerEndedError

__all__ = ["TaskFailedError", "Worker", "WorkerDiedError"]

Task = TypeVar("Task")
Result = TypeVar("Result")


class WorkerDiedError(Exception):
    """The process ended, or was ended, in the middle of a task; the message says why."""


class TaskFailedError(Exception):
    """The task raised an error; the message names it without what it says, which may be private."""


@dataclass
class Worker(Generic[Task, Result]):
    """One process that does `work`, started when it is needed and again after it has died.

    `work` is a function of a module.
    """

    work: Callable[[Task], Result]
    time_limit_s: float
    memory_limit_mb: float
    _process: RestartedWorker = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._process = RestartedWorker(Limits(self.time_limit_s, self.memory_limit_mb))

    def perform(self, task: Task) -> Result:
        """Run a task in the process.

        Raises
        ------
        WorkerDiedError
            If it took longer than the limit, or the process died.
        TaskFailedError
            If the task raised an error, or had not enough memory.
        """
        try:
            is_done, result = self._process.perform(_Quietly(self.work), task)
        except WorkerEndedError as error:
            raise WorkerDiedError(str(error)) from error
        if not is_done:
            raise TaskFailedError(result)
        return cast("Result", result)

    def start(self) -> None:
        """Start the process and let it import its work, so that the first task need not wait.

        Raises
        ------
        WorkerDiedError
            If it does not start.
        """
        try:
            self._process.start(_Quietly(self.work))
        except WorkerEndedError as error:
            raise WorkerDiedError(str(error)) from error

    def end(self) -> None:
        """Kill the process from another thread than that which waits for it, for good."""
        self._process.end()


@dataclass(frozen=True)
class _Quietly:
    """A function whose errors are told without their words, which may quote a header."""

    work: Callable[[Any], Any]

    def __call__(self, task: object) -> tuple[bool, Any]:
        try:
            return True, self.work(task)
        except MemoryError:
            return False, "not enough memory"
        except Exception as error:
            return False, f"an error of the program: {type(error).__name__}"
