"""What a batch of one machine survives: ``python -m evidence run batch_survival``.

Batches by one, two and four workers, in each of which one study ends every process that works on
it; runs that are ended at random moments by Ctrl+C, SIGTERM and SIGKILL and begun again; and the
pool beside Dask's local cluster, in starting time, in memory, and with a task that kills.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

from evidence.measuring.survival.beside_dask import beside_dask, killed_clusters
from evidence.measuring.survival.interrupted_batches import interrupted_batches
from evidence.measuring.survival.killed_batches import killed_batches, killed_pools
from evidence.recording.record import store_result

SEED = 20_260_800

WORKERS = (1, 2, 4)

INNOCENT, STUDIES, TASKS = 4, 6, 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50, help="for each number of workers")
    parser.add_argument("--pools", type=int, default=50, help="the same without studies")
    parser.add_argument("--interrupts", type=int, default=20, help="for each way to end a run")
    parser.add_argument("--beside", type=int, default=5, help="starts of pool and of Dask")
    parser.add_argument("--clusters", type=int, default=20, help="clusters of Dask with a killer")
    arguments = parser.parse_args()
    rng = random.Random(SEED)  # noqa: S311 - of moments, not of secrets
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        killed = {
            str(workers): killed_batches(folder, workers, arguments.runs, INNOCENT, rng)
            for workers in WORKERS
        }
        pools = {
            str(workers): killed_pools(workers, arguments.pools, TASKS, rng) for workers in WORKERS
        }
        interrupted = interrupted_batches(folder, arguments.interrupts, STUDIES, rng)
    record = {
        "innocent": INNOCENT,
        "studies": STUDIES,
        "tasks": TASKS,
        "killed": killed,
        "killed_pools": pools,
        "interrupted": interrupted,
        "beside_dask": beside_dask(arguments.beside, (1, 4)),
        "killed_clusters": killed_clusters(arguments.clusters),
    }
    store_result("batch_survival", record, seed=SEED)


if __name__ == "__main__":
    main()
