"""Whether a pose lies in the volume that it is used in."""

from __future__ import annotations

import numpy as np

from shortaxis.errors import PoseFileError
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

__all__ = ["reasons_of_the_field", "refuse_pose_outside"]

SHORTEST_MM = 60.0
"""Length of the shortest ventricle (FIELD prior)."""


def refuse_pose_outside(volume: SpectVolume, pose: RigidPose) -> None:
    """Refuse a pose whose centre lies outside the middles of the outermost voxels.

    Raises
    ------
    PoseFileError
        If it does.
    """
    index = apply_affine(invert_affine(volume.patient_from_index), pose.center_mm)
    last = np.array(volume.shape) - 1
    if (index < 0).any() or (index > last).any():
        raise PoseFileError(
            "does not fit the study",
            expected="a centre inside the volume",
            found=f"a centre {np.linalg.norm(pose.center_mm - volume.center_mm):.0f} mm "
            "from the middle of the volume",
            cause="the pose belongs to another study, or is not in LPS millimetres",
            way_on="give the pose of this study, or leave it out: it is estimated then",
        )


def reasons_of_the_field(volume: SpectVolume, pose: RigidPose) -> list[str]:
    """Why a pose in the volume asks for a look: an end of its long axis lies outside.

    The pose's centre is the middle of the axis, which is at least as long as in the smallest heart.
    """
    half_mm = pose.patient_from_cardiac[:, 2] * SHORTEST_MM / 2
    ends_mm = {"apex": pose.center_mm - half_mm, "base": pose.center_mm + half_mm}
    index_from_patient = invert_affine(volume.patient_from_index)
    last = np.array(volume.shape) - 0.5
    outside = []
    for name, end_mm in ends_mm.items():
        index = apply_affine(index_from_patient, end_mm)
        if (index < -0.5).any() or (index > last).any():
            outside.append(name)
    if not outside:
        return []
    return [f"the long axis leaves the field of view at the {' and the '.join(outside)}"]
