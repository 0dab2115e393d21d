"""One resampling from one grid to any other.

Counts are interpolated once, from the original voxels, however many rotations lie
between the grids: the affines are multiplied first.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.affines import invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.trilinear import Beyond, places_of_grid

__all__ = ["INTERPOLATION_ORDERS", "resample"]

INTERPOLATION_ORDERS: dict[str, Literal[1, 3]] = {"linear": 1, "cubic": 3}
"""Spline order of each named interpolation."""

VOXELS_AT_ONCE = 1 << 15
"""So many places and their parts stay in the processor's cache."""


def resample(
    counts: CountsArray,
    patient_from_index: FloatArray,
    grid: Grid,
    interpolation: str = "linear",
    beyond: Beyond = "zero",
) -> CountsArray:
    """Sample `counts` at the voxel centres of `grid`.

    Parameters
    ----------
    counts : (slice, row, column) float32 array
        The original counts.
    patient_from_index : (4, 4) array
        Where their voxels lie, LPS mm.
    grid : Grid
        Where to sample.
    interpolation : {"linear", "cubic"}
        Trilinear, or cubic B-spline (which passes through the samples and may overshoot,
        so it can give small negative counts beside a sharp edge).
    beyond : {"zero", "nearest"}
        Counts beyond the centres of the outermost voxels: none, or those of the nearest one.

    Returns
    -------
    (slice, row, column) float32 array of ``grid.shape``
        Sampled counts.

    Raises
    ------
    OptionError
        For any other interpolation.
    """
    if interpolation not in INTERPOLATION_ORDERS:
        raise OptionError(
            "unknown interpolation", expected=" or ".join(INTERPOLATION_ORDERS), found=interpolation
        )
    index_from_index = invert_affine(patient_from_index) @ grid.patient_from_index
    known = np.asarray(counts, dtype=np.float32)
    if interpolation == "linear":
        return _by_lines(known, index_from_index, grid.shape, beyond)
    return _by_splines(known, index_from_index, grid.shape, beyond)


def _by_lines(
    counts: CountsArray, index_from_grid: FloatArray, shape: tuple[int, int, int], beyond: Beyond
) -> CountsArray:
    """A few slices at a time."""
    sampled = np.empty(shape, dtype=np.float32)
    at_once = max(VOXELS_AT_ONCE // (shape[1] * shape[2]), 1)
    for first in range(0, shape[0], at_once):
        slab = sampled[first : first + at_once]
        slab_shape = (len(slab), *shape[1:])
        slab[:] = places_of_grid(counts.shape, index_from_grid, slab_shape, beyond, first).counts(
            counts
        )
    return sampled


def _by_splines(
    counts: CountsArray, index_from_grid: FloatArray, shape: tuple[int, int, int], beyond: Beyond
) -> CountsArray:
    # Nothing else in most commands needs this library.
    from scipy import ndimage

    sampled: CountsArray = ndimage.affine_transform(
        counts,
        index_from_grid[:3, :3],
        offset=index_from_grid[:3, 3],
        output_shape=shape,
        order=3,
        mode="constant" if beyond == "zero" else "nearest",
        cval=0.0,
        output=np.float32,
    )
    return sampled
