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
    counts = np.empty_like(volume.counts)
    # A slice at a time: in double precision all of them are large.
    for scaled, stored in zip(counts, volume.counts, strict=True):
        scaled[:] = stored / np.float64(highest)
    counts.flags.writeable = False
    return SpectVolume(counts, volume.patient_from_index)
