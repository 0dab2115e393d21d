"""One resampling from one grid to any other.

Counts are interpolated once, from the original voxels, however many rotations lie
between the grids: the affines are multiplied first.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import ndimage

from shortaxis.errors import OptionError
from shortaxis.geometry.affines import invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid

__all__ = ["INTERPOLATION_ORDERS", "resample"]

INTERPOLATION_ORDERS: dict[str, Literal[1, 3]] = {"linear": 1, "cubic": 3}
"""Spline order of each named interpolation."""


def resample(
    counts: CountsArray,
    patient_from_index: FloatArray,
    grid: Grid,
    interpolation: str = "linear",
    beyond: Literal["zero", "nearest"] = "zero",
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
    sampled: CountsArray = ndimage.affine_transform(
        np.asarray(counts, dtype=np.float32),
        index_from_index[:3, :3],
        offset=index_from_index[:3, 3],
        output_shape=grid.shape,
        order=INTERPOLATION_ORDERS[interpolation],
        mode="constant" if beyond == "zero" else "nearest",
        cval=0.0,
        output=np.float32,
    )
    return sampled
