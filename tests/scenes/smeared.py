"""A volume as a still camera shows a patient who moved: the mean over the places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from shortaxis.spect.volume import SpectVolume

JUMP_MM = 38.0


def smeared(volume: SpectVolume, places_mm: Sequence[Sequence[float]]) -> SpectVolume:
    """Mean of the volume at these shifts, LPS mm."""
    index_from_mm = np.linalg.inv(volume.patient_from_index[:3, :3])
    moved = [
        ndimage.shift(volume.counts, index_from_mm @ np.array(place), order=1, mode="nearest")
        for place in places_mm
    ]
    return SpectVolume(np.mean(moved, axis=0), volume.patient_from_index)
