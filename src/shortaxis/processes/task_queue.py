"""What is still to be done, and what becomes of a task that its worker died of."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from shortaxis.processes.worker import WorkerEndedError, WorkerLateError

__all__ = ["Task", "TaskQueue"]

Made = TypeVar("Made")

DEATHS = 2
"""Workers that a task may end: the first may have been the system's choice."""


@dataclass(eq=False)
class Task:
    """What a worker is given at once, and how often one died of it."""

    given: list[Any]
    deaths: int = 0


@dataclass
class TaskQueue:
    """Tasks in their order, and after them those that are done again.

    Parameters
    ----------
    pieces : iterable of sequences
        What is given at once; taken as it is needed.
    lost : callable
        What takes the place of the result of a single given thing, told why.
    """

    pieces: Iterable[Sequence[Any]]
    lost: Callable[[Any, str], Any]
    _waiting: deque[Task] = field(default_factory=deque)
    _again: deque[Task] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._following = map(Task, map(list, self.pieces))

    def known(self, up_to: int) -> int:
        """How many tasks wait, counted up to a number."""
        missing = max(up_to - len(self._waiting), 0)
        self._waiting.extend(islice(self._following, missing))
        return min(len(self._waiting) + len(self._again), up_to)

    def take(self) -> Task:
        """The next task; there is one if one is `known`."""
        return (self._waiting or self._again).popleft()

    def put_back(self, task: Task) -> None:
        """A task that was not begun comes next."""
        self._waiting.appendleft(task)

    def died(self, task: Task, error: WorkerEndedError) -> list[Any]:
        """Do a task again whose worker ended, or give it up: what takes the place of its results.

        Of several things it is not known which it was: each is done alone.
        """
        if len(task.given) > 1:
            self._again.extend(Task([each]) for each in task.given)
            return []
        task.deaths += 1
        # One that is late will be late again.
        if task.deaths < DEATHS and not isinstance(error, WorkerLateError):
            self._again.append(task)
            return []
        return [self.lost(each, str(error)) for each in task.given]
