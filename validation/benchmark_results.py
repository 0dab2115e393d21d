"""Evaluate all methods on the benchmark cohorts and store what the docs show.

``python validation/benchmark_results.py [--cohorts FOLDER] [--cohort NAME] [--pictures FOLDER]``
does what ``shortaxis evaluate NAME`` does, stores ``results/NAME.json``, and keeps the figures that
the model card shows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tools")]
from record import REPOSITORY, store_result
from shortaxis.cli.benchmark_cohorts import find_or_make_cohort
from shortaxis.cli.progress import progress_bar
from shortaxis.evaluation.cohorts.benchmarks import BENCHMARKS
from shortaxis.evaluation.cohorts.cohort import Cohort, read_exam_volume
from shortaxis.evaluation.evaluating import EvaluationRequest, evaluate_cohort
from shortaxis.evaluation.figures.all_figures import Drawn, draw_figures
from shortaxis.evaluation.report.record import evaluation_to_record
from shortaxis.reorientation.methods import METHODS
from shortaxis.spect.volume import SpectVolume

SHOWN = ("cumulative-errors", "network-scatter", "network-bland-altman", "network-worst-1")
"""Figures that the docs show."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohorts", type=Path, default=REPOSITORY / "cohorts")
    parser.add_argument("--cohort", action="append", choices=list(BENCHMARKS))
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    for name in arguments.cohort or BENCHMARKS:
        cohort = find_or_make_cohort(name, arguments.cohorts, arguments.workers, quiet=False)
        request = EvaluationRequest(methods=tuple(METHODS), workers=arguments.workers, name=name)
        evaluation = evaluate_cohort(cohort, request, progress_bar)
        record = evaluation_to_record(evaluation)
        del record["command"]
        for method in record["methods"].values():
            print(name, method["groups"]["all"]["errors"])
        store_result(name, record, cohort.request.first_seed)
        if arguments.pictures:
            keep(draw_figures(evaluation, partial(volume_of, cohort)), arguments.pictures, name)


def volume_of(cohort: Cohort, seed: int) -> SpectVolume:
    return read_exam_volume(cohort.path_of(seed))


def keep(drawn: Iterable[Drawn], folder: Path, name: str) -> None:
    """Write the figures that the docs show."""
    for picture, png in drawn:
        stem = Path(picture.path).stem
        if stem in SHOWN:
            (folder / f"{name}-{stem}.png").write_bytes(png)


if __name__ == "__main__":
    main()
