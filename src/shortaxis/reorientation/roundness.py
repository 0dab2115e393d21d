"""Whether the short axis is round, as it is where the voxel sizes are right.

A slice spacing that is wrong by half makes the ring of the wall an ellipse. A defect opens the
ring, and liver lies against it, so the ring is read robustly and only gross errors show.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

__all__ = ["short_axis_ratio"]

RADII_MM = np.arange(10.0, 55.0, 2.0)
HEIGHTS_MM = np.arange(-15.0, 16.0, 5.0)
"""Along the long axis: the middle of the ventricle."""

ANGLES = np.arange(24) * np.pi / 12

SEEN_LEVEL = 0.5
"""Of the highest peak: less is a defect or no wall."""

MIN_SEEN = 14
"""Directions, of 24, that show a wall; an ellipse and its centre have five unknowns."""

OUTLIER_MM = 3.0
PASSES = 3


def short_axis_ratio(volume: SpectVolume, pose: RigidPose) -> float | None:
    """Longest over shortest diameter of the ring of highest counts, at mid-ventricle.

    Returns
    -------
    float or None
        1 for a circle; None where too little of the ring is seen, or it is no ring.
    """
    radii_mm, levels = _ring(volume, pose)
    seen = levels > SEEN_LEVEL * levels.max()
    if levels.max() <= 0 or seen.sum() < MIN_SEEN:
        return None
    # A centre beside the axis is the first harmonic, an ellipse the second.
    waves = [f(n * ANGLES) for n in (1, 2) for f in (np.cos, np.sin)]
    terms = np.stack([np.ones_like(ANGLES), *waves], axis=1)
    weights = seen.astype(np.float64)
    for _ in range(PASSES):
        fitted = np.linalg.lstsq(terms * weights[:, None], radii_mm * weights, rcond=None)[0]
        weights = seen / (1 + ((radii_mm - terms @ fitted) / OUTLIER_MM) ** 2)
    mean, wave = fitted[0], float(np.hypot(fitted[3], fitted[4]))
    return float((mean + wave) / (mean - wave)) if mean > wave else None


def _ring(volume: SpectVolume, pose: RigidPose) -> tuple[FloatArray, FloatArray]:
    """Radius (mm) and level of the highest counts in every direction."""
    angle, radius, height = np.meshgrid(ANGLES, RADII_MM, HEIGHTS_MM, indexing="ij")
    cardiac = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=-1)
    positions = pose.to_patient(cardiac)
    indices = np.moveaxis(apply_affine(invert_affine(volume.patient_from_index), positions), -1, 0)
    profiles = ndimage.map_coordinates(volume.counts, indices, order=1).mean(axis=-1)
    return RADII_MM[np.argmax(profiles, axis=1)], profiles.max(axis=1).astype(np.float64)
