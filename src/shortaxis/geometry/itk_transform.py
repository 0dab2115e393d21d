"""The pose as an ITK transform file (``.tfm``), which 3D Slicer opens.

ITK's resampling transform takes a point of the *output* to the point of the *input*
where its value is read. The output here is the cardiac frame, so the transform is
``patient = R @ cardiac + c``: put over the transaxial volume in 3D Slicer it turns the heart
upright (3D Slicer inverts a transform when it reads it, because it moves objects the other way).
Both sides are LPS mm, as ITK has it.
"""

from __future__ import annotations

import numpy as np

from shortaxis.errors import PoseFileError
from shortaxis.geometry.pose import RigidPose

__all__ = ["pose_from_itk_transform", "pose_to_itk_transform"]

_HEADER = "#Insight Transform File V1.0"
_TRANSFORM = "AffineTransform_double_3_3"


def pose_to_itk_transform(pose: RigidPose) -> str:
    """Text of an ITK transform file with ``p_patient = R p_cardiac + c``.

    The twelve parameters are the matrix by rows, then the translation, with the centre of
    rotation at the origin.
    """
    numbers = [*pose.patient_from_cardiac.ravel(), *pose.center_mm]
    parameters = " ".join(repr(float(number)) for number in numbers)
    return (
        f"{_HEADER}\n#Transform 0\nTransform: {_TRANSFORM}\n"
        f"Parameters: {parameters}\nFixedParameters: 0 0 0\n"
    )


def pose_from_itk_transform(text: str) -> RigidPose:
    """Pose from the text of such a file; the inverse of `pose_to_itk_transform`.

    Raises
    ------
    PoseFileError
        If it is not one affine transform about the origin.
    GeometryError
        If its matrix is not a proper rotation.
    """
    rows = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    try:
        numbers = np.array(rows["Parameters"].split(), dtype=np.float64)
        center = np.array(rows["FixedParameters"].split(), dtype=np.float64)
    except (KeyError, ValueError) as error:
        raise PoseFileError(
            "not an ITK transform file",
            expected="lines Parameters and FixedParameters",
            found=str(error),
        ) from error
    if rows.get("Transform", "").strip() != _TRANSFORM or numbers.size != 12 or center.any():
        raise PoseFileError(
            "not a transform of the expected kind",
            expected=f"one {_TRANSFORM} about the origin",
            found=rows.get("Transform", "no transform").strip(),
        )
    return RigidPose(numbers[:9].reshape(3, 3), numbers[9:])
