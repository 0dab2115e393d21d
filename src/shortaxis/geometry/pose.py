"""The rigid pose of the left ventricle: proper rotations only.

``patient = R @ cardiac + c``: the columns of ``R`` are the cardiac axes in LPS,
``x_c`` septum to lateral wall, ``y_c`` anterior to inferior wall, ``z_c`` apex to base,
and ``c`` is the centre of the left ventricle. ``det R = +1`` always: a pose with
``det R = -1`` would show a mirrored heart, with septum and lateral wall exchanged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shortaxis.errors import GeometryError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray

__all__ = ["RigidPose", "compose", "invert"]

ORTHONORMAL_TOLERANCE = 1e-3
"""Largest entry of ``R.T @ R - I`` put down to rounding: four decimals in a text file."""

FLOAT_ROUNDING = 1e-12
"""Smaller departures are rounding of float64: such a matrix is kept to the last digit, so that a
pose that is written and read again stays the same."""


@dataclass(frozen=True, eq=False)
class RigidPose:
    """A rotation and a centre, valid once constructed.

    Parameters
    ----------
    patient_from_cardiac : (3, 3) array-like
        Proper rotation; its columns are x_c, y_c, z_c in LPS. Rounding errors up to
        1e-3 are removed: the stored matrix is the nearest rotation.
    center_mm : (3,) array-like
        Centre of the left ventricle, LPS mm.

    Raises
    ------
    GeometryError
        If the matrix is not a rotation, or is mirrored, or anything is not finite.

    Examples
    --------
    >>> RigidPose(np.diag([1.0, 1.0, -1.0]), (0, 0, 0))
    Traceback (most recent call last):
      ...
    shortaxis.errors.GeometryError: the rotation is mirrored.
      expected: determinant +1
      found: determinant -1
      likely cause: one axis is reversed, or a left-handed frame was used
    """

    patient_from_cardiac: FloatArray
    center_mm: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "patient_from_cardiac", _proper_rotation(self.patient_from_cardiac)
        )
        object.__setattr__(self, "center_mm", _finite_point(self.center_mm))

    @classmethod
    def from_matrix(cls, matrix: ArrayLike) -> RigidPose:
        """Pose from a rigid 4x4 matrix that takes cardiac to patient coordinates."""
        rigid = np.asarray(matrix, dtype=np.float64)
        if rigid.shape != (4, 4) or not np.allclose(rigid[3], (0, 0, 0, 1)):
            raise GeometryError(
                "not a rigid matrix",
                expected="4x4 with last row 0 0 0 1",
                found=str(rigid.tolist()),
            )
        return cls(rigid[:3, :3], rigid[:3, 3])

    @property
    def matrix(self) -> FloatArray:
        """The pose as a 4x4 matrix from cardiac to patient coordinates."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.patient_from_cardiac
        matrix[:3, 3] = self.center_mm
        return matrix

    @property
    def apex_direction(self) -> FloatArray:
        """Unit vector from base to apex, LPS."""
        direction: FloatArray = -self.patient_from_cardiac[:, 2]
        return direction

    def to_patient(self, cardiac_points: ArrayLike) -> FloatArray:
        """Cardiac coordinates ``(..., 3)`` mm to LPS mm."""
        return apply_affine(self.matrix, cardiac_points)

    def to_cardiac(self, patient_points: ArrayLike) -> FloatArray:
        """LPS mm ``(..., 3)`` to cardiac coordinates mm."""
        return apply_affine(invert(self).matrix, patient_points)


def compose(outer: RigidPose, inner: RigidPose) -> RigidPose:
    """Apply `inner` first, then `outer`: the pose of ``outer.matrix @ inner.matrix``.

    ``compose(motion, pose)`` is the pose of a heart that was moved by `motion` in
    patient coordinates.
    """
    return RigidPose.from_matrix(outer.matrix @ inner.matrix)


def invert(pose: RigidPose) -> RigidPose:
    """Return the inverse motion: with ``p = R q + c``, ``q = R.T p - R.T c``."""
    inverse_rotation = pose.patient_from_cardiac.T
    return RigidPose(inverse_rotation, -inverse_rotation @ pose.center_mm)


def _proper_rotation(rotation: ArrayLike) -> FloatArray:
    matrix = np.array(rotation, dtype=np.float64)
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
        raise GeometryError(
            "not a rotation", expected="3x3 finite numbers", found=f"shape {matrix.shape}"
        )
    departure = float(np.abs(matrix.T @ matrix - np.eye(3)).max())
    if departure > ORTHONORMAL_TOLERANCE:
        raise GeometryError(
            "not a rotation",
            expected="columns of length 1 at right angles",
            found=f"R.T @ R differs from the identity by {departure:.3g}",
            cause="the axes were scaled, sheared or mistyped",
        )
    if np.linalg.det(matrix) < 0:
        raise GeometryError(
            "the rotation is mirrored",
            expected="determinant +1",
            found="determinant -1",
            cause="one axis is reversed, or a left-handed frame was used",
        )
    nearest: FloatArray = matrix
    if departure > FLOAT_ROUNDING:
        # Polar decomposition: the rotation nearest to the rounded matrix.
        left, _, right = np.linalg.svd(matrix)
        nearest = left @ right
    nearest.flags.writeable = False
    return nearest


def _finite_point(point: ArrayLike) -> FloatArray:
    center = np.array(point, dtype=np.float64)
    if center.shape != (3,) or not np.isfinite(center).all():
        raise GeometryError(
            "not a point", expected="three finite numbers in mm", found=f"{center.tolist()}"
        )
    center.flags.writeable = False
    return center
