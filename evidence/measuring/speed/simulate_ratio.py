"""Whether exams are made faster than before: ``python -m evidence run benchmark_simulate_ratio``.

The same exams of version 1 by the sources of an earlier revision and by these, each in a process of
its own, exam by exam in turn, so that a busy moment meets both; processor time on one thread,
drawing included. The files must be the same to the last bit. `AIMS` are stored beside what was
measured.

Gated exams of the latest version are compared with ungated ones of the same patients, by this
revision alone: earlier ones know only the first version, whose time slots are made one by one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from evidence.measuring.speed.earlier_sources import sources_of
from evidence.recording.record import store_result
from evidence.registry.places import REPOSITORY
from shortaxis.simulation.scenario import LATEST_VERSION

EARLIER = "510b054"
PRESETS = ("paper", "clinical", "wide")
"""Those of version 1, whose exams may not change."""

FIRST_SEED = 9_500_000
TIME_SLOTS = 8

AIMS = {"ratio": 1.7, "peak_memory_mb": 900, "gated_share": 2.5}
"""Exams a second over those of the earlier revision, at least; memory of a worker, and a gated exam
of eight time slots over an ungated one, at most."""

SERVER = Path(__file__).with_name("asked_exams.py")


class Simulator:
    """A process that simulates by the sources in a folder."""

    def __init__(self, sources: Path) -> None:
        env = {**os.environ, "PYTHONPATH": str(sources), "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, str(SERVER)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
        )  # fmt: skip
        self.peak_mb = 0.0

    def exam(
        self, preset: str, seed: int, time_slots: int = 0, version: int = 1
    ) -> tuple[float, str]:
        """Seconds that an exam took, and the hash of its file."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("pipes were asked for")
        stdin.write(json.dumps([preset, seed, time_slots, version]) + "\n")
        stdin.flush()
        seconds, digest, self.peak_mb = json.loads(stdout.readline())
        return seconds, digest

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--gated", type=int, default=6)
    parser.add_argument("--earlier", default=EARLIER)
    arguments = parser.parse_args()
    with sources_of(arguments.earlier) as earlier:
        presets = {
            preset: compared(earlier, preset, arguments.count, arguments.gated)
            for preset in PRESETS
        }
    values: dict[str, Any] = {
        "count": arguments.count,
        "gated": arguments.gated,
        "earlier": arguments.earlier,
        "aims": AIMS,
        "presets": presets,
        "time_slots": TIME_SLOTS,
    }
    store_result("benchmark_simulate_ratio", values, FIRST_SEED)


def compared(earlier: Path, preset: str, count: int, gated: int) -> dict[str, Any]:
    """Time, memory and sameness of one preset's exams, before and now."""
    with ExitStack() as stack:
        both = [Simulator(earlier), Simulator(REPOSITORY / "src")]
        for each in both:
            stack.callback(each.close)
            each.exam(preset, FIRST_SEED + count)  # warms up
        made = [
            [each.exam(preset, FIRST_SEED + number) for each in both] for number in range(count)
        ]
        share = gated_share(both[1], preset, gated)
        peaks = [round(each.peak_mb) for each in both]
    totals = [sum(exam[side][0] for exam in made) for side in (0, 1)]
    values = {
        "exams_per_second": [round(count / total, 2) for total in totals],
        "ratio": round(totals[0] / totals[1], 2),
        "same_files": sum(before[1] == now[1] for before, now in made),
        "files": len(made),
        "peak_memory_mb": peaks,
        "gated_share": round(share, 2),
    }
    print(preset, values)
    return values


def gated_share(simulator: Simulator, preset: str, count: int) -> float:
    """Time of gated exams of the latest version over that of ungated ones of the same patients."""
    seconds = [
        sum(
            simulator.exam(preset, FIRST_SEED + number, slots, LATEST_VERSION)[0]
            for number in range(count)
        )
        for slots in (TIME_SLOTS, 0)
    ]
    return seconds[0] / seconds[1]


if __name__ == "__main__":
    main()
