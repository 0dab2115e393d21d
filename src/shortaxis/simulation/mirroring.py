"""Exams of patients that are mirrored: by a header that lies, or by nature.

A volume may be stored mirrored along any of the patient's axes. Mirrored from left to right it is
also that of a patient whose organs lie the other way round (situs inversus). No proper pose
describes a heart that is mirrored an odd number of times; the pose that is stored then has its axis
and its anterior and inferior walls right, and septum and lateral wall exchanged.
"""

from __future__ import annotations

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.pose import RigidPose

__all__ = ["MIRRORS", "mirrored_counts", "mirrored_pose", "require_mirror"]

MIRRORS = ("x", "y", "z", "xy", "xz", "yz", "xyz")
"""Axes of LPS along which a volume is reversed: x left-right, y front-back, z head-feet."""

AXIS_OF = {"x": -1, "y": -2, "z": -3}
"""Axis of ``(..., slice, row, column)`` for each axis of the patient."""


def require_mirror(mirror: str) -> None:
    """Raise `OptionError` unless it is one of `MIRRORS`, or empty for none."""
    if mirror not in ("", *MIRRORS):
        raise OptionError("unknown mirror", expected=", ".join(MIRRORS), found=repr(mirror))


def mirrored_counts(counts: CountsArray, mirror: str) -> CountsArray:
    """Reverse ``(..., slice, row, column)`` counts along axes of the patient."""
    return np.ascontiguousarray(np.flip(counts, tuple(AXIS_OF[axis] for axis in mirror)))


def mirrored_pose(pose: RigidPose, mirror: str, middle_mm: np.ndarray) -> RigidPose:
    """The pose in a volume that is reversed about a point, LPS mm."""
    signs = np.array([-1.0 if axis in mirror else 1.0 for axis in "xyz"])
    rotation = signs[:, None] * pose.patient_from_cardiac
    if signs.prod() < 0:
        rotation = rotation * np.array([-1.0, 1.0, 1.0])
    return RigidPose(rotation, middle_mm + signs * (pose.center_mm - middle_mm))
