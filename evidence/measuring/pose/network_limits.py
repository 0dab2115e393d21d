"""What each limit of the network's quality stops, on the calibration exams.

``python -m evidence run network_limits -- [--cohorts FOLDER] [--weights NAME]`` estimates the poses
of the calibration exams of `configs/default.toml`, prints the measures of good and of failed exams,
and stores ``network_limits.json``. Limits were chosen on these numbers; the test exams were not
looked at. A failure is what it is in an evaluation: an error over 15 degrees or 15 mm, or a heart
that was not found.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from evidence.registry.places import REPOSITORY
from shortaxis.errors import HeartNotFoundError
from shortaxis.evaluation.cohorts.exam_truth import ExamTruth
from shortaxis.evaluation.scores.exam_estimate import ExamEstimate
from shortaxis.evaluation.scores.exam_score import score_exam
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.reorientation.quality import Limit, Measure
from shortaxis.reorientation.weights import find_weights
from shortaxis.simulation.exam_files import read_compact_exam
from shortaxis.training.config import read_config

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    parser.add_argument("--weights", default="default")
    arguments = parser.parse_args()
    config = read_config(REPOSITORY / "configs/default.toml", arguments.cohorts)
    limits = find_weights(arguments.weights).judgement.limits
    of_preset: dict[str, list[Row]] = {}
    for one in config.calibration:
        rows = [row_of(path, arguments.weights) for path in one.paths]
        of_preset.setdefault(one.preset, []).extend(rows)
    presets = {}
    for preset, rows in of_preset.items():
        presets[preset] = {**summary(rows), "limits": [counts(rows, each) for each in limits]}
        print(preset, summary(rows))
        for limit in limits:
            print("  ", counts(rows, limit))
    store_result("network_limits", {"presets": presets}, config.calibration[0].first)


def row_of(path: Path, weights: str) -> Row:
    """Measures, reasons and errors of one exam."""
    exam = read_compact_exam(path)
    try:
        estimate, measures = measured_estimate(exam.volume, weights)
    except HeartNotFoundError:
        return {"measures": {}, "failed": True, "flagged": True, "found": False}
    seed = int(path.stem)
    truth = ExamTruth(seed, exam.pose, exam.volume.center_mm, exam.strata)
    score = score_exam(truth, ExamEstimate(seed, estimate))
    return {
        "measures": measures,
        "failed": score.is_failure,
        "flagged": score.is_flagged,
        "found": True,
    }


def summary(rows: list[Row]) -> Row:
    """Failures and flags of a preset."""
    failed = [row for row in rows if row["failed"]]
    good = [row for row in rows if not row["failed"]]
    return {
        "exams": len(rows),
        "not_found": sum(not row["found"] for row in rows),
        "failures": len(failed),
        "unflagged_failures": sum(not row["flagged"] for row in failed),
        "good_flagged": sum(row["flagged"] for row in good),
    }


def counts(rows: list[Row], limit: Limit) -> Row:
    """How a measure is spread over good exams and failures, and how many its limit stops."""
    measure: Measure = limit.measure
    result: Row = {"measure": measure.value}
    for name, failed in (("good", False), ("failed", True)):
        values = np.array(
            [
                row["measures"][measure]
                for row in rows
                if row["failed"] is failed and measure in row["measures"]
            ]
        )
        stopped = [not limit.accepts(value) for value in values]
        result[f"{name}_stopped"] = int(sum(stopped))
        if values.size:
            percentiles = np.percentile(values, (1, 5, 50, 95, 99))
            result[name] = [round(float(value), 3) for value in percentiles]
    return result


if __name__ == "__main__":
    main()
