"""How fast exams are simulated: ``python -m evidence run benchmark_simulate``.

On one thread, exams of each preset; ``-- --count N`` says how many.

Claims: at least one exam of the preset ``paper`` in a second on one core, and less than 1 GB of
memory for a worker of any preset. Each preset runs in a process of its own, so that its memory is
its own; the median is over exams after one warm-up, drawing included, writing not. In the same
run PyTomography, where it is installed, projects and reconstructs what an exam of ``paper`` does
(attenuation and response; OSEM 3 x 10), beside the same work by `shortaxis.camera`.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time

import torch

from evidence.measuring.speed import camera
from evidence.recording.record import store_result
from evidence.recording.timing import medians_in_turn_s, stay_on_one_core
from evidence.registry.places import REPOSITORY
from shortaxis.camera.collimator import LEHR_140_KEV
from shortaxis.camera.projector import SpectProjector
from shortaxis.simulation.presets import PRESETS, sample_scenario
from shortaxis.simulation.simulating import simulate

FIRST_SEED = 9_500_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--preset", choices=list(PRESETS), help="only this one, printed as JSON")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    stay_on_one_core()
    if arguments.preset:
        print(json.dumps(time_preset(arguments.preset, arguments.count)))
        return
    presets = {}
    for preset in PRESETS:
        options = ["--preset", preset, "--count", str(arguments.count)]
        command = [sys.executable, "-m", "evidence.measuring.speed.simulate", *options]
        run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
        presets[preset] = json.loads(run.stdout)
        print(preset, presets[preset])
    values = {"count": arguments.count, "presets": presets, "beside_pytomography": beside_theirs()}
    print(values["beside_pytomography"])
    store_result("benchmark_simulate", values, FIRST_SEED)


def time_preset(preset: str, count: int) -> dict[str, float]:
    """Seconds of an exam, exams in a second, and the most memory that the process ever had."""
    seconds = []
    for number in range(count + 1):
        start = time.perf_counter()
        simulate(sample_scenario(preset, FIRST_SEED + number, version=1))
        seconds.append(time.perf_counter() - start)
    # Kilobytes on Linux, bytes on macOS.
    unit = 1024 if sys.platform == "linux" else 1
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return {
        "median_s": round(statistics.median(seconds[1:]), 3),
        "slowest_s": round(max(seconds[1:]), 3),
        "exams_per_second": round(count / sum(seconds[1:]), 2),
        "peak_memory_mb": round(peak_mb),
    }


def beside_theirs() -> dict[str, float]:
    """Projection and reconstruction of one ``paper`` exam by both, in turn; empty without them."""
    activity, attenuation = camera.chest(camera.GRID)
    orbit = camera.contour_orbit(attenuation)
    lines = SpectProjector(camera.GRID, orbit)
    corrected = SpectProjector(camera.GRID, orbit, attenuation, LEHR_140_KEV)
    names = ("forward_s", "osem_plain_s")
    tasks = camera.our_tasks(activity, attenuation, orbit, (lines, corrected))
    try:
        theirs = camera.their_tasks(activity, attenuation, orbit, corrected.apply(activity))
    except ImportError:
        return {}
    chosen = {name: tasks[name] for name in names}
    chosen |= {f"pytomography_{name}": theirs[f"pytomography_{name}"] for name in names}
    medians = medians_in_turn_s(chosen, 5)
    ours = sum(medians[name] for name in names)
    other = sum(medians[f"pytomography_{name}"] for name in names)
    return {**medians, "ratio": round(other / ours, 1)}


if __name__ == "__main__":
    main()
