"""Who does the work: processes of this machine, or a cluster by its address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shortaxis.errors import OptionError
from shortaxis.processes.limits import ONE_THREAD, Limits
from shortaxis.processes.pool import Pool
from shortaxis.workflow.batch.cluster import Cluster, connected

__all__ = ["Workforce", "workforce"]

Workforce = Cluster | Pool
"""Both have `done` and `each`."""


@contextmanager
def workforce(
    scheduler: str | None,
    workers: int = 1,
    time_limit_s: float | None = None,
    memory_limit_mb: float | None = None,
) -> Iterator[Workforce]:
    """The cluster at an address, or so many processes of this machine, with limits for each task.

    Raises
    ------
    MissingExtraError
        If Dask is not installed, which only a cluster needs.
    OptionError
        If there are no workers to be had, a limit cannot be kept, or limits are given to a cluster.
    OutputError
        If nobody answers at the address.
    """
    limits = Limits(time_limit_s, memory_limit_mb, ONE_THREAD)
    if scheduler is None:
        with Pool(workers, limits) as pool:
            yield pool
        return
    if time_limit_s is not None or memory_limit_mb is not None:
        raise OptionError(
            "workers of a cluster have limits of their own",
            expected="limits for processes of this machine alone",
            found="limits and the address of a scheduler",
            way_on="give --memory-limit to `dask worker` instead",
        )
    with connected(scheduler) as cluster:
        yield cluster
