"""How long a polar map takes: ``python -m evidence run benchmark_quantify``.

On one core, from short-axis slices in memory with the pose known: tracing and polar map, then the
segments, scores and scar burden read off it; and a whole study quantified and written, with its
pose estimated and its picture drawn. Times are medians over the runs after one warm-up.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import shortaxis
from evidence.recording.aims import print_aims
from evidence.recording.record import store_result
from evidence.recording.timing import median_s, stay_on_one_core
from evidence.registry.places import DEMO
from shortaxis.quantification.severity import fixed_band_severity, part_below, segment_uptakes
from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.workflow.quantify.quantifying import QuantifyOptions, quantify_study
from shortaxis.workflow.quantify.requests import write_quantification
from shortaxis.workflow.studies.finding import find_studies

DEMO_STUDY = DEMO / "study.dcm"

AIMS = {"map_and_scores_s": 0.05}
"""What is aimed at, at most."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path, default=DEMO_STUDY)
    parser.add_argument("--runs", type=int, default=15)
    arguments = parser.parse_args()
    stay_on_one_core()
    reoriented = shortaxis.reorient(arguments.study)
    slices, pose = reoriented.short_axis, reoriented.pose

    def map_and_scores() -> None:
        polar_map = trace_ventricle(slices, pose).polar_map
        segment_uptakes(polar_map), part_below(polar_map)
        _ = fixed_band_severity(polar_map).summed_score

    study = find_studies(arguments.study).studies[0]
    with tempfile.TemporaryDirectory() as folder:

        def whole_study() -> None:
            quantified = quantify_study(study.load().study, QuantifyOptions())
            write_quantification(quantified, Path(folder) / "out", force=True)

        tasks = {"map_and_scores_s": map_and_scores, "whole_study_s": whole_study}
        medians = {name: median_s(task, arguments.runs) for name, task in tasks.items()}
    values = {
        "runs": arguments.runs, "shape": list(slices.shape), "aims": AIMS, "medians": medians
    }  # fmt: skip
    print(medians)
    print_aims(values)
    store_result("benchmark_quantify", values)


if __name__ == "__main__":
    main()
