r"""The six parameters of the paper, and the pose they stand for.

Zhu et al. (arXiv 2208.03752) name three translations ``x_m, y_m, z_m`` and three angles
``alpha, beta, theta`` without defining axes or signs. Here they are

``c = (x_m, y_m, z_m) + geometric centre of the input volume`` (LPS mm) and

``R = Rz(theta) @ Rx(alpha) @ Ry(beta) @ R0``,

the order of ITK's ``Euler3DTransform``. The columns of ``R0`` are ``(1, 0, 0)``,
``(0, 0, -1)``, ``(0, 1, 0)``: a heart whose long axis points straight anterior.
So ``theta`` is the azimuth (positive: apex to the patient's left), ``alpha`` the elevation
(positive: apex caudal) and ``beta`` the roll about the long axis.

Derivation of the inverse. ``E = R @ R0.T = Rz(theta) Rx(alpha) Ry(beta)`` written out has
``E[2, 1] = sin(alpha)``, ``E[0, 1] = -sin(theta) cos(alpha)``,
``E[1, 1] = cos(theta) cos(alpha)``, ``E[2, 0] = -cos(alpha) sin(beta)`` and
``E[2, 2] = cos(alpha) cos(beta)``, so each angle is an arctangent. At ``alpha = +-90``
only ``theta +- beta`` is defined (gimbal lock); ``beta = 0`` is chosen there.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose

__all__ = [
    "PoseParameters",
    "angles_from_rotation",
    "has_conventional_roll",
    "parameters_from_pose",
    "pose_from_parameters",
    "rotation_from_angles",
    "with_conventional_roll",
    "with_roll_of",
]

PATIENT_FROM_CARDIAC_AT_ZERO: FloatArray = np.array(
    [(1, 0, 0), (0, 0, 1), (0, -1, 0)], dtype=np.float64
)
"""``R0``: columns x_c = left, y_c = caudal, z_c = posterior (apex straight anterior)."""

GIMBAL_COSINE = 1e-9
"""Below this ``cos(alpha)`` azimuth and roll turn about the same line."""

ROLL_ROUNDING_DEG = 1e-3
"""Rolls of written poses are rounded; nobody sees one that is smaller than this."""


@dataclass(frozen=True)
class PoseParameters:
    """Translations in mm (LPS, from the volume's geometric centre), angles in degrees."""

    x_m: float
    y_m: float
    z_m: float
    alpha: float
    beta: float
    theta: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = float(getattr(self, field.name))
            if not np.isfinite(value):
                raise GeometryError(
                    f"parameter {field.name} is not finite", expected="a number", found=str(value)
                )
            object.__setattr__(self, field.name, value)


def rotation_from_angles(alpha_deg: float, beta_deg: float, theta_deg: float) -> FloatArray:
    """``R = Rz(theta) Rx(alpha) Ry(beta) R0`` from degrees; shape (3, 3).

    Examples
    --------
    An apex that points 45 degrees to the left and 20 degrees down:

    >>> R = rotation_from_angles(alpha_deg=20, beta_deg=0, theta_deg=45)
    >>> apex, lateral, inferior = -R[:, 2], R[:, 0], R[:, 1]
    >>> apex.round(2).tolist()
    [0.66, -0.66, -0.34]
    >>> lateral.round(2).tolist()
    [0.71, 0.71, 0.0]
    >>> inferior.round(2).tolist()
    [-0.24, 0.24, -0.94]
    """
    alpha, beta, theta = np.deg2rad([alpha_deg, beta_deg, theta_deg])
    about_x = np.array(
        [(1, 0, 0), (0, np.cos(alpha), -np.sin(alpha)), (0, np.sin(alpha), np.cos(alpha))]
    )
    about_y = np.array(
        [(np.cos(beta), 0, np.sin(beta)), (0, 1, 0), (-np.sin(beta), 0, np.cos(beta))]
    )
    about_z = np.array(
        [(np.cos(theta), -np.sin(theta), 0), (np.sin(theta), np.cos(theta), 0), (0, 0, 1)]
    )
    rotation: FloatArray = about_z @ about_x @ about_y @ PATIENT_FROM_CARDIAC_AT_ZERO
    return rotation


def angles_from_rotation(rotation: FloatArray) -> tuple[float, float, float]:
    """``(alpha, beta, theta)`` in degrees; the inverse of `rotation_from_angles`.

    alpha is in [-90, 90], beta and theta in (-180, 180].
    """
    euler = rotation @ PATIENT_FROM_CARDIAC_AT_ZERO.T
    cosine = float(np.hypot(euler[0, 1], euler[1, 1]))
    alpha = np.arctan2(euler[2, 1], cosine)
    if cosine > GIMBAL_COSINE:
        theta = np.arctan2(-euler[0, 1], euler[1, 1])
        beta = np.arctan2(-euler[2, 0], euler[2, 2])
    else:
        theta = np.arctan2(euler[1, 0], euler[0, 0])
        beta = 0.0
    return float(np.rad2deg(alpha)), float(np.rad2deg(beta)), float(np.rad2deg(theta))


def pose_from_parameters(parameters: PoseParameters, volume_center_mm: ArrayLike) -> RigidPose:
    """Pose from the six parameters and the geometric centre (LPS mm) of the input volume."""
    offset = np.array([parameters.x_m, parameters.y_m, parameters.z_m])
    rotation = rotation_from_angles(parameters.alpha, parameters.beta, parameters.theta)
    return RigidPose(rotation, offset + np.asarray(volume_center_mm, dtype=np.float64))


def parameters_from_pose(pose: RigidPose, volume_center_mm: ArrayLike) -> PoseParameters:
    """Six parameters of a pose, for the geometric centre (LPS mm) of the input volume."""
    x_m, y_m, z_m = pose.center_mm - np.asarray(volume_center_mm, dtype=np.float64)
    alpha, beta, theta = angles_from_rotation(pose.patient_from_cardiac)
    return PoseParameters(x_m, y_m, z_m, alpha, beta, theta)


def has_conventional_roll(pose: RigidPose) -> bool:
    """Whether ``beta = 0`` up to rounding: what `with_conventional_roll` gives.

    Examples
    --------
    >>> has_conventional_roll(RigidPose(rotation_from_angles(20, 0, 45), (0, 0, 0)))
    True
    >>> has_conventional_roll(RigidPose(rotation_from_angles(20, 1, 45), (0, 0, 0)))
    False
    """
    return abs(angles_from_rotation(pose.patient_from_cardiac)[1]) < ROLL_ROUNDING_DEG


def with_roll_of(pose: RigidPose, other: RigidPose) -> RigidPose:
    """The same centre and long axis, turned about it as near to another pose as can be.

    Examples
    --------
    >>> import numpy as np
    >>> turned = RigidPose([[0, -1, 0], [1, 0, 0], [0, 0, 1]], (1, 2, 3))
    >>> with_roll_of(RigidPose(np.eye(3), (4, 5, 6)), turned).patient_from_cardiac.round(6).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    between = pose.patient_from_cardiac.T @ other.patient_from_cardiac
    # The twist about z of any rotation, as in its quaternion: 4 w z over 2 (w^2 - z^2).
    roll = np.arctan2(between[1, 0] - between[0, 1], between[0, 0] + between[1, 1])
    cos, sin = np.cos(roll), np.sin(roll)
    turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    return RigidPose(pose.patient_from_cardiac @ turn, pose.center_mm)


def with_conventional_roll(pose: RigidPose) -> RigidPose:
    """The same centre and long axis with ``beta = 0``.

    This is what reslicing by two angles in sequence gives in clinics: the anterior
    direction lies in the plane of the long axis and the superior direction.
    """
    alpha, _, theta = angles_from_rotation(pose.patient_from_cardiac)
    return RigidPose(rotation_from_angles(alpha, 0.0, theta), pose.center_mm)
