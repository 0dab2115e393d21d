"""Many tasks by several workers; a task that kills its worker is known, and stops no other."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from types import TracebackType
from typing import Any, NoReturn, TypeVar, cast

from shortaxis.errors import OptionError, WorkerError
from shortaxis.processes.crew import Crew
from shortaxis.processes.limits import UNLIMITED, Limits
from shortaxis.processes.serving import Said
from shortaxis.processes.task_queue import TaskQueue
from shortaxis.processes.worker import WorkerEndedError

__all__ = ["Pool", "for_each", "give_up"]

Given = TypeVar("Given")
Made = TypeVar("Made")


class Pool:
    """Supervised processes of this machine; a context that leaves none of them.

    Parameters
    ----------
    workers : int
        At most so many at once; as many are started as there are tasks.
    limits : Limits
        What each may take.

    Raises
    ------
    OptionError
        For fewer workers than one.
    """

    def __init__(self, workers: int, limits: Limits = UNLIMITED) -> None:
        if workers < 1:
            raise OptionError("no workers", expected="1 or more", found=str(workers))
        self._crew = Crew(workers, limits)

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._crew.dismiss(self._crew.members)

    def done(
        self,
        work: Callable[[Sequence[Given]], list[Made]],
        pieces: Iterable[Sequence[Given]],
        lost: Callable[[Given, str], Made],
    ) -> Iterator[list[Made]]:
        """Results of pieces of work as they come, each of some of what is given.

        A piece that ended its worker is done again one by one, after the others. What ends two
        workers alone, or takes longer than the limit, is `lost`.

        Parameters
        ----------
        work : callable
            Known to another process by its name.
        pieces : iterable of sequences
            Given to a worker at once.
        lost : callable
            What takes the place of a result; told of what is given, and why.

        Raises
        ------
        WorkerError
            If workers do not start, or cannot load the work.
        Exception
            Whatever the work raised.
        """
        crew, packed, queue = self._crew, pickle.dumps(work), TaskQueue(pieces, lost)
        try:
            while queue.known(crew.most) or crew.busy:
                self._hand_out(packed, queue)
                for task, heard in crew.news(packed):
                    if isinstance(heard, WorkerEndedError):
                        made = queue.died(task, heard)
                    else:
                        made = _result(*heard)
                    if made:
                        yield made
        finally:
            crew.dismiss(crew.busy)

    def each(self, task: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
        """Results of a task for everything that is given, as they come.

        Raises
        ------
        WorkerError
            As `done`, and if something that is given ends two workers.
        """
        for made in self.done(partial(for_each, task), ([one] for one in given), give_up):
            yield from made

    def _hand_out(self, work: bytes, queue: TaskQueue) -> None:
        crew = self._crew
        for member in crew.idle(work) if queue.known(1) else ():
            if not queue.known(1):
                break
            task = queue.take()
            try:
                crew.give(member, task, pickle.dumps(task.given))
            except WorkerEndedError:
                # It ended while it had nothing to do: no task is to blame.
                queue.put_back(task)
        crew.hire(len(crew.busy) + queue.known(crew.most))


def for_each(task: Callable[[Given], Made], given: Sequence[Given]) -> list[Made]:
    """A task for some things, one after the other."""
    return [task(each) for each in given]


def give_up(given: object, reason: str) -> NoReturn:
    """Raise for what cannot be done.

    Raises
    ------
    WorkerError
        Naming what was given, and the reason.
    """
    raise WorkerError(
        "a worker was killed, and another one at the same task",
        expected="workers that live as long as the run",
        found=f"{given}: {reason}",
        cause="too little memory; use fewer workers",
        way_on="run again: what is finished stays",
    )


def _result(said: Said, value: object) -> list[Any]:
    if said is Said.RAISED and isinstance(value, BaseException):
        raise value
    return cast("list[Any]", value)
