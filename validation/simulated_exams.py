"""How an estimator does on simulated exams, whose pose is known exactly, by strata.

``python validation/simulated_exams.py [--count N] [--method NAME]`` simulates exams of the presets
``clinical`` and ``wide`` from seeds that nothing is trained or chosen on, and stores
``results/simulated_exams.json``. A failure is an error over 15 degrees or 15 mm; an exam in
which no heart was found is none, since it is told.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / name) for name in ("tools", "tests")]
import torch

from altered_exams import summarise
from record import store_result
from shortaxis.errors import HeartNotFoundError
from shortaxis.evaluation.groups import HARDNESS_GROUPS
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate
from shortaxis.workflow.estimators import METHODS

FIRST_SEED = 9_700_000

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--method", default="ellipsoid", choices=list(METHODS))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    presets = {}
    for preset in ("clinical", "wide"):
        rows = []
        for number in range(arguments.count):
            exam = simulate(sample_scenario(preset, FIRST_SEED + number))
            rows.append({**exam.strata, **judge(exam, arguments.method)})
            if number % 50 == 49:
                print(f"{preset}: {number + 1} of {arguments.count}", flush=True)
        presets[preset] = {
            name: summary(chosen)
            for name, belongs in HARDNESS_GROUPS.items()
            if (chosen := [row for row in rows if belongs(row)])
        }
        for name, values in presets[preset].items():
            print(preset, name, values)
    values = {"count": arguments.count, "method": arguments.method, "presets": presets}
    store_result("simulated_exams", values, FIRST_SEED)


def judge(exam: SimulatedExam, method: str) -> Row:
    """Errors against the true pose, and the reasons to look."""
    try:
        estimate = METHODS[method](exam.volume)
    except HeartNotFoundError:
        return {"axis": np.nan, "center": np.nan, "reasons": ("not found",)}
    errors = pose_errors(estimate.pose, exam.pose)
    return {
        "axis": errors.long_axis_deg,
        "center": errors.center_mm,
        "reasons": estimate.quality.reasons,
    }


def summary(rows: list[Row]) -> Row:
    """Numbers of one group, without the list of reasons."""
    return {name: value for name, value in summarise(rows).items() if name != "reasons"}


if __name__ == "__main__":
    main()
