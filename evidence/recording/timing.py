"""How long something takes."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping

__all__ = ["median_s", "medians_in_turn_s", "stay_on_one_core"]

Clock = Callable[[], float]

Task = Callable[[], object]


def median_s(task: Task, runs: int) -> float:
    """Median time of a task over some runs, seconds, after one warm-up."""
    task()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - start)
    return round(statistics.median(seconds), 4)


def medians_in_turn_s(
    tasks: Mapping[str, Task], runs: int, clock: Clock = time.perf_counter
) -> dict[str, float]:
    """All tasks in turn, so that a busy moment of the machine meets them all.

    `time.process_time` as a clock counts the seconds that a core works for this process alone.
    """
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(runs + 1):
        for name, task in tasks.items():
            start = clock()
            task()
            seconds[name].append(clock() - start)
    return {name: round(statistics.median(values[1:]), 4) for name, values in seconds.items()}


def stay_on_one_core() -> None:
    """Keep this process on one core, where the system lets it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
