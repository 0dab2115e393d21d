"""A second left ventricle in the field of view: two patients, or an image that was doubled.

A heart is what the networks find, and of two they find one, without a doubt. So the one that was
found is taken out, and they look again.
"""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.network_cascade import UNSEEN_MM, Cascade, window_frames
from shortaxis.reorientation.network_grid import smoothed_for
from shortaxis.spect.volume import SpectVolume

__all__ = ["filled_around", "second_presence"]

HEART_RADIUS_MM, RIM_MM = 60.0, 12.0
"""Of the ball that is filled with the median of the counts around it."""

APART_MM = 75.0
"""What lies nearer is the rest of the first: two ventricles of 75 mm need as much."""

NEAR_MM, STILL_NEAR_MM = 40.0, 55.0
"""Where the localiser points so near to the first, or the refiner after it, the search ends: it is
led back to what is left of the first. Of 730 exams and altered exams that were searched to the end,
none that began so near ended apart with odds near the limit; flagged ones began 47 mm away or
more, and 71 mm after one refinement."""

NONE_ELSEWHERE = -10.0
"""Log odds where the networks look at nothing but the place of the first."""


def second_presence(cascade: Cascade, volume: SpectVolume, first: RigidPose) -> float:
    """Log odds that a left ventricle lies elsewhere than the one that was found.

    Parameters
    ----------
    cascade : Cascade
        The networks.
    volume : SpectVolume
        Counts, not negative.
    first : RigidPose
        Of the one that was found.
    """
    without = filled_around(volume, first)
    coarse = smoothed_for(without, cascade.localiser.grid.spacing_mm)
    windows = window_frames(without, cascade.localiser.grid, UNSEEN_MM)
    starts = [each.pose for each in cascade.localiser.estimate(coarse, windows)]
    if all(_apart_mm(start, first) < NEAR_MM for start in starts):
        return NONE_ELSEWHERE
    fine = smoothed_for(without, cascade.refiner.grid.spacing_mm)
    nearer = max(cascade.refiner.estimate(fine, starts), key=lambda each: each.presence)
    if _apart_mm(nearer.pose, first) < STILL_NEAR_MM:
        return NONE_ELSEWHERE
    second = cascade.refiner.estimate(fine, [nearer.pose])[0]
    return second.presence if _apart_mm(second.pose, first) >= APART_MM else NONE_ELSEWHERE


def _apart_mm(pose: RigidPose, other: RigidPose) -> float:
    return float(np.linalg.norm(pose.center_mm - other.center_mm))


def filled_around(volume: SpectVolume, pose: RigidPose) -> SpectVolume:
    """The volume with the median of the counts around a heart in its place."""
    reach_mm = HEART_RADIUS_MM + RIM_MM
    box = _box_around(volume, pose.center_mm, reach_mm)
    away_mm = _distances_mm(volume, pose.center_mm, box)
    near = volume.counts[box]
    inside = away_mm < HEART_RADIUS_MM
    around = near[~inside & (away_mm < reach_mm)]
    counts = volume.counts.copy()
    counts[box] = np.where(inside, np.median(around) if around.size else 0.0, near)
    counts.flags.writeable = False
    return SpectVolume(counts, volume.patient_from_index)


def _box_around(
    volume: SpectVolume, center_mm: FloatArray, reach_mm: float
) -> tuple[slice, slice, slice]:
    """Slices, rows and columns that hold every voxel within `reach_mm` of a point."""
    index_from_patient = invert_affine(volume.patient_from_index)
    middle = apply_affine(index_from_patient, center_mm)
    # How far an index goes in a ball: the length of its row of the inverse.
    reach = reach_mm * np.linalg.norm(index_from_patient[:3, :3], axis=1)
    first = np.clip(np.floor(middle - reach), 0, volume.shape).astype(int)
    last = np.clip(np.ceil(middle + reach) + 1, 0, volume.shape).astype(int)
    along_slices, along_rows, along_columns = map(slice, first.tolist(), last.tolist())
    return along_slices, along_rows, along_columns


def _distances_mm(
    volume: SpectVolume, center_mm: FloatArray, box: tuple[slice, slice, slice]
) -> FloatArray:
    """Of the voxels ``(slice, row, column)`` of a box from a point."""
    # Each index adds its own step: nothing is made for every voxel but their sum.
    steps = [
        np.arange(part.start, part.stop)[:, np.newaxis] * volume.patient_from_index[:3, axis]
        for axis, part in enumerate(box)
    ]
    start = steps[0] + (volume.patient_from_index[:3, 3] - center_mm)
    squares = sum(
        (start[:, np.newaxis, np.newaxis, xyz] + steps[1][:, np.newaxis, xyz] + steps[2][:, xyz])
        ** 2
        for xyz in range(3)
    )
    distances: FloatArray = np.sqrt(squares)
    return distances
