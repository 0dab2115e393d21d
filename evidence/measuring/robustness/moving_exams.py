"""Exams of patients who move, on disk: simulated where they are missing, and what was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evidence.measuring.robustness.calibration_exams import exam_at
from evidence.measuring.robustness.patient_courses import moving_exam, sample_course
from shortaxis.errors import HeartNotFoundError
from shortaxis.evaluation.scores.exam_score import FAILURE_DEG, FAILURE_MM
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.reorientation.quality import Measure
from shortaxis.simulation.exam_files import (
    CohortFormat,
    StoredExam,
    exam_path,
    read_compact_exam,
    write_exam,
)
from shortaxis.simulation.motion_course import steps_of

__all__ = ["NO_HEART", "found_in", "moving_exam_at", "still_exam_at", "words_of_course"]

FORMAT = CohortFormat.COMPACT

NO_HEART = "no heart"
"""Reason of an exam in which nothing was found: nobody accepts it."""


def moving_exam_at(cohorts: Path, preset: str, seed: int) -> Path:
    """An exam whose patient moves."""
    folder = cohorts / f"moving-{preset}"
    path = exam_path(folder, seed, FORMAT)
    if not path.exists():
        write_exam(moving_exam(preset, seed), folder, FORMAT)
    return path


def still_exam_at(cohorts: Path, folder: str, preset: str, seed: int, version: int = 1) -> Path:
    """An exam as a version of its preset draws it, in a folder of the cohorts."""
    return exam_at(cohorts / folder, preset, seed, version)


def words_of_course(exam: StoredExam) -> dict[str, Any]:
    """How the patient of an exam by `moving_exam` moves."""
    course = sample_course(exam.scenario.exam_seed, steps_of(exam.scenario.acquisition))
    return {
        "technique": exam.scenario.acquisition.technique,
        "kind": course.kind,
        "direction": course.direction,
        "distance_mm": round(course.distance_mm, 1),
    }


def found_in(path: Path) -> dict[str, Any]:
    """Errors and reasons of an exam's estimate, against its pose: the patient's mean place."""
    exam = read_compact_exam(path)
    try:
        estimate, measures = measured_estimate(exam.volume)
    except HeartNotFoundError:
        return {"reasons": [NO_HEART], "motion": None, "errors": None, "is_failure": True}
    errors = pose_errors(estimate.pose, exam.pose)
    return {
        "reasons": list(estimate.quality.reasons),
        "motion": round(measures[Measure.MOTION], 2),
        "errors": [round(each, 2) for each in (errors.long_axis_deg, errors.center_mm)],
        "is_failure": bool(errors.long_axis_deg > FAILURE_DEG or errors.center_mm > FAILURE_MM),
    }
