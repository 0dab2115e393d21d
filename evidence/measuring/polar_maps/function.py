"""How near function from gated exams lies to the truth.

``python -m evidence run function -- [--cohorts FOLDER] [--most N]`` measures the benchmark
`gated-400` and some exams of `wide`, simulated gated exams of eight time slots that nothing was
fitted to, along the pose that is found, and stores ``function.json``: errors of volumes, ejection
fraction and shape, over all exams, by flag and by camera, whether bounds hold and flags tell, the
spread of the phases, whether late and still segments are found, how much all of it changes when the
counts are counted again or the patient lies elsewhere, and the time. A measurement that was stopped
goes on where it was.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from evidence.measuring.polar_maps.function_repeats import repeated, repetition
from evidence.measuring.polar_maps.function_row import Row, row_of
from evidence.measuring.polar_maps.function_summary import phases, segments, summary, worst
from evidence.measuring.polar_maps.gated_exams import GatedExam, GatedExams
from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_cases
from evidence.recording.timing import medians_in_turn_s, stay_on_one_core
from shortaxis.errors import OptionError
from shortaxis.function.measuring import measure_function
from shortaxis.simulation.acquisition import Technique

GATED_400 = GatedExams("test", "clinical", 8_100_000, 400, of_every_seed=True)
"""The benchmark: stress and rest of 200 patients."""

WIDE = GatedExams("test", "wide", 8_200_000, 20)

REPEATED = 8
"""One exam in so many is counted again and moved."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    parser.add_argument("--most", type=int, default=10_000, help="Exams of each range.")
    asked = parser.parse_args()
    cases = {
        f"{cohort.preset} {seed}": partial(measured, cohort, seed, asked.cohorts)
        for cohort in (GATED_400, WIDE)
        for seed in islice(cohort.seeds, asked.most)
    }
    found = measured_cases("function", asked.cohorts, cases)
    values = result_of(list(found.values()))
    values["refused"] = {name: each["refused"] for name, each in found.items() if "refused" in each}
    values["seconds"] = seconds(GATED_400.exam(asked.cohorts, GATED_400.first))
    print(values)
    store_result("function", values, GATED_400.first)


def measured(cohort: GatedExams, seed: int, cohorts: Path) -> dict[str, Any]:
    """One exam, plain values; with what changes on repetition, of one in `REPEATED`.

    Of an exam whose time slots tell nothing there is no number, and only why.
    """
    exam = cohort.exam(cohorts, seed)
    try:
        found = measure_function(exam.gates, exam.stored.volume, exam.estimate.pose)
    except OptionError as refusal:
        return {"refused": str(refusal.found)}
    case: dict[str, Any] = {"row": asdict(row_of(exam, found))}
    if cohort.seeds.index(seed) % REPEATED == 0:
        case["changes"] = repeated(exam, found, np.random.default_rng(seed))
    return case


def result_of(cases: list[dict[str, Any]]) -> dict[str, Any]:
    """Numbers over all exams, and over those of one kind."""
    rows = [Row(**each["row"]) for each in cases if "row" in each]
    benchmark = [row for row in rows if row.preset == GATED_400.preset]
    again = [(case["changes"], case["row"]["true_phase_sd"]) for case in cases if "changes" in case]
    return {
        "exams": len(rows),
        "presets": {"gated-400": len(benchmark), WIDE.preset: len(rows) - len(benchmark)},
        "clinical": summary(benchmark),
        "accepted": summary([row for row in benchmark if not row.is_flagged]),
        "review": summary([row for row in benchmark if row.is_flagged]),
        "wide": summary([row for row in rows if row.preset == WIDE.preset]),
        "cameras": {
            each.value: summary([row for row in benchmark if row.technique == each.name])
            for each in Technique
        },
        "phase": phases(benchmark),
        "segments": segments(benchmark),
        "repeated": repetition(again),
        "worst": worst(benchmark),
    }


def seconds(exam: GatedExam) -> dict[str, float]:
    """Processor time on one core, from the pose to all numbers."""
    stay_on_one_core()
    pose = exam.estimate.pose

    def measure() -> None:
        measure_function(exam.gates, exam.stored.volume, pose)

    return medians_in_turn_s({"function_s": measure}, 5, time.process_time)


if __name__ == "__main__":
    main()
