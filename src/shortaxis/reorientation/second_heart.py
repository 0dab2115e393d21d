"""A second left ventricle in the field of view: two patients, or an image that was doubled.

A heart is what the networks find, and of two they find one, without a doubt. So the one that was
found is taken out, and they look again.
"""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.network_cascade import UNSEEN_MM, Cascade, window_frames
from shortaxis.reorientation.network_grid import smoothed_for
from shortaxis.spect.volume import SpectVolume

__all__ = ["second_presence"]

HEART_RADIUS_MM, RIM_MM = 60.0, 12.0
"""Of the ball that is filled with the median of the counts around it."""

APART_MM = 75.0
"""What lies nearer is the rest of the first: two ventricles of 75 mm need as much."""

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
    without = _filled(volume, first)
    coarse = smoothed_for(without, cascade.localiser.grid.spacing_mm)
    fine = smoothed_for(without, cascade.refiner.grid.spacing_mm)
    windows = window_frames(without, cascade.localiser.grid, UNSEEN_MM)
    starts = [each.pose for each in cascade.localiser.estimate(coarse, windows)]
    nearer = max(cascade.refiner.estimate(fine, starts), key=lambda each: each.presence)
    second = cascade.refiner.estimate(fine, [nearer.pose])[0]
    apart_mm = float(np.linalg.norm(second.pose.center_mm - first.center_mm))
    return second.presence if apart_mm >= APART_MM else NONE_ELSEWHERE


def _filled(volume: SpectVolume, pose: RigidPose) -> SpectVolume:
    indices = np.moveaxis(np.indices(volume.shape), 0, -1)
    positions = apply_affine(volume.patient_from_index, indices)
    away_mm = np.linalg.norm(positions - pose.center_mm, axis=-1)
    inside = away_mm < HEART_RADIUS_MM
    around = volume.counts[~inside & (away_mm < HEART_RADIUS_MM + RIM_MM)]
    level = np.median(around) if around.size else 0.0
    return SpectVolume(np.where(inside, level, volume.counts), volume.patient_from_index)
