"""The mean of poses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose

__all__ = ["mean_pose"]


def mean_pose(poses: Sequence[RigidPose]) -> RigidPose:
    """Chordal mean of the rotations and mean of the centres.

    The chordal mean is the rotation with the least sum of squared Frobenius distances
    ``|R - R_i|``. It is the rotation nearest to the arithmetic mean of the matrices, which its
    singular vectors give (Hartley et al. 2013, doi:10.1007/s11263-012-0601-0, section 5.3).

    Raises
    ------
    GeometryError
        If there is no pose.

    Examples
    --------
    Turned by 10 degrees to either side, a pose stays where it is in the mean:

    >>> from shortaxis.geometry.euler import rotation_from_angles
    >>> turned = [RigidPose(rotation_from_angles(0, 0, 45 + by), (by, 0, 0)) for by in (-10, 10)]
    >>> mean = mean_pose(turned)
    >>> bool(np.allclose(mean.patient_from_cardiac, rotation_from_angles(0, 0, 45)))
    True
    >>> mean.center_mm.tolist()
    [0.0, 0.0, 0.0]
    """
    if not poses:
        raise GeometryError("no poses to average", expected="at least one pose", found="none")
    total = np.sum([pose.patient_from_cardiac for pose in poses], axis=0)
    left, _, right = np.linalg.svd(total)
    # Without the last sign the nearest orthogonal matrix could be a mirrored one.
    proper = np.diag([1.0, 1.0, float(np.sign(np.linalg.det(left @ right)))])
    rotation: FloatArray = left @ proper @ right
    return RigidPose(rotation, np.mean([pose.center_mm for pose in poses], axis=0))
