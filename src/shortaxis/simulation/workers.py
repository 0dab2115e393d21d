"""Work shared out to processes that neither hang nor outlive the run."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import TypeVar

__all__ = ["done_by_workers"]

Given = TypeVar("Given")
Made = TypeVar("Made")

QUEUED_PER_WORKER = 4
"""Tasks handed out ahead; more would only wait in memory."""


def done_by_workers(
    task: Callable[[Given], Made], given: Iterable[Given], workers: int
) -> Iterator[Made]:
    """Results of `task`, as they come; `task` must be known to another process by its name.

    Raises
    ------
    concurrent.futures.process.BrokenProcessPool
        If a worker was killed.
    """
    # Forked processes would share the threads of torch, and hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_follow_the_run) as pool:
        try:
            yield from _as_they_come(pool, task, given, workers * QUEUED_PER_WORKER)
        finally:
            pool.shutdown(cancel_futures=True)


def _as_they_come(
    pool: ProcessPoolExecutor,
    task: Callable[[Given], Made],
    given: Iterable[Given],
    most_waiting: int,
) -> Iterator[Made]:
    waiting: set[Future[Made]] = set()
    for each in given:
        waiting.add(pool.submit(task, each))
        if len(waiting) >= most_waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in done)


def _follow_the_run() -> None:
    """Leave Ctrl-C to the run, and end with it: a worker whose run was killed would wait for ever.

    It would also hold the memory of torch, and write into the folder of the next run.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_the_run, daemon=True).start()


def _end_after_the_run() -> None:
    run = multiprocessing.parent_process()
    if run is not None:
        run.join()
        os._exit(1)
