"""Truths, estimates and small cohorts made by hand for the tests of the evaluation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from drawn_heart import draw_study
from shortaxis._version import __version__
from shortaxis.evaluation.cohorts.exam_truth import ExamTruth
from shortaxis.evaluation.scores.exam_estimate import Absence, ExamEstimate
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import PoseEstimate, Quality
from shortaxis.reorientation.pose_record import record_from_estimate
from shortaxis.simulation.cohort_folder import COHORT_FILE, COHORT_SCHEMA
from shortaxis.simulation.cohort_request import CohortRequest
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.exam_files import write_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.spect.volume import SpectVolume

STRATA: dict[str, str | float | bool] = {
    "camera": "Philips CardioMD",
    "technique": "PARALLEL_HOLES",
    "tracer": "TC99M_SESTAMIBI",
    "correction": "none",
    "defect_part": 0.0,
    "hot_organ": False,
    "small_heart": False,
    "low_counts": False,
    "extreme_pose": False,
    "truncated": False,
    "moved_mm": 0.0,
}

CENTER_MM = (10.0, -20.0, 30.0)


def truth_of(seed: int, pose: RigidPose | None = None, **strata: Any) -> ExamTruth:
    """A usual heart, another one for each seed."""
    rng = np.random.default_rng(seed)
    theta, alpha, beta = rng.normal((40, 20, 0), 8)
    x, y, z = rng.normal(0, 20, 3)
    drawn = pose_from_parameters(PoseParameters(x, y, z, alpha, beta, theta), CENTER_MM)
    return ExamTruth(seed, pose or drawn, np.array(CENTER_MM), {**STRATA, **strata})


def off_by(
    pose: RigidPose, *, axis_deg: float = 0, roll_deg: float = 0, center_mm: float = 0
) -> RigidPose:
    """The pose tilted about its own x_c, turned about its long axis, and shifted."""
    turn = Rotation.from_euler("ZX", [roll_deg, axis_deg], degrees=True).as_matrix()
    return RigidPose(pose.patient_from_cardiac @ turn, pose.center_mm + np.array([center_mm, 0, 0]))


def estimate_of(
    truth: ExamTruth,
    *,
    reasons: Sequence[str] = (),
    knows_roll: bool = True,
    uncertainty: Any = None,
    **errors: float,
) -> ExamEstimate:
    """An estimate that is off by known errors."""
    given = {} if uncertainty is None else {"uncertainty": uncertainty}
    estimate = PoseEstimate(
        off_by(truth.pose, **errors),
        "test",
        quality=Quality(tuple(reasons)),
        knows_roll=knows_roll,
        **given,
    )
    return ExamEstimate(truth.exam_seed, estimate)


def not_found(truth: ExamTruth) -> ExamEstimate:
    return ExamEstimate(truth.exam_seed, absence=Absence.NOT_FOUND)


def write_cohort(folder: Path, count: int, form: str = "compact", empty: int | None = None) -> Path:
    """Drawn hearts with the scenarios of ``paper``; exam number `empty` shows no heart."""
    request = CohortRequest("paper", count, 100, form)
    for number, seed in enumerate(request.seeds):
        scenario = sample_scenario("paper", seed)
        grid, pose = scenario.field_of_view.grid, scenario.phantom.pose
        volume = draw_study(grid, pose)
        if number == empty:
            flat = np.random.default_rng(seed).poisson(3, grid.shape)
            volume = SpectVolume(flat, grid.patient_from_index)
        strata = {**STRATA, "small_heart": seed % 2 == 0}
        write_exam(SimulatedExam(scenario, volume, None, pose, strata), folder, form)
    write_note(folder, request)
    return folder


def write_note(folder: Path, request: CohortRequest) -> None:
    note = {"schema": COHORT_SCHEMA, **asdict(request), "software_version": __version__}
    (folder / COHORT_FILE).write_text(json.dumps(note), encoding="utf-8")


def write_pose(path: Path, pose: RigidPose, **changes: object) -> None:
    """A pose file as another program could have written it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    record = record_from_estimate(PoseEstimate(pose, "somebody's"), (0, 0, 0), "1.2.3")
    path.write_text(json.dumps(record | changes))
