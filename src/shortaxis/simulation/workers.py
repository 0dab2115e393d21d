"""Work shared out to processes that neither hang nor outlive the run."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from shortaxis.errors import MissingExtraError, OutputError

__all__ = ["done_by_cluster", "done_by_workers"]

Given = TypeVar("Given")
Made = TypeVar("Made")

CONNECT_S = 10

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


def done_by_cluster(
    task: Callable[[Given], Made], given: Iterable[Given], address: str
) -> Iterator[Made]:
    """The same on a Dask cluster; its workers must see the same files at the same paths.

    Raises
    ------
    concurrent.futures.process.BrokenProcessPool
        If a task killed several workers.
    OutputError
        If no scheduler answers at the address.
    """
    # Only here is Dask known, and only when a cluster is asked for.
    try:
        from distributed import Client, KilledWorker, as_completed
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "a cluster needs packages that are not installed",
            expected='pip install "shortaxis[cohort]"',
            found=f"no module {error.name}",
        ) from error
    try:
        client = Client(address, timeout=CONNECT_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise OutputError(
            "no scheduler answers",
            expected="the address of a Dask scheduler, such as tcp://host:8786",
            found=address,
            cause="it is not running, or cannot be reached from here",
        ) from error
    with client:
        waiting = iter(given)
        ahead = QUEUED_PER_WORKER * max(sum(client.nthreads().values()), 1)
        running = as_completed([client.submit(task, each) for each in islice(waiting, ahead)])
        try:
            for future in running:
                yield future.result()
                for each in islice(waiting, 1):
                    running.add(client.submit(task, each))
        except KilledWorker as error:
            raise BrokenProcessPool(str(error)) from error


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
