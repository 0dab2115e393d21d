"""How far poses are from the truth on the second edition of the simulator.

``python -m evidence run second_edition -- [--count N] [--cohorts FOLDER]`` estimates the pose of
the first test exams of version 2 of ``clinical`` and ``wide``, by the installed weights and by
those in folders ``weights-*`` below the cohorts, and stores ``second_edition.json``: errors, how
the found roll follows the true one, how many errors stay below their bounds, what is flagged. An
exam is measured once: a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from evidence.measuring.robustness.calibration_exams import exam_at
from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_cases
from evidence.registry.table import RESULTS
from shortaxis.errors import HeartNotFoundError
from shortaxis.evaluation.scores.exam_score import FAILURE_DEG, FAILURE_MM
from shortaxis.geometry.euler import with_conventional_roll
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors, signed_roll_deg
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS
from shortaxis.simulation.exam_files import read_compact_exam

NAME = "second_edition"
MEASURES = ("long_axis_deg", "roll_deg", "center_mm")
FAR_DEG = 10.0

Row = Mapping[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    parser.add_argument("--count", type=int, help="Exams of each preset; default: all.")
    asked = parser.parse_args()
    weights = {"installed": DEFAULT_WEIGHTS}
    others = sorted(asked.cohorts.glob("weights-*"))
    weights |= {path.name.removeprefix("weights-"): str(path) for path in others}
    presets = {}
    for cohort in RESULTS[NAME].cohorts:
        folder = asked.cohorts / f"test-{cohort.preset}-{cohort.first_seed}"
        seeds = range(cohort.first_seed, cohort.first_seed + (asked.count or cohort.count))
        rows = {}
        for name, path in weights.items():
            cases = {
                f"{name} {cohort.preset} {seed}": partial(row_of, folder, cohort.preset, seed, path)
                for seed in seeds
            }
            rows[name] = measured_cases(NAME, asked.cohorts, cases)
        presets[cohort.preset] = {name: summary(list(each.values())) for name, each in rows.items()}
    store_result(NAME, {"presets": presets}, RESULTS[NAME].cohorts[0].first_seed)


def row_of(folder: Path, preset: str, seed: int, weights: str) -> Row:
    """Errors, bounds and flag of one exam; None of a heart that was not found."""
    exam = read_compact_exam(exam_at(folder, preset, seed, version=2))
    try:
        estimate, _ = measured_estimate(exam.volume, weights)
    except HeartNotFoundError:
        return {"errors": None}
    errors, bounds = pose_errors(estimate.pose, exam.pose), estimate.uncertainty
    return {
        "errors": [round(float(getattr(errors, name)), 3) for name in MEASURES],
        "bounds": [round(float(getattr(bounds, name)), 3) for name in MEASURES],
        "roll": [round(roll_of(exam.pose), 2), round(roll_of(estimate.pose), 2)],
        "is_flagged": bool(estimate.quality.reasons),
    }


def roll_of(pose: RigidPose) -> float:
    """Roll from the conventional one, degrees."""
    return float(signed_roll_deg(pose, with_conventional_roll(pose)))


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Median and 95th percentile of each error, coverage, slope of the roll, flags."""
    found = [row for row in rows if row["errors"] is not None]
    errors = np.array([row["errors"] for row in found])
    bounds = np.array([row["bounds"] for row in found])
    flagged = np.array([row["is_flagged"] for row in found])
    true, seen = np.array([row["roll"] for row in found]).T
    is_failure = (errors[:, 0] > FAILURE_DEG) | (errors[:, 2] > FAILURE_MM)
    return {
        "exams": len(rows),
        "not_found": len(rows) - len(found),
        "errors": {
            name: [round(float(np.percentile(column, part)), 2) for part in (50, 95)]
            for name, column in zip(MEASURES, errors.T, strict=True)
        },
        "within_bounds": {
            name: round(float(np.mean(column)), 3)
            for name, column in zip(MEASURES, (errors <= bounds).T, strict=True)
        },
        "roll_slope": round(float(np.polyfit(true, seen, 1)[0]), 3),
        "roll_r": round(float(np.corrcoef(true, seen)[0, 1]), 3),
        "failures": int(is_failure.sum()),
        "accepted_failures": int((is_failure & ~flagged).sum()),
        "accepted_over_10_deg": int(((errors[:, 0] > FAR_DEG) & ~flagged).sum()),
        "good_flagged": int((flagged & ~is_failure).sum()),
        "good": int((~is_failure).sum()),
    }


if __name__ == "__main__":
    main()
