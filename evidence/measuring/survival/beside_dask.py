"""The pool beside Dask's local cluster: how soon it works, and how much memory it takes.

``python -m evidence.measuring.survival.beside_dask KIND WORKERS`` measures one once.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evidence.measuring.survival.deadly_work import double, double_or_die, process_of

__all__ = ["beside_dask", "killed_clusters"]

KINDS = ("pool", "dask")

PATIENCE_S = 300.0
"""Twelve small tasks take seconds with the start, on a machine that is kept busy a minute."""

MIB = 1024
"""In kB, the unit of the system."""


def beside_dask(runs: int, workers: tuple[int, ...]) -> dict[str, Any]:
    """Medians of the seconds until all workers have done a task, and of the memory of all."""
    found: dict[str, Any] = {}
    for number in workers:
        medians: dict[str, dict[str, float]] = {}
        for kind in KINDS:
            made = [json.loads(_once(kind, number)) for _ in range(runs)]
            medians[kind] = {
                name: round(statistics.median(each[name] for each in made), 2) for name in made[0]
            }
        ratios = {
            name: round(medians["pool"][name] / medians["dask"][name], 3)
            for name in medians["pool"]
        }
        found[str(number)] = {**medians, "ratio": ratios}
        print(number, found[str(number)], flush=True)
    return found


def killed_clusters(runs: int) -> dict[str, int]:
    """Local clusters of one worker and one task that kills it: what hangs, and what is lost."""
    counts = {"runs": runs, "hung": 0, "innocent_lost": 0}
    for number in range(runs):
        try:
            counts["innocent_lost"] += int(_once("killed", 1, PATIENCE_S))
        except subprocess.TimeoutExpired:
            counts["hung"] += 1
        print(f"Dask, run {number}: {counts}", flush=True)
    return counts


def _once(kind: str, workers: int, timeout: float | None = None) -> str:
    command = [sys.executable, "-m", "evidence.measuring.survival.beside_dask", kind, str(workers)]
    run = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=timeout
    )
    return run.stdout.decode().splitlines()[-1]


def main() -> None:
    kind, workers = sys.argv[1], int(sys.argv[2])
    if kind == "killed":
        print(_lost_by_a_cluster(workers))
        return
    begun = time.perf_counter()
    with (_pool if kind == "pool" else _cluster)(workers) as everywhere:
        everywhere()
        seconds = time.perf_counter() - begun
        print(json.dumps({"start_s": seconds, "memory_mb": _memory_mb()}))


@contextmanager
def _pool(workers: int) -> Iterator[Any]:
    from shortaxis.processes.pool import Pool

    with Pool(workers) as pool:

        def everywhere() -> None:
            seen: set[int] = set()
            while len(seen) < workers:
                made = pool.done(process_of, [[0]] * 4 * workers, lambda given, reason: 0)
                seen |= {each for piece in made for each in piece}

        yield everywhere


@contextmanager
def _local_cluster(workers: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1",
            dashboard_address="127.0.0.1:0", silence_logs=50,
        ) as local,
        Client(local) as client,
    ):  # fmt: skip
        yield client


@contextmanager
def _cluster(workers: int) -> Iterator[Any]:
    with _local_cluster(workers) as client:
        yield lambda: client.run(process_of, [0])


def _lost_by_a_cluster(workers: int) -> int:
    """Innocent tasks, of eleven, that Dask gives up with the one that kills."""
    from distributed import KilledWorker

    lost = 0
    with _local_cluster(workers) as client:
        futures = [client.submit(double_or_die, [each], pure=False) for each in range(12)]
        for number, future in enumerate(futures):
            try:
                lost += future.result() != double([number])
            except KilledWorker:
                lost += number != 7
    return lost


def _memory_mb() -> float:
    """Of this process and all below it, shared pages divided (PSS)."""
    total = 0
    for pid in _family(Path("/proc/self").resolve().name):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += int(rollup.partition("Pss:")[2].split()[0])
    return total / MIB


def _family(pid: str) -> Iterator[str]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(child)


if __name__ == "__main__":
    main()
