"""Dask, known to this file alone: a cluster by its address."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from shortaxis.errors import MissingExtraError, OutputError
from shortaxis.processes.pool import for_each, give_up

__all__ = ["Cluster", "connected"]

Given = TypeVar("Given")
Made = TypeVar("Made")

AHEAD = 4
"""Tasks of a worker that are handed out before it has done them."""

CONNECT_S = 10

KILLED = "it was alone in the cluster, and its workers were killed, perhaps for want of memory"


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
        pieces: Iterable[Sequence[Given]],
        lost: Callable[[Given, str], Made],
    ) -> Iterator[list[Made]]:
        """Results of pieces of work as they come, each of some of what is given.

        A piece whose worker died is done again by others. Dask blames a piece for every worker
        that died while it was queued there; what is in one that is given up is done alone at the
        end, when nothing else can kill a worker, and what still kills is `lost`.
        """
        from distributed import KilledWorker, as_completed

        following = iter([list(each) for each in pieces])
        suspects: deque[Given] = deque()
        asked: dict[Any, list[Given]] = {}

        def submit(piece: list[Given]) -> Any:  # noqa: ANN401 - see above
            future = self._client.submit(work, piece, pure=False)
            asked[future.key] = piece
            return future

        first = [submit(piece) for _, piece in zip(range(AHEAD * self.workers), following)]  # noqa: B905 - what comes first ends it
        running = as_completed(first)
        for future in running:
            piece = asked.pop(future.key)
            try:
                yield future.result()
            except KilledWorker:
                suspects.extend(piece)
            another = next(following, None)
            if another is not None:
                running.add(submit(another))
        for each in suspects:
            try:
                yield submit([each]).result()
            except KilledWorker:
                yield [lost(each, KILLED)]

    def each(self, task: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
        """Results of a task for everything that is given, as they come.

        Raises
        ------
        WorkerError
            If a task killed several workers.
        """
        for made in self.done(partial(for_each, task), [[one] for one in given], give_up):
            yield from made


@contextmanager
def connected(scheduler: str) -> Iterator[Cluster]:
    """The cluster at an address.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    OutputError
        If nobody answers at the address.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "a cluster needs packages that are not installed",
            expected='pip install "shortaxis[cluster]"',
            found=f"no module {error.name}",
            way_on="or leave --scheduler out: processes of this machine need no package",
        ) from error
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
