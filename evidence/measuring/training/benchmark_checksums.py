"""Publish the checksum of a benchmark cohort: what everybody else's must agree with.

``python -m evidence run benchmark_checksums -- COHORT [COHORT ...]`` reads cohorts that have the
exams of a benchmark, in either format, and stores their checksums with the package, in
``src/shortaxis/evaluation/cohorts/benchmark_checksums.json``. Checksums of other benchmarks stay.

``python -m evidence run benchmark_checksums -- --drawn NAME [NAME ...]`` needs no cohort: exams are
identified by draw and true pose, which are known before anything is simulated, and of their volumes
one in fifty is signed. So minutes are enough for what takes hours to simulate. The other exams are
not made: that they can be is shown by whoever makes the cohort and checks it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from shortaxis._version import __version__
from shortaxis.errors import OptionError
from shortaxis.evaluation.cohorts.benchmarks import (
    BENCHMARKS,
    CHECKSUMS_FILE,
    SIGNED_EVERY,
    Benchmark,
    benchmark_of,
    sign_cohort,
)
from shortaxis.evaluation.cohorts.checksums import cohort_sha256, exam_sha256, sign_volume
from shortaxis.evaluation.cohorts.cohort import find_cohort, read_truth
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import simulate, true_pose


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("named", nargs="+", metavar="COHORT or NAME")
    parser.add_argument("--drawn", action="store_true", help="draw benchmarks by name")
    arguments = parser.parse_args()
    for each in arguments.named:
        if arguments.drawn:
            store({each: signed_by_draws(BENCHMARKS[each])}, CHECKSUMS_FILE)
        else:
            publish(Path(each), CHECKSUMS_FILE)
        print(f"{each}: stored in {CHECKSUMS_FILE.name}")


def publish(folder: Path, file: Path) -> str:
    """Add the checksum of one cohort to a file; returns the name of the benchmark."""
    cohort = find_cohort(folder)
    benchmark = benchmark_of(cohort)
    if benchmark is None:
        wanted = ", ".join(f"{each.preset} from {each.first_seed}" for each in BENCHMARKS.values())
        raise OptionError(
            "is no benchmark",
            path=folder,
            expected=f"the exams of one of them: {wanted}",
            found=f"{cohort.request.count} of {cohort.request.preset}, "
            f"from {cohort.request.first_seed}",
        )
    store({benchmark.name: sign_cohort(cohort, read_truth(cohort))}, file)
    return benchmark.name


def signed_by_draws(benchmark: Benchmark) -> dict[str, Any]:
    """What `sign_cohort` gives, with no more exams simulated than have their volume signed."""
    seeds = list(benchmark.request.seeds)
    sums = [
        exam_sha256(scenario, true_pose(scenario))
        for scenario in (scenario_of(benchmark, seed) for seed in seeds)
    ]
    volumes = {
        str(seed): sign_volume(simulate(scenario_of(benchmark, seed)).volume).to_record()
        for seed in seeds[::SIGNED_EVERY]
    }
    return {
        "exams_sha256": cohort_sha256(sums),
        "software_version": __version__,
        "volumes": volumes,
    }


def scenario_of(benchmark: Benchmark, seed: int) -> ExamScenario:
    """The draw of one exam of a benchmark."""
    return sample_scenario(
        benchmark.preset,
        seed,
        time_slots=benchmark.time_slots,
        version=benchmark.preset_version,
    )


def store(signed: dict[str, dict[str, Any]], file: Path) -> None:
    """Add checksums to a file, in the order of the benchmarks."""
    published = json.loads(file.read_text(encoding="utf-8")) | signed
    ordered = {name: published[name] for name in BENCHMARKS if name in published}
    file.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
