"""How far one pose is from another, in degrees and millimetres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose

__all__ = [
    "PoseErrors",
    "geodesic_angle_deg",
    "long_axis_angle_deg",
    "pose_errors",
    "roll_angle_deg",
    "signed_roll_deg",
]


@dataclass(frozen=True)
class PoseErrors:
    """Unsigned differences between two poses.

    `long_axis_deg` is the angle between the directed long axes (0-180: an exchanged apex
    and base gives 180), `roll_deg` the turn about the long axis that is left after the axes
    were laid on each other by the shortest way, `geodesic_deg` the angle of the whole
    rotation between them, `center_mm` the distance of the centres.
    """

    long_axis_deg: float
    roll_deg: float
    geodesic_deg: float
    center_mm: float


def pose_errors(estimate: RigidPose, truth: RigidPose) -> PoseErrors:
    """All four differences between two poses."""
    return PoseErrors(
        long_axis_deg=long_axis_angle_deg(estimate, truth),
        roll_deg=roll_angle_deg(estimate, truth),
        geodesic_deg=geodesic_angle_deg(estimate, truth),
        center_mm=float(np.linalg.norm(estimate.center_mm - truth.center_mm)),
    )


def long_axis_angle_deg(first: RigidPose, second: RigidPose) -> float:
    """Angle between the directed long axes, 0-180 degrees."""
    return _angle_between_deg(first.apex_direction, second.apex_direction)


def geodesic_angle_deg(first: RigidPose, second: RigidPose) -> float:
    """Angle of the rotation that takes one pose to the other, 0-180 degrees.

    ``|R1 - R2|`` (Frobenius) equals ``2 sqrt(2) sin(angle / 2)``, which stays exact near
    0 where the usual arccosine of the trace loses half the digits.
    """
    chord = np.linalg.norm(first.patient_from_cardiac - second.patient_from_cardiac)
    return float(np.rad2deg(2 * np.arcsin(np.clip(chord / (2 * np.sqrt(2)), 0.0, 1.0))))


def roll_angle_deg(first: RigidPose, second: RigidPose) -> float:
    """Twist about the long axis between two poses, 0-180 degrees.

    The long axis of `first` is laid on that of `second` by the smallest rotation; what
    is left is a turn about the common axis. Undefined, and 0, for opposite axes.
    """
    aligned = _smallest_rotation(
        first.patient_from_cardiac[:, 2], second.patient_from_cardiac[:, 2]
    )
    return _angle_between_deg(
        aligned @ first.patient_from_cardiac[:, 0], second.patient_from_cardiac[:, 0]
    )


def signed_roll_deg(estimate: RigidPose, truth: RigidPose) -> float:
    """Twist of an estimate about the true long axis, as `roll_angle_deg` but signed.

    Positive from the true ``x_c`` towards its ``y_c``; -180 to 180 degrees.
    """
    aligned = _smallest_rotation(
        estimate.patient_from_cardiac[:, 2], truth.patient_from_cardiac[:, 2]
    )
    x, y, _ = truth.patient_from_cardiac.T @ aligned @ estimate.patient_from_cardiac[:, 0]
    return float(np.rad2deg(np.arctan2(y, x)))


def _angle_between_deg(first: FloatArray, second: FloatArray) -> float:
    sine = np.linalg.norm(np.cross(first, second))
    return float(np.rad2deg(np.arctan2(sine, first @ second)))


def _smallest_rotation(source: FloatArray, target: FloatArray) -> FloatArray:
    """Rotation taking unit `source` to unit `target` (Rodrigues without the angle)."""
    cosine = float(source @ target)
    if cosine < -1 + 1e-12:
        return np.eye(3)
    x, y, z = np.cross(source, target)
    skew = np.array([(0, -z, y), (z, 0, -x), (-y, x, 0)])
    rotation: FloatArray = np.eye(3) + skew + skew @ skew / (1 + cosine)
    return rotation
