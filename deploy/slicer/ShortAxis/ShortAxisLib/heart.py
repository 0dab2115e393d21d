"""Volumes, poses and views between 3D Slicer and ShortAxis.

3D Slicer has RAS mm and indices ``(i, j, k)``, ShortAxis LPS mm and ``(slice, row, column)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from shortaxis import RigidPose, SpectVolume

__all__ = [
    "HALF_AXIS_MM",
    "VIEWS",
    "axis_ends_ras",
    "cardiac_from_ras",
    "pose_of_axis",
    "slice_to_ras",
    "volume_of",
]

RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])

HALF_AXIS_MM = 45.0
"""From the centre to either end of the line that is dragged: a long axis of 90 mm."""

VIEWS = {"Red": "short_axis", "Yellow": "vertical_long_axis", "Green": "horizontal_long_axis"}
"""Slice views of 3D Slicer's usual layout, and what they show."""


def volume_of(counts_kji: ArrayLike, ras_from_ijk: ArrayLike) -> SpectVolume:
    """Volume of ShortAxis from an array ``(k, j, i)`` and the affine of a volume node."""
    from shortaxis import SpectVolume

    lps_from_ijk = RAS_FROM_LPS @ np.asarray(ras_from_ijk, dtype=float)
    return SpectVolume(counts_kji, lps_from_ijk[:, [2, 1, 0, 3]])


def axis_ends_ras(pose: RigidPose) -> NDArray[np.float64]:
    """Apical and basal end of the dragged line, shape ``(2, 3)``, RAS mm."""
    ends = np.array([[0, 0, -HALF_AXIS_MM], [0, 0, HALF_AXIS_MM]])
    return pose.to_patient(ends) * [-1, -1, 1]


def pose_of_axis(ends_ras: ArrayLike) -> RigidPose:
    """Pose of a long axis from apex to base, ``(2, 3)`` RAS mm, with conventional roll.

    The centre is the middle of the line.

    Raises
    ------
    ValueError
        If the ends coincide.
    """
    from shortaxis import RigidPose, with_conventional_roll

    apex, base = np.asarray(ends_ras, dtype=float) * [-1, -1, 1]
    length_mm = np.linalg.norm(base - apex)
    if length_mm < 1:
        raise ValueError("apex and base are one point; drag them apart")
    long_axis = (base - apex) / length_mm
    across = np.cross(long_axis, np.eye(3)[np.argmin(np.abs(long_axis))])
    across /= np.linalg.norm(across)
    turned = np.column_stack([across, np.cross(long_axis, across), long_axis])
    return with_conventional_roll(RigidPose(turned, (apex + base) / 2))


def slice_to_ras(pose: RigidPose, view: str) -> NDArray[np.float64]:
    """Matrix of a slice node: its columns are right and up on the screen, towards us, the centre.

    `view` is one of the values of `VIEWS`.
    """
    from shortaxis import CardiacView

    axes = CardiacView(view).axes
    rotation = pose.patient_from_cardiac
    right, down = rotation @ axes.row, rotation @ axes.column
    matrix = np.eye(4)
    matrix[:3, :4] = np.column_stack([right, -down, np.cross(right, -down), pose.center_mm])
    return RAS_FROM_LPS @ matrix


def cardiac_from_ras(pose: RigidPose) -> NDArray[np.float64]:
    """Matrix of a transform node that brings the patient upright into the cardiac frame."""
    ras_from_cardiac = RAS_FROM_LPS @ pose.matrix @ RAS_FROM_LPS
    return np.linalg.inv(ras_from_cardiac)
