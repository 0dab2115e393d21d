"""Fit the rule that tells patients who moved, with its limit, and write both into the weights.

``python -m evidence run motion_rule -- --version VERSION [--cohorts FOLDER]`` estimates the poses
of simulated patients who move by 0 to 40 mm and of patients who lie still, and fits a logistic
regression to `MOTION_FEATURES`. Far movers (`MOVED_MM`) are told from those who hardly move
(`STILL_MM`); what lies between is left out, and so is what another limit stops. The limit is passed
by 199 of two hundred good exams. Both go into ``default_judgement.json`` and into the record of the
installed weights, as another version; the record's new hash, which is printed, belongs into
``INSTALLED_WEIGHTS`` of ``shortaxis.inference.weights_record``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from evidence.measuring.robustness.moving_exams import (
    moving_exam_at,
    still_exam_at,
    words_of_course,
)
from evidence.recording.options import add_cohorts
from evidence.registry.result import Cohort
from shortaxis.evaluation.scores.exam_score import FAILURE_DEG, FAILURE_MM
from shortaxis.files.plain_json import write_json
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.inference.weights_record import RECORD_FILE, WEIGHTS_SCHEMA
from shortaxis.reorientation.judgement import DEFAULT_FILE
from shortaxis.reorientation.motion_evidence import MOTION_FEATURES, MotionRule, motion_features
from shortaxis.reorientation.myocardium_field import smoothed
from shortaxis.reorientation.network_estimate import bounds_of, extent_of, scaled_for_network
from shortaxis.reorientation.network_evidence import network_measures
from shortaxis.reorientation.quality import Measure, judge
from shortaxis.reorientation.wall_edges import wall_edges
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights, load_cascade
from shortaxis.simulation.exam_files import StoredExam, read_compact_exam

MOVING = Cohort("clinical", 6_400_000, 180)


class StillExams(NamedTuple):
    """Exams of patients who lie still, of a version of a preset."""

    folder: str
    cohort: Cohort
    version: int


STILL = (
    StillExams("clinical-calibration-7980000", Cohort("clinical", 7_980_000, 240), 1),
    StillExams("clinical-calibration-7980240", Cohort("clinical", 7_980_240, 240), 1),
    StillExams("clinical-2-calibration-7100000", Cohort("clinical", 7_100_000, 120), 2),
    StillExams("clinical-2-calibration-7100120", Cohort("clinical", 7_100_120, 120), 2),
)

MOVED_MM, STILL_MM = 14.0, 4.0
"""The width of a blurred wall, and less than a voxel."""

REASON = "the wall is doubled or smeared: did the patient move?"

PASSED = 0.995
"""Of good exams of patients who lie still, and that no other limit stops. With 0.99, 6 of 271 other
exams were called moved."""

RIDGE = 1.0
"""Prior of the coefficients of standardised features: standard deviation 1."""

STEPS = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", required=True)
    add_cohorts(parser)
    arguments = parser.parse_args()
    rows = [moving_case(arguments.cohorts, seed) for seed in _seeds(MOVING)]
    rows += [
        still_case(arguments.cohorts, one, seed) for one in STILL for seed in _seeds(one.cohort)
    ]
    found = fitted(rows)
    print(json.dumps(found, indent=2))
    write_rule(found, arguments.version)


def write_rule(found: Mapping[str, Any], version: str) -> None:
    """Put rule and limit into the default judgement and into the installed record."""
    usual = json.loads(DEFAULT_FILE.read_text(encoding="utf-8"))
    write_json(DEFAULT_FILE, with_rule(usual, found))
    path = find_weights(DEFAULT_WEIGHTS).folder / RECORD_FILE
    record = json.loads(path.read_text(encoding="utf-8"))
    record["schema"], record["version"] = WEIGHTS_SCHEMA, version
    record["judgement"] = with_rule(record["judgement"], found)
    record["calibration"]["motion"] = {
        "exams": [
            _range("moving", MOVING, 1),
            *(_range("still", one.cohort, one.version) for one in STILL),
        ],
        **{name: found[name] for name in ("moved", "still", "moved_found", "still_called_moved")},
    }
    write_json(path, record)
    print(f"SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}")


def _range(patients: str, cohort: Cohort, version: int) -> dict[str, Any]:
    return {
        "patients": patients,
        "preset": cohort.preset,
        "version": version,
        "first": cohort.first_seed,
        "count": cohort.count,
    }


def with_rule(judgement: dict[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """A judgement with this rule and limit in the place of those of before."""
    others = [one for one in judgement["limits"] if one["measure"] != Measure.MOTION.key]
    limit = {
        "measure": Measure.MOTION.key,
        "lowest": None,
        "highest": found["highest"],
        "reason": REASON,
    }
    rule = {name: found[name] for name in ("intercept", "coefficients")}
    return {**judgement, "limits": [*others, limit], "motion": rule}


def moving_case(cohorts: Path, seed: int) -> dict[str, Any]:
    """Features of the exam of a patient who moves."""
    exam = read_compact_exam(moving_exam_at(cohorts, MOVING.preset, seed))
    return {"distance_mm": words_of_course(exam)["distance_mm"], **features_of(exam)}


def still_case(cohorts: Path, still: StillExams, seed: int) -> dict[str, Any]:
    """Features of an exam as it is drawn."""
    path = still_exam_at(cohorts, still.folder, still.cohort.preset, seed, still.version)
    exam = read_compact_exam(path)
    return {"distance_mm": float(exam.strata["moved_mm"]), **features_of(exam)}


def features_of(exam: StoredExam) -> dict[str, Any]:
    """Features at the found pose, whether it is good, and whether another limit stops it."""
    installed, cascade = load_cascade(DEFAULT_WEIGHTS)
    scaled, judgement = scaled_for_network(exam.volume), installed.judgement
    found = cascade.find(scaled)
    extent, bounds = extent_of(found), bounds_of(found.spread, installed.bound_laws)
    measures = network_measures(cascade, scaled, found, extent, bounds, judgement.motion)
    others = [limit for limit in judgement.limits if limit.measure is not Measure.MOTION]
    edges = wall_edges(smoothed(scaled), found.pose, extent)
    noise = measures.get(Measure.RELATIVE_NOISE, np.nan)
    errors = pose_errors(found.pose, exam.pose)
    return {
        "features": motion_features(float(found.spread[2]), found.presence, noise, edges),
        "is_good": errors.long_axis_deg <= FAILURE_DEG and errors.center_mm <= FAILURE_MM,
        "is_stopped": bool(judge(measures, others, many_near=None).reasons),
    }


def fitted(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rule, limit and what they do on the exams that they were fitted on."""
    told = [
        row
        for row in rows
        if not row["is_stopped"]
        and (row["distance_mm"] >= MOVED_MM or (row["distance_mm"] < STILL_MM and row["is_good"]))
    ]
    moved = np.array([row["distance_mm"] >= MOVED_MM for row in told])
    values = np.array([[row["features"][name] for name in MOTION_FEATURES] for row in told])
    intercept, coefficients = logistic(values, moved)
    rule = MotionRule(
        round(intercept, 2),
        {name: round(each, 2) for name, each in zip(MOTION_FEATURES, coefficients, strict=True)},
    )
    odds = np.array([rule.log_odds(row["features"]) for row in told])
    good = odds[~moved]
    # Conformal; rounded, since 0.99 x 100 is a little more than 99 in binary.
    rank = int(np.ceil(round(PASSED * (len(good) + 1), 9)))
    limit = float(np.ceil(10 * np.sort(good)[min(rank, len(good)) - 1]) / 10)
    return {
        "moved": int(moved.sum()),
        "still": int((~moved).sum()),
        "intercept": rule.intercept,
        "coefficients": dict(rule.coefficients),
        "highest": limit,
        "moved_found": round(float((odds[moved] > limit).mean()), 3),
        "still_called_moved": round(float((good > limit).mean()), 3),
    }


def logistic(values: FloatArray, moved: np.ndarray) -> tuple[float, list[float]]:
    """Intercept and coefficients of a ridge logistic regression, by Newton's method.

    Both groups weigh the same, so that the odds are those of even chances.
    """
    mean, spread = values.mean(axis=0), values.std(axis=0)
    design = np.column_stack([np.ones(len(values)), (values - mean) / spread])
    weight = np.where(moved, 0.5 / moved.mean(), 0.5 / (1 - moved.mean()))
    penalty = RIDGE * np.diag([0.0] + [1.0] * values.shape[1])
    found = np.zeros(design.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-design @ found))
        slope = design.T @ (weight * (moved - chance)) - penalty @ found
        curvature = (design * (weight * chance * (1 - chance))[:, None]).T @ design + penalty
        found = found + np.linalg.solve(curvature, slope)
    coefficients = found[1:] / spread
    return float(found[0] - coefficients @ mean), coefficients.tolist()


def _seeds(cohort: Cohort) -> range:
    return range(cohort.first_seed, cohort.first_seed + cohort.count)


if __name__ == "__main__":
    main()
