"""Evaluate all methods on the benchmark cohorts and store what the docs show.

``python -m evidence run clinical-1000 -- --cohort NAME [--cohorts FOLDER] [--pictures FOLDER]``
does what ``shortaxis evaluate NAME`` does, stores ``NAME.json``, and keeps the figures that
the model card shows.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from evidence.recording.options import add_cohorts, add_pictures, add_workers
from evidence.recording.record import store_result
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
    add_cohorts(parser)
    parser.add_argument("--cohort", action="append", choices=list(BENCHMARKS))
    add_pictures(parser)
    add_workers(parser)
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
