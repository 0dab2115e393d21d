"""How long something takes, for the scripts in ``benchmarks/``."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

__all__ = ["median_s"]


def median_s(task: Callable[[], object], runs: int) -> float:
    """Median time of a task over some runs, seconds, after one warm-up."""
    task()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - start)
    return round(statistics.median(seconds), 4)
