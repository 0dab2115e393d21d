"""Dask, known to this file alone: a cluster of this machine, or any other one by its address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import Any, NoReturn, TypeVar

from shortaxis.errors import MissingExtraError, OptionError, OutputError

__all__ = ["Cluster", "connected"]

Given = TypeVar("Given")
Made = TypeVar("Made")

AHEAD = 4
"""Tasks of a worker that are handed out before it has done them."""

CONNECT_S = 10

THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Workers are as many as cores: threads of each would be in each other's way."""


class Cluster:
    """Workers that functions are sent to."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - of a package that may be missing
        self._client = client

    @property
    def workers(self) -> int:
        """How many threads there are."""
        threads: dict[str, int] = self._client.nthreads()
        return max(sum(threads.values()), 1)

    def done(
        self,
        work: Callable[[Sequence[Given]], list[Made]],
        given: Sequence[Sequence[Given]],
        lost: Callable[[Given], Made],
    ) -> Iterator[list[Made]]:
        """Results of pieces of work as they come, each of some of what is given.

        A piece whose worker died is done again by others. One that kills them all is done one by
        one, and what still kills is `lost`.
        """
        from distributed import KilledWorker, as_completed

        pieces = iter([list(each) for each in given])
        asked: dict[Any, list[Given]] = {}

        def submit(piece: list[Given]) -> Any:  # noqa: ANN401 - see above
            future = self._client.submit(work, piece, pure=False)
            asked[future.key] = piece
            return future

        first = [submit(piece) for _, piece in zip(range(AHEAD * self.workers), pieces)]  # noqa: B905 - what comes first ends it
        running = as_completed(first)
        for future in running:
            piece = asked.pop(future.key)
            again: list[list[Given]] = []
            try:
                yield future.result()
            except KilledWorker:
                if len(piece) > 1:
                    again = [[each] for each in piece]
                else:
                    yield [lost(piece[0])]
            following = next(pieces, None)
            for one in [*again, *([following] if following is not None else [])]:
                running.add(submit(one))

    def each(self, task: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
        """Results of a task for everything that is given, as they come.

        Raises
        ------
        concurrent.futures.process.BrokenProcessPool
            If a task killed several workers.
        """
        for made in self.done(partial(_for_each, task), [[one] for one in given], _broken):
            yield from made


def _for_each(task: Callable[[Given], Made], given: Sequence[Given]) -> list[Made]:
    return [task(each) for each in given]


def _broken(given: object) -> NoReturn:
    raise BrokenProcessPool(f"{given} killed every worker that it was given to")


@contextmanager
def connected(scheduler: str | None, workers: int = 1) -> Iterator[Cluster]:
    """The cluster at an address, or one of this machine with so many processes.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    OptionError
        If there are no workers to be had.
    OutputError
        If nobody answers at the address.
    """
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "a cluster needs packages that are not installed",
            expected='pip install "shortaxis[cohort]"',
            found=f"no module {error.name}",
        ) from error
    if scheduler is None and workers < 1:
        raise OptionError("no workers", expected="1 or more", found=str(workers))
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=CONNECT_S)
        except (OSError, ValueError, TimeoutError) as error:
            raise OutputError(
                "no scheduler answers",
                expected="the address of a Dask scheduler, such as tcp://host:8786",
                found=scheduler,
                cause="it is not running, or cannot be reached from here",
            ) from error
        with client:
            yield Cluster(client)
        return
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
            env=THREADS,
        ) as local,
        Client(local) as client,
    ):
        yield Cluster(client)
