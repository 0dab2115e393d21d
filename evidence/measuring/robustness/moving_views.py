"""A simulated patient who lies still and one who moves: what their views say, and their poses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reconstruction.motion.correcting import corrected
from shortaxis.reconstruction.motion.course import MotionFound
from shortaxis.reconstruction.motion.finding import find_motion
from shortaxis.reconstruction.presets import PRESETS
from shortaxis.reconstruction.reconstructing import reconstruct
from shortaxis.reorientation.estimate import QualityFlag
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.simulation.acquisition import PatientMotion
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.motion_course import steps_of
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.projections import Projections

PRESET = "parallel"
PIXELS = (1.0, 3.0)
"""How far patients move, in pixels of the views."""

KINDS = {"jump": 0.5, "there and back": 0.25, "creep": 0.25}
ALONG_PART = 0.6
"""Of those who move at once: along the body; the others across it, in any direction."""

STREAM = 97

Row = dict[str, Any]


def measured(seed: int) -> Row:
    """What was found in a patient who lies still, and in the same one who moves."""
    scenario = still_scenario(seed)
    still = simulate(scenario)
    kind, course_mm = sample_course(scenario, max(views_of(still).pixel_mm))
    # Breathing lifts the heart through a body that stays; who turns or slides moves with it.
    moving = simulate(scenario, course_mm, moves_body=kind != "creep")
    views = views_of(moving)
    found = find_motion(views)
    put_right = corrected(views, found)
    return {
        "still": {
            **said(find_motion(views_of(still))),
            **pose_in(views_of(still), still.pose),
        },
        "moving": {
            "kind": kind,
            "range_mm": round(float(np.ptp(course_mm, axis=0).max()), 1),
            **said(found),
            "remains": find_motion(put_right).is_motion,
            **pose_in(views, moving.pose),
            "corrected": pose_in(put_right, moving.pose),
        },
    }


def views_of(exam: SimulatedExam) -> Projections:
    """What every camera of the preset stores."""
    if exam.projections is None:
        raise TypeError("an exam of parallel holes keeps its projections")
    return exam.projections


def still_scenario(seed: int) -> ExamScenario:
    """Without a motion of its own; its own reconstruction is not looked at, and is the fastest."""
    scenario = sample_scenario(PRESET, seed)
    return replace(
        scenario,
        acquisition=replace(scenario.acquisition, motion=PatientMotion()),
        reconstruction=replace(
            scenario.reconstruction,
            method="fbp",
            attenuation_corrected=False,
            scatter_corrected=False,
            resolution_modelled=False,
        ),
    )


def sample_course(scenario: ExamScenario, pixel_mm: float) -> tuple[str, FloatArray]:
    """Kind of motion, and where the patient lies at every step, ``(step, 3)`` LPS mm."""
    rng = np.random.default_rng([STREAM, scenario.exam_seed])
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    turn, far = rng.uniform(0, 2 * np.pi), rng.uniform(*PIXELS) * pixel_mm
    is_along = kind == "creep" or rng.random() < ALONG_PART
    direction = np.array([0, 0, rng.choice([-1.0, 1.0])])
    if not is_along:
        direction = np.array([np.cos(turn), np.sin(turn), 0])
    time = np.arange(steps_of(scenario.acquisition)) / steps_of(scenario.acquisition)
    start, last = rng.uniform(0.2, 0.6), rng.uniform(0.2, 0.35)
    part = {
        "jump": time >= start + last / 2,
        "there and back": (time >= start) & (time < start + last),
        "creep": time,
    }[kind]
    return kind, np.asarray(part, dtype=np.float64)[:, None] * direction * far


def said(found: MotionFound) -> Row:
    """What is said of the patient."""
    return {
        "is_motion": found.is_motion,
        "score": round(found.score, 2),
        "cannot_tell": found.cannot_tell,
    }


def pose_in(projections: Projections, pose: RigidPose) -> Row:
    """Errors of the long axis, degrees, and of the centre, mm, None without a heart; the flag."""
    volume = reconstruct(projections, PRESETS["standard"].settings).volume
    try:
        estimate, _ = measured_estimate(volume)
    except HeartNotFoundError:
        return {"errors": None, "is_accepted": False}
    off = pose_errors(estimate.pose, pose)
    found = [round(each, 2) for each in (off.long_axis_deg, off.center_mm)]
    return {"errors": found, "is_accepted": estimate.quality.flag is QualityFlag.ACCEPT}
