"""What the limit of the abnormal was chosen by, on exams of selection and calibration.

``python -m evidence run detection -- [--cohorts FOLDER]`` quantifies the `clinical` selection and
calibration exams of `configs/default.toml` at the network's pose and at the true one, by the
installed normal limits, and stores ``detection.json``: for several numbers of standard
deviations the area under the ROC curve, how much the pose changes the summed score, and how much
of a wall without a defect is abnormal; and among which exams detection is good. Nothing is set
on the test cohorts.
"""

from __future__ import annotations

import argparse
import itertools

import numpy as np

from evidence.measuring.polar_maps.quantification import (
    Row,
    detection_among,
    limits_of,
    row_of,
)
from evidence.measuring.polar_maps.roc import roc_area
from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from evidence.registry.places import REPOSITORY
from shortaxis.quantification.limits_comparison import ABNORMAL_SD
from shortaxis.quantification.normal_files import DEFAULT_NORMALS
from shortaxis.quantification.normal_limits import NormalLimits
from shortaxis.quantification.severity import limits_severity
from shortaxis.simulation.exam_files import read_compact_exam
from shortaxis.training.config import read_config

DEVIATIONS = (1.5, 2.0, 2.25, 2.5, 3.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    arguments = parser.parse_args()
    config = read_config(REPOSITORY / "configs/default.toml", arguments.cohorts)
    cohorts = [
        each for each in (*config.selection, *config.calibration) if each.preset == "clinical"
    ]
    rows, limits = [], []
    for path in itertools.chain.from_iterable(cohort.paths for cohort in cohorts):
        exam = read_compact_exam(path)
        rows.append(row_of(exam, exam.scenario.exam_seed))
        limits.append(limits_of(exam))
    values = {
        "exams": len(rows),
        "with_defect": sum(row.has_defect for row in rows),
        "normals": DEFAULT_NORMALS,
        "chosen_sd": ABNORMAL_SD,
        "deviations": [with_deviations(rows, limits, each) for each in DEVIATIONS],
        "among": detection_among(rows),
    }
    print(values)
    store_result("detection", values, cohorts[0].first)


def with_deviations(rows: list[Row], limits: list[NormalLimits], sd: float) -> dict[str, float]:
    """Detection, and what the pose changes, if a place is abnormal from so many deviations."""
    found, at_truth = (
        [
            limits_severity(getattr(row, pose).polar_map, each, sd)
            for row, each in zip(rows, limits, strict=True)
        ]
        for pose in ("estimated", "at_truth")
    )
    truth = np.array([row.has_defect for row in rows])
    scores, true_scores = (
        np.array([each.summed_score for each in one]) for one in (found, at_truth)
    )
    deficits = np.array([each.total_perfusion_deficit for each in found])
    extents = np.array([each.extent for each in found])
    return {
        "sd": sd,
        "total_perfusion_deficit_auc": roc_area(deficits, truth),
        "summed_score_auc": roc_area(scores, truth),
        "summed_score_mae": float(np.abs(scores - true_scores).mean()),
        "extent_without_defect": float(extents[~truth].mean()),
    }


if __name__ == "__main__":
    main()
