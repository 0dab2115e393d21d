"""How long one study takes: ``python benchmarks/reorient.py [--study FILE] [--runs N]``.

Claims: one study end to end as a library call (read, estimate, resample three series, write
DICOM, pose, transform and report) under 0.5 s on one core, and ``shortaxis --help`` under
0.4 s. The review sheet is drawn on top and timed apart. Medians over the runs after one warm-up.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.update(
    dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
import shortaxis
from record import REPOSITORY, store_result
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.estimators import METHODS
from shortaxis.workflow.studies import find_studies

DEMO_STUDY = REPOSITORY / "demo" / "study.dcm"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path, default=DEMO_STUDY)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--name", default="benchmark_reorient")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    study = find_studies(arguments.study).studies[0]
    volume = study.load().study.volume
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"

        def end_to_end(*, review_sheet: bool = False) -> None:
            result = shortaxis.reorient(arguments.study)
            shortaxis.write(result, out, force=True, review_sheet=review_sheet)

        tasks: dict[str, Callable[[], object]] = {
            "end_to_end_s": end_to_end,
            "end_to_end_with_review_sheet_s": lambda: end_to_end(review_sheet=True),
            "read_s": study.load,
            **{f"estimate_{name}_s": _estimate(name, volume) for name in METHODS},
            "help_s": _help,
        }
        medians = {name: _median_s(task, arguments.runs) for name, task in tasks.items()}
    for name, seconds in medians.items():
        print(f"{name:34s} {seconds:7.3f}")
    shape = list(volume.shape)
    store_result(arguments.name, {"runs": arguments.runs, "shape": shape, "medians": medians})


def _estimate(name: str, volume: SpectVolume) -> Callable[[], object]:
    return lambda: METHODS[name](volume)


def _help() -> None:
    subprocess.run([sys.executable, "-m", "shortaxis", "--help"], capture_output=True, check=True)


def _median_s(task: Callable[[], object], runs: int) -> float:
    task()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - start)
    return round(statistics.median(seconds), 4)


if __name__ == "__main__":
    main()
