"""Filtered back projection for parallel holes, 180 or 360 degrees.

    f = (pi / views) * sum over views of (projection * ramp) drawn back along its lines

The ramp is the one of Kak and Slaney (Principles of Computerized Tomographic Imaging, 1988, eq.
61), made in space and not in frequency: sampling ``|f|`` itself loses the mean. Over 360 degrees
each line is seen twice, and twice the views give the same factor.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from shortaxis.camera.filters import FrequencyWindow, check_cutoff
from shortaxis.camera.orbits import Orbit
from shortaxis.camera.rotation import ParallelProjection
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.errors import GeometryError, OptionError

__all__ = ["reconstruct_fbp"]


def reconstruct_fbp(
    projections: Tensor,
    grid: TransaxialGrid,
    orbit: Orbit,
    window: FrequencyWindow | None = None,
) -> Tensor:
    """Activity by filtered back projection, without any correction.

    Parameters
    ----------
    projections : (angular_view, slice, bin) tensor
        Counts.
    window : FrequencyWindow, optional
        Multiplied with the ramp, across bins only; filter the projections in both directions
        before (`filter_counts`) or the volume afterwards for a filter in 3D.

    Returns
    -------
    (slice, row, column) tensor
        Counts a voxel gives to one view; negative beside hot objects; zero outside the circle that
        every view sees.
    """
    if orbit.scan_arc_deg not in (180.0, 360.0):
        raise OptionError(
            "filtered back projection needs a half or a whole turn",
            expected="180 or 360 degrees",
            found=f"{orbit.scan_arc_deg:g}",
        )
    if tuple(projections.shape) != grid.projection_shape(orbit.angular_views):
        raise GeometryError(
            "projections do not fit the orbit",
            expected=f"shape {grid.projection_shape(orbit.angular_views)}",
            found=f"shape {tuple(projections.shape)}",
        )
    size = 2 * grid.pixels
    gain = _ramp(size)
    if window is not None:
        check_cutoff([grid.pixel_mm], window)
        gain = gain * window.gain(torch.fft.rfftfreq(size, grid.pixel_cm, dtype=torch.float64))
    spectrum = torch.fft.rfft(projections, n=size, dim=-1) * gain.to(projections.dtype)
    filtered = torch.fft.irfft(spectrum, n=size, dim=-1)[..., : grid.pixels]
    lines = ParallelProjection(grid, orbit.angles_deg, projections.dtype)
    activity = lines.adjoint(filtered) * (math.pi / orbit.angular_views)
    return activity * grid.inside_circle()


def _ramp(size: int) -> Tensor:
    """Gain at the frequencies of ``rfft``, for samples one pixel apart."""
    lag = torch.fft.fftfreq(size, 1 / size, dtype=torch.float64)
    kernel = torch.where(lag.remainder(2) == 1, -1 / (math.pi * lag) ** 2, 0)
    kernel[0] = 0.25
    gain: Tensor = torch.fft.rfft(kernel).real
    return gain
