"""Processes that reorient: each can be killed without harm, for time or for memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from shortaxis.processes.limits import Limits
from shortaxis.processes.restarted_worker import RestartedWorker
from shortaxis.processes.worker import WorkerEndedError
from shortaxis.service.reorienting import Task, TaskResult, perform

__all__ = ["Worker", "WorkerDiedError"]


class WorkerDiedError(Exception):
    """The process ended, or was ended, in the middle of a study; the message says why."""


@dataclass
class Worker:
    """One process, started when it is needed and again after it has died."""

    time_limit_s: float
    memory_limit_mb: float
    _process: RestartedWorker = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._process = RestartedWorker(Limits(self.time_limit_s, self.memory_limit_mb))

    def perform(self, task: Task) -> TaskResult:
        """Run a task in the process.

        Raises
        ------
        WorkerDiedError
            If it took longer than the limit, or the process died.
        """
        try:
            return self._process.perform(perform_quietly, task)
        except WorkerEndedError as error:
            raise WorkerDiedError(str(error)) from error

    def stop(self) -> None:
        """Kill the process: what it was writing is not there, and is done again."""
        self._process.stop()


def perform_quietly(task: Task) -> TaskResult:
    """Do a task; what goes wrong in whatever way is told without words that quote a header."""
    try:
        return perform(task)
    except MemoryError:
        return TaskResult(error="not enough memory")
    except Exception as error:
        return TaskResult(error=f"an error of the program: {type(error).__name__}")
