"""``consistency.json``: how far the poses of a moved input lie apart, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from shortaxis._version import __version__
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.consistency import Answer, Answers
from shortaxis.reorientation.moved_volumes import INTERPOLATION
from shortaxis.workflow.consistency.measuring import Consistency
from shortaxis.workflow.consistency.options import MAX_SHIFT_MM, MAX_TURN_DEG
from shortaxis.workflow.studies.record import NOTICE, source_values

__all__ = ["CONSISTENCY_SCHEMA", "TURN_GROUPS_DEG", "build_consistency_record"]

CONSISTENCY_SCHEMA = "shortaxis/consistency/1"

TURN_GROUPS_DEG = {"all": (0.0, MAX_TURN_DEG), "0-10": (0.0, 10.0), "10-25": (10.0, 25.0)}
"""Groups by the angle of the turn, degrees; the last bound belongs to the group."""


def build_consistency_record(consistency: Consistency, files: Sequence[str] = ()) -> dict[str, Any]:
    """Plain values: source, method, motions, and for both ways of moving the spread."""
    estimate, options = consistency.estimate, consistency.options
    return {
        "schema": CONSISTENCY_SCHEMA,
        "notice": NOTICE,
        "software": {"name": "shortaxis", "version": __version__},
        "source": source_values(consistency.study),
        "method": estimate.method,
        "weights": asdict(estimate.weights),
        "knows_roll": consistency.knows_roll,
        "motions": {
            "drawn": options.motions,
            "seed": options.seed,
            "largest_turn_deg": MAX_TURN_DEG,
            "largest_shift_mm": MAX_SHIFT_MM,
            "interpolation": INTERPOLATION,
        },
        "unmoved": {**_pose(consistency.unmoved_pose), **_quality(consistency)},
        "resampled": _way_of_moving(consistency, consistency.resampled),
        "affine_only": _way_of_moving(consistency, consistency.affine_only),
        "files": list(files),
    }


def _quality(consistency: Consistency) -> dict[str, Any]:
    quality = consistency.estimate.quality
    return {"flag": quality.flag.value, "reasons": list(quality.reasons)}


def _way_of_moving(consistency: Consistency, answers: Answers) -> dict[str, Any]:
    mean, unmoved = answers.mean, consistency.unmoved_pose
    known = consistency.knows_roll
    return {
        "used": len(answers.answers),
        "excluded": len(answers.excluded),
        "mean": None if mean is None else _pose(mean),
        "mean_from_unmoved": None if mean is None else _errors(mean, unmoved, known),
        "groups": {
            name: _group(_turned(answers, *bounds), mean, unmoved, known)
            for name, bounds in TURN_GROUPS_DEG.items()
        },
        "answers": [_answer(answer, mean, unmoved, known) for answer in answers.answers],
    }


def _turned(answers: Answers, lowest_deg: float, highest_deg: float) -> list[Answer]:
    """Answers to turns of more than the lowest angle (0 included) and up to the highest."""
    return [
        answer
        for answer in answers.answers
        if answer.motion.turn_deg <= highest_deg
        and (answer.motion.turn_deg > lowest_deg or lowest_deg == 0)
    ]


def _group(
    answers: list[Answer], mean: RigidPose | None, unmoved: RigidPose, knows_roll: bool
) -> dict[str, Any]:
    poses = [pose for answer in answers if (pose := answer.moved_back) is not None]
    return {
        "motions": len(answers),
        "not_found": len(answers) - len(poses),
        "flagged": sum(answer.is_flagged for answer in answers),
        "around_mean": None if mean is None else _spread(poses, mean, knows_roll),
        "from_unmoved": _spread(poses, unmoved, knows_roll),
    }


def _spread(
    poses: Sequence[RigidPose], center: RigidPose, knows_roll: bool
) -> dict[str, dict[str, float] | None] | None:
    """Percentiles of every error; None where there is no pose."""
    if not poses:
        return None
    rows = [_errors(pose, center, knows_roll) for pose in poses]
    return {name: _percentiles([row[name] for row in rows]) for name in rows[0]}


def _percentiles(values: Sequence[float | None]) -> dict[str, float] | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    median, p95, maximum = (float(each) for each in np.percentile(known, [50, 95, 100]))
    return {"median": median, "p95": p95, "maximum": maximum}


def _errors(pose: RigidPose, other: RigidPose, knows_roll: bool) -> dict[str, float | None]:
    values: dict[str, float | None] = asdict(pose_errors(pose, other))
    # A conventional roll says nothing about the heart.
    return values if knows_roll else {**values, "roll_deg": None}


def _answer(
    answer: Answer, mean: RigidPose | None, unmoved: RigidPose, knows_roll: bool
) -> dict[str, Any]:
    motion, pose, estimate = answer.motion, answer.moved_back, answer.estimate
    values: dict[str, Any] = {
        "axis": motion.axis.tolist(),
        "turn_deg": motion.turn_deg,
        "shift_mm": motion.shift_mm.tolist(),
        "found": pose is not None,
    }
    if pose is None or mean is None or estimate is None:
        return values
    return {
        **values,
        "flag": estimate.quality.flag.value,
        "reasons": list(estimate.quality.reasons),
        "moved_back": _pose(pose),
        "around_mean": _errors(pose, mean, knows_roll),
        "from_unmoved": _errors(pose, unmoved, knows_roll),
    }


def _pose(pose: RigidPose) -> dict[str, Any]:
    return {
        "center_mm": pose.center_mm.tolist(),
        "patient_from_cardiac": pose.patient_from_cardiac.tolist(),
    }
