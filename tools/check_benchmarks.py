"""Whether the benchmarks are still those that were published: ``python tools/check_benchmarks.py``.

Takes names of benchmarks, or none for all. Draws every exam and its true pose again, and simulates
those whose counts are signed. Prints a line for each benchmark, and ends with 1 if one differs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from shortaxis.evaluation.cohorts.benchmarks import BENCHMARKS, Benchmark
from shortaxis.evaluation.cohorts.checksums import cohort_sha256, exam_sha256, sign_volume
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import simulate, true_pose

__all__ = ["differences"]


def differences(benchmark: Benchmark) -> Iterator[str]:
    """What of a benchmark is not as it was published, as sentences."""
    published = benchmark.checksum
    if published is None:
        yield "it has no checksum"
        return
    drawn = (_scenario(benchmark, seed) for seed in benchmark.request.seeds)
    if cohort_sha256(exam_sha256(each, true_pose(each)) for each in drawn) != (
        published.exams_sha256
    ):
        yield "draws or true poses are others"
    for seed, signed in published.volumes.items():
        volume = simulate(_scenario(benchmark, seed)).volume
        if not signed.is_like(sign_volume(volume)):
            yield f"the counts of exam {seed} are others"


def _scenario(benchmark: Benchmark, seed: int) -> ExamScenario:
    return sample_scenario(
        benchmark.preset, seed, time_slots=benchmark.time_slots, version=benchmark.preset_version
    )


def main() -> int:
    """Check the benchmarks that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or list(BENCHMARKS)
    unknown = [each for each in names if each not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    ended = 0
    for name in names:
        found = list(differences(BENCHMARKS[name]))
        print(f"{name}: {'; '.join(found) or 'as published'}", flush=True)
        ended = ended or int(bool(found))
    return ended


if __name__ == "__main__":
    sys.exit(main())
