"""The blur of a collimator that grows with distance."""

from __future__ import annotations

import math
from collections import OrderedDict

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import special

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.reconstruction.camera_voxels import CameraVoxels
from shortaxis.reconstruction.collimators import Collimator

__all__ = ["CollimatorBlur", "gaussian_matrices"]

FWHM_PER_SIGMA = 2 * math.sqrt(2 * math.log(2))

RADIUS_STEP_MM = 2.0
"""Radii are rounded to this for the blur only: at most 1 mm, or 0.05 mm of FWHM, off."""

KEPT_BYTES = 100_000_000
"""Of matrices: those of 40 radii at 64 x 64 pixels, more than a contour has."""

MIN_SHARE = 1e-12
"""Of a blurred count; less is none: denormal numbers make every product many times slower."""


class CollimatorBlur:
    """Gaussian blur of each depth, then the sum over depth.

    Parameters
    ----------
    voxels : CameraVoxels
    collimator : Collimator
    energy_kev : float
        Of the photons.
    """

    def __init__(self, voxels: CameraVoxels, collimator: Collimator, energy_kev: float) -> None:
        self._voxels, self._collimator, self._energy_kev = voxels, collimator, energy_kev
        self._kept: OrderedDict[int, tuple[CountsArray, CountsArray]] = OrderedDict()

    def seen(self, turned: CountsArray, radius_mm: float) -> CountsArray:
        """From ``(depth, bin, slice)`` to ``(bin, slice)``; what leaves the detector is lost."""
        across, along = self._matrices(radius_mm)
        blurred = np.matmul(turned, along).reshape(-1, turned.shape[-1])
        return np.asarray(across @ blurred)

    def spread(self, counts: CountsArray, radius_mm: float) -> CountsArray:
        """Transpose of `seen`."""
        across, along = self._matrices(radius_mm)
        pixels = self._voxels.pixels
        return np.asarray(np.matmul((across.T @ counts).reshape(pixels, pixels, -1), along))

    def _matrices(self, radius_mm: float) -> tuple[CountsArray, CountsArray]:
        """Across bins, ``(bin, depth * bin)``, and along slices, ``(depth, slice, slice)``."""
        step = round(radius_mm / RADIUS_STEP_MM)
        if step not in self._kept:
            pair = self._made(step * RADIUS_STEP_MM)
            self._kept[step] = pair
            size = sum(part.nbytes for part in pair)
            while len(self._kept) > 1 and len(self._kept) * size > KEPT_BYTES:
                self._kept.popitem(last=False)
        return self._kept[step]

    def _made(self, radius_mm: float) -> tuple[CountsArray, CountsArray]:
        voxels = self._voxels
        depth = np.arange(voxels.pixels, dtype=np.float64) - (voxels.pixels - 1) / 2
        depth *= voxels.pixel_mm
        fwhm_mm = self._collimator.fwhm_mm(radius_mm + depth, self._energy_kev)
        sigma_mm = fwhm_mm / FWHM_PER_SIGMA
        across = gaussian_matrices(sigma_mm / voxels.pixel_mm, voxels.pixels)
        along = gaussian_matrices(sigma_mm / voxels.slice_mm, voxels.slices)
        summed = np.ascontiguousarray(across.transpose(1, 0, 2)).reshape(voxels.pixels, -1)
        return summed, along


def gaussian_matrices(sigma_pixels: FloatArray, size: int) -> CountsArray:
    """Blur matrices, symmetric, ``(len(sigma_pixels), size, size)`` float32.

    The Gaussian of a row of pixels, ``exp(-t) I_n(t)`` with ``t = sigma ** 2`` (Lindeberg, IEEE
    Trans Pattern Anal Mach Intell 1990;12:234): its sum is 1 and its variance ``t`` for any width.
    """
    kernels = special.ive(np.arange(size), np.square(sigma_pixels)[:, None])
    kernels = np.where(kernels < MIN_SHARE, 0.0, kernels).astype(np.float32)
    both_sides = np.concatenate([kernels[:, :0:-1], kernels], axis=1)
    return np.ascontiguousarray(sliding_window_view(both_sides, size, axis=1)[:, ::-1])
