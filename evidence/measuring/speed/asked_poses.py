"""What the pose of a study costs by one revision and one method, asked line by line.

``python asked_poses.py STUDY METHOD`` prints JSON for each line of its input: first seconds and
memory of the first estimate, loading included; then, for ``find`` and ``estimate``, the least
seconds of some. `openvino_runtime` starts it with the sources of an earlier revision or of these,
so it uses what both have; ``network`` is the method that both have.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import shortaxis
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.reorientation.weights import load_cascade

__all__: list[str] = []

NETWORK = "network"
RUNS = 5


def main() -> None:
    study, method = Path(sys.argv[1]), sys.argv[2]
    # By the ellipsoid: what the networks need is loaded where it is timed.
    volume = shortaxis.reorient(study, method="ellipsoid").study.volume
    runtime = runtime_of(method)
    start = time.perf_counter()
    measured_estimate(volume, "default", *runtime)
    first = time.perf_counter() - start
    _, cascade = load_cascade("default", *runtime)
    scaled = type(volume)(
        np.maximum(volume.counts / volume.counts.max(), 0), volume.patient_from_index
    )
    tasks: dict[str, Callable[[], object]] = {
        "find": lambda: cascade.find(scaled),
        "estimate": lambda: measured_estimate(volume, "default", *runtime),
    }
    answer({"first_s": first})
    for line in sys.stdin:
        answer(least_s(tasks[line.strip()]))


def runtime_of(method: str) -> tuple[Any, ...]:
    """Further arguments for a method that the earlier revision has not."""
    if method == NETWORK:
        return ()
    from shortaxis.reorientation.methods import require_method

    return (require_method(method).runtime,)


def least_s(task: Callable[[], object]) -> float:
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def answer(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
