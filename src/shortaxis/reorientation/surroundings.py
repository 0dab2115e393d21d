"""What lies around the heart, as a check of the volume's orientation.

Liver, stomach and gut lie below the heart and lungs above it, so there are more counts below.
A volume whose slices were stacked the wrong way round shows a heart that looks like any other,
with anterior and inferior walls exchanged, and this is the only thing in it that tells.
"""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

__all__ = ["counts_above_part"]

HALF_WIDTH_MM = 70.0
"""To the right, left, front and back of the heart's centre."""

NEAREST_MM, FARTHEST_MM = 50.0, 80.0
"""Heights above and below the centre: beyond the largest heart, before most fields of view end."""

STEP_MM = 10.0

MIN_SEEN = 0.3
"""Part of each of the two regions that must be in the field of view."""


def counts_above_part(volume: SpectVolume, pose: RigidPose) -> float | None:
    """Mean counts above the heart, as a part of those above and below it together.

    Returns
    -------
    float or None
        0-1; None where the field of view ends too near. Four real studies have 0.36 to 0.38 and
        drawn hearts less; read upside down they have what is left to 1.
    """
    above = _mean_seen(volume, pose.center_mm, 1.0)
    below = _mean_seen(volume, pose.center_mm, -1.0)
    if above is None or below is None or above + below <= 0:
        return None
    return above / (above + below)


def _mean_seen(volume: SpectVolume, center_mm: FloatArray, side: float) -> float | None:
    across = np.arange(-HALF_WIDTH_MM, HALF_WIDTH_MM + 1, STEP_MM)
    heights = side * np.arange(NEAREST_MM, FARTHEST_MM + 1, STEP_MM)
    offsets = np.stack(np.meshgrid(across, across, heights, indexing="ij"), axis=-1).reshape(-1, 3)
    index_from_patient = invert_affine(volume.patient_from_index)
    indices = np.round(apply_affine(index_from_patient, center_mm + offsets)).astype(int)
    inside = ((indices >= 0) & (indices < volume.shape)).all(axis=1)
    counts = volume.counts[tuple(indices[inside].T)]
    # Outside a round field of view counts are exactly zero.
    seen = counts[counts > 0]
    if seen.size < MIN_SEEN * len(offsets):
        return None
    return float(seen.mean(dtype=np.float64))
