"""Publish the checksum of a benchmark cohort: what everybody else's must agree with.

``python -m evidence run benchmark_checksums -- COHORT [COHORT ...]`` reads cohorts that have the
exams of a benchmark, in either format, and stores their checksums with the package, in
``src/shortaxis/evaluation/cohorts/benchmark_checksums.json``. Checksums of other benchmarks stay.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from shortaxis.errors import OptionError
from shortaxis.evaluation.cohorts.benchmarks import (
    BENCHMARKS,
    CHECKSUMS_FILE,
    benchmark_of,
    sign_cohort,
)
from shortaxis.evaluation.cohorts.cohort import find_cohort, read_truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cohorts", type=Path, nargs="+", metavar="COHORT")
    for folder in parser.parse_args().cohorts:
        name = publish(folder, CHECKSUMS_FILE)
        print(f"{name}: stored in {CHECKSUMS_FILE.name}")


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
    published = json.loads(file.read_text(encoding="utf-8"))
    published[benchmark.name] = sign_cohort(cohort, read_truth(cohort))
    ordered = {name: published[name] for name in BENCHMARKS if name in published}
    file.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    return benchmark.name


if __name__ == "__main__":
    main()
