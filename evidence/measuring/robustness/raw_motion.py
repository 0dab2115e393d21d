"""How often motion is found in raw views, and what its correction gives back to the pose.

``python -m evidence run raw_motion -- [--count N] [--cohorts FOLDER]`` simulates each patient
twice: still, and moving by one to three pixels: once, there and back, or in a creep along the body.
Motion is looked for in both; views of the moving one are reconstructed as they are and corrected,
by the preset ``standard``, and the pose is estimated. Who moves at once takes the attenuation
along; a creep is the heart's alone. A failure is accepted by motion if the pose of the still
patient is none, that of the moving one is, and neither motion nor anything else flags it. Limits
were chosen on exams of other seeds (6,500,000 on). A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats

from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_seeds
from evidence.registry.result import Cohort
from shortaxis.errors import HeartNotFoundError
from shortaxis.evaluation.scores.exam_score import FAILURE_DEG, FAILURE_MM
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

COHORT = Cohort("parallel", 8_900_000, 400)
PIXELS = (1.0, 3.0)
"""How far patients move, in pixels of the views."""

KINDS = {"jump": 0.5, "there and back": 0.25, "creep": 0.25}
ALONG_PART = 0.6
"""Of those who move at once: along the body; the others across it, in any direction."""

STREAM = 97
CONFIDENCE = 0.9

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COHORT.count)
    add_cohorts(parser)
    arguments = parser.parse_args()
    seeds = range(COHORT.first_seed, COHORT.first_seed + arguments.count)
    rows = measured_seeds("raw_motion", arguments.cohorts, seeds, measured)
    moving = [row["moving"] for row in rows]
    values = {
        "exams": len(rows),
        "false_alarms": share([row["still"]["is_motion"] for row in rows]),
        "found": share([row["is_motion"] for row in moving]),
        "kinds": {
            kind: share([row["is_motion"] for row in moving if row["kind"] == kind])
            for kind in KINDS
        },
        "cannot_tell": sum(bool(row["cannot_tell"]) for row in moving),
        "remains": share([row["remains"] for row in moving]),
        "accepted_failures": sum(accepts_failure(row) for row in rows),
        "errors": {
            "still": errors_of([row["still"]["errors"] for row in rows]),
            "moving": errors_of([row["errors"] for row in moving]),
            "corrected": errors_of([row["corrected"]["errors"] for row in moving]),
        },
    }
    store_result("raw_motion", values, COHORT.first_seed)


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
    scenario = sample_scenario(COHORT.preset, seed)
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


def accepts_failure(row: Row) -> bool:
    """Whether motion alone makes a failure of which nothing warns, before or after correction."""
    if is_failure(row["still"]):
        return False
    moving = row["moving"]
    unseen = moving["is_accepted"] and not moving["is_motion"] and is_failure(moving)
    corrected = moving["corrected"]
    return bool(unseen or (corrected["is_accepted"] and is_failure(corrected)))


def is_failure(seen: Row) -> bool:
    """Whether a pose is of no use."""
    errors = seen["errors"]
    return errors is None or errors[0] > FAILURE_DEG or errors[1] > FAILURE_MM


def share(told: Sequence[bool]) -> Row:
    """How many, of how many, with an interval of 90 %."""
    count, total = sum(told), len(told)
    if not total:
        return {"count": 0, "of": 0, "interval": [0.0, 1.0]}
    low, high = stats.binomtest(count, total).proportion_ci(CONFIDENCE)
    return {"count": count, "of": total, "interval": [round(float(low), 4), round(float(high), 4)]}


def errors_of(rows: Sequence[list[float] | None]) -> Row:
    """Median and 95th percentile of axis and centre; hearts that were not found."""
    found = np.array([row for row in rows if row is not None]).reshape(-1, 2)
    middle, tail = np.median(found, axis=0), np.percentile(found, 95, axis=0)
    return {
        "long_axis_deg": [round(float(each), 2) for each in (middle[0], tail[0])],
        "center_mm": [round(float(each), 2) for each in (middle[1], tail[1])],
        "not_found": len(rows) - len(found),
    }


if __name__ == "__main__":
    main()
