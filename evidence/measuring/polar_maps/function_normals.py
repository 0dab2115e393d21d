"""Learn what motion and thickening of healthy segments are, and write the record.

``python -m evidence run function_normals -- [--cohorts FOLDER] [--most N]`` measures those of the
calibration exams whose hearts contract everywhere, and writes
``src/shortaxis/function/normal_regional.json``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np

from evidence.measuring.polar_maps.function_correction import FITTED
from evidence.recording.options import add_cohorts
from shortaxis.files.plain_json import write_json
from shortaxis.function.measuring import measure_function
from shortaxis.function.regional import RegionalFunction
from shortaxis.function.regional_scores import NORMALS_SCHEMA, REGIONAL_NORMALS_FILE
from shortaxis.simulation.exam_truth import ExamTruth

CLINICAL = FITTED[0]

LEAST_AMPLITUDE, MOST_DELAY, LEAST_EJECTION, LEAST_UPTAKE = 0.8, 0.03, 0.5, 0.5
"""Of a healthy heart: contraction relative to a normal wall, delay in parts of the cycle, ejection
fraction, uptake relative to healthy muscle."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    parser.add_argument("--most", type=int, default=10_000, help="Exams.")
    asked = parser.parse_args()
    found = []
    for number, exam in enumerate(CLINICAL.exams(asked.cohorts)):
        if number >= asked.most:
            break
        if is_healthy(exam.stored.known_truth):
            measured = measure_function(exam.gates, exam.stored.volume, exam.estimate.pose)
            found.append(measured.regional)
    write_json(REGIONAL_NORMALS_FILE, record_of(found))


def is_healthy(truth: ExamTruth) -> bool:
    """Whether the heart contracts everywhere, at once, and takes the tracer up."""
    is_wall = truth.is_wall.all(axis=0)
    return bool(
        truth.contraction_amplitude[is_wall].min() > LEAST_AMPLITUDE
        and np.abs(truth.contraction_delay[is_wall]).max() < MOST_DELAY
        and truth.ejection_fraction >= LEAST_EJECTION
        and truth.uptake[is_wall].min() > LEAST_UPTAKE
    )


def record_of(found: Sequence[RegionalFunction]) -> dict[str, Any]:
    """Mean and standard deviation of every segment, and what they hold for."""
    return {
        "schema": NORMALS_SCHEMA,
        "made_by": "python -m evidence run function_normals",
        "valid_for": f"{len(found)} healthy simulated hearts of the preset clinical, version 2, "
        "eight time slots, anatomical roll; no patients",
        "exams": {"preset": CLINICAL.preset, "first_seed": CLINICAL.first, "count": CLINICAL.count,
                  "step": CLINICAL.step, "healthy": len(found)},
        "motion_mm": limits([each.segment_motion_mm for each in found]),
        "thickening_by_counts": limits([each.segment_brightening for each in found]),
    }  # fmt: skip


def limits(found: Sequence[Any]) -> dict[str, dict[str, float]]:
    result = {}
    for number in range(1, 18):
        values = np.array([each[number] for each in found if each[number] is not None])
        result[str(number)] = {
            "mean": round(float(values.mean()), 4),
            "sd": round(float(values.std(ddof=1)), 4),
        }
    return result


if __name__ == "__main__":
    main()
