"""Filtered backprojection for parallel holes.

    f = sum over views of weight * (projection * ramp) drawn back along its lines

The ramp is the one of Kak and Slaney (Principles of Computerized Tomographic Imaging, 1988, eq.
61), made in space and not in frequency: sampling ``|f|`` itself loses the mean. A view weighs as
much of the half turn as lies nearest to it, opposite views taken together: pi over views for
regular ones, over 180 as over 360 degrees, and more beside a missing one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import fft

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.reconstruction.projector import Projector

__all__ = ["backprojected", "view_weights"]

WIDEST_GAP_DEG = 25.0
"""Between lines of neighbouring views; a wider one is a missing part of the half turn."""

SAME_DEG = 0.01


def backprojected(
    projector: Projector, rays: CountsArray, angles_deg: Sequence[float]
) -> CountsArray:
    """Columns: counts a voxel gives to one view, negative beside hot objects.

    Raises
    ------
    OptionError
        If the views leave out a part of the half turn.
    """
    views, slices = len(angles_deg), rays.shape[1]
    sinograms = rays.reshape(views, -1, slices)
    bins = sinograms.shape[1]
    size = 2 * bins
    spectrum = fft.rfft(sinograms, n=size, axis=1) * _ramp(size)[None, :, None]
    filtered = fft.irfft(spectrum, n=size, axis=1)[:, :bins]
    weighted = filtered * view_weights(angles_deg)[:, None, None]
    return projector.adjoint(weighted.reshape(-1, slices).astype(np.float32), range(views))


def view_weights(angles_deg: Sequence[float]) -> FloatArray:
    """Part of the half turn, in radians, that each view stands for; they sum to pi."""
    lines = np.mod(np.round(np.asarray(angles_deg, dtype=np.float64) / SAME_DEG), 180 / SAME_DEG)
    known, which, times = np.unique(lines, return_inverse=True, return_counts=True)
    gaps = np.diff(np.append(known, known[0] + 180 / SAME_DEG)) * SAME_DEG
    if gaps.max() > WIDEST_GAP_DEG:
        raise OptionError(
            "filtered backprojection needs a half or a whole turn",
            expected=f"views at most {WIDEST_GAP_DEG:g} degrees apart over 180 degrees",
            found=f"a gap of {gaps.max():.0f} degrees",
            cause="missing views, or a short arc",
            way_on="reconstruct by osem",
        )
    around = np.radians(gaps + np.roll(gaps, 1)) / 2
    return np.asarray((around / times)[which])


def _ramp(size: int) -> CountsArray:
    """Gain at the frequencies of ``rfft``, for samples one pixel apart."""
    lag = fft.fftfreq(size, 1 / size)
    kernel = np.zeros(size)
    odd = lag % 2 == 1
    kernel[odd] = -1 / (np.pi * lag[odd]) ** 2
    kernel[0] = 0.25
    return np.asarray(fft.rfft(kernel).real, dtype=np.float32)
