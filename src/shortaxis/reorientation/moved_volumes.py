"""A volume after a known motion of the patient, and whether the heart is still in it.

A motion can be made in two ways, which tell different things. *Resampled*: the counts are sampled
again on the grid of the input, as the camera would have stored them had the patient lain otherwise.
This interpolates, and what comes in from outside the input is zero, as outside a field of
view. *Affine only*: the same counts under a moved affine. Nothing is interpolated or cut, and heart
and voxels lie to each other as before. What an estimator does not follow then is of its own making:
a grid along the patient's axes that it samples for itself, or what it expects of hearts there.
"""

from __future__ import annotations

import numpy as np

from shortaxis.anatomy.heart_sizes import MAX_LENGTH_MM
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.motions import PatientMotion
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.geometry.resampling import resample
from shortaxis.spect.volume import SpectVolume

__all__ = [
    "HEART_HALF_LENGTH_MM",
    "HEART_RADIUS_MM",
    "INTERPOLATION",
    "heart_stays_inside",
    "with_moved_affine",
    "with_moved_counts",
]

INTERPOLATION = "cubic"
"""A cubic spline blurs least: linear interpolation alone would lower a wall two voxels thick."""

HEART_HALF_LENGTH_MM = MAX_LENGTH_MM / 2
"""Of the longest ventricle, from its centre along the long axis."""

HEART_RADIUS_MM = 45.0
"""Of the widest ventricle with its wall: 42 mm to the middle of the wall, blurred."""


def with_moved_counts(volume: SpectVolume, motion: PatientMotion) -> SpectVolume:
    """What would have been stored had the patient moved: the same grid, other counts.

    One interpolation (cubic spline); zero where the moved input does not reach. Counts that
    were never negative stay so, although a spline overshoots beside sharp edges.
    """
    moved_affine = motion.pose.matrix @ volume.patient_from_index
    counts = resample(volume.counts, moved_affine, volume.grid, INTERPOLATION)
    if volume.counts.min() >= 0:
        np.maximum(counts, 0, out=counts)
    return SpectVolume(counts, volume.patient_from_index)


def with_moved_affine(volume: SpectVolume, motion: PatientMotion) -> SpectVolume:
    """The same counts at moved places: exact, nothing interpolated, nothing cut."""
    return SpectVolume(volume.counts, motion.pose.matrix @ volume.patient_from_index)


def heart_stays_inside(grid: Grid, pose: RigidPose, motion: PatientMotion) -> bool:
    """Whether a ventricle of any size at `pose` lies within `grid` after the motion.

    The ventricle is an ellipsoid about the pose's centre, 60 mm to either end of the long axis
    and 45 mm across. In voxels it is ``c + A u`` with ``|u| <= 1``, which reaches
    ``|row k of A|`` to either side of ``c`` along index ``k``. A motion that takes it out of the
    grid cuts the heart: the fault of the motion, not of an estimator.
    """
    moved = compose(motion.pose, pose)
    index_from_patient = invert_affine(grid.patient_from_index)
    radii = np.array([HEART_RADIUS_MM, HEART_RADIUS_MM, HEART_HALF_LENGTH_MM])
    axes = index_from_patient[:3, :3] @ (moved.patient_from_cardiac * radii)
    reach = np.linalg.norm(axes, axis=1)
    center = apply_affine(index_from_patient, moved.center_mm)
    last = np.array(grid.shape) - 1
    return bool((center - reach >= 0).all() and (center + reach <= last).all())
