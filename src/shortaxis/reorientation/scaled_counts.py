"""Counts divided by their maximum: what every estimator starts from."""

from __future__ import annotations

import numpy as np

from shortaxis.errors import HeartNotFoundError
from shortaxis.spect.volume import SpectVolume

__all__ = ["scaled_to_one"]


def scaled_to_one(volume: SpectVolume) -> SpectVolume:
    """Counts divided by their maximum, so that no unit of counts can overflow.

    Raises
    ------
    HeartNotFoundError
        If there are no positive counts.
    """
    highest = float(volume.counts.max())
    if highest <= 0:
        raise HeartNotFoundError(
            "nothing here can be a left ventricle",
            expected="positive counts",
            found=f"no counts above {highest:g}",
            cause="the volume is empty",
        )
    counts = (volume.counts / np.float64(highest)).astype(np.float32)
    return SpectVolume(counts, volume.patient_from_index)
