"""Smoothing by a Gaussian along each index of a volume, as products of matrices."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.arrays import CountsArray, FloatArray

__all__ = ["gaussian_smoothed"]

Edge = Literal["zero", "mirror"]
"""What lies beyond the outermost voxels: nothing, or the volume mirrored at their faces."""


def gaussian_smoothed(
    counts: CountsArray, sigma: FloatArray, edge: Edge, truncate: float
) -> CountsArray:
    """Counts ``(slice, row, column)`` smoothed by a Gaussian that is cut off.

    Parameters
    ----------
    counts : (slice, row, column) float32 array
        They stay as they are.
    sigma : (3,) array
        Standard deviations, in voxels along each index.
    edge : {"zero", "mirror"}
        What lies beyond the outermost voxels.
    truncate : float
        Where the Gaussian ends, in standard deviations.
    """
    slices, rows, columns = counts.shape
    down, across, along = (
        _smoothing_matrix(size, float(width), edge, truncate)
        for size, width in zip(counts.shape, sigma, strict=True)
    )
    smooth = counts.reshape(-1, columns) @ along.T
    smooth = across @ smooth.reshape(slices, rows, columns)
    smooth = down @ smooth.reshape(slices, -1)
    result: CountsArray = smooth.reshape(counts.shape)
    return result


def _smoothing_matrix(size: int, sigma: float, edge: Edge, truncate: float) -> NDArray[np.float32]:
    """What every voxel of a line gets ``(voxel, of voxel)``."""
    reach = int(truncate * sigma + 0.5)
    if reach == 0:
        return np.eye(size, dtype=np.float32)
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    weights /= weights.sum()
    sources = np.arange(size)[:, None] + offsets
    matrix = np.zeros((size, size))
    if edge == "mirror":
        folded = sources % (2 * size)
        sources = np.minimum(folded, 2 * size - 1 - folded)
        inside = np.ones(sources.shape, dtype=bool)
    else:
        inside = (sources >= 0) & (sources < size)
    places = np.broadcast_to(np.arange(size)[:, None], sources.shape)
    np.add.at(
        matrix, (places[inside], sources[inside]), np.broadcast_to(weights, sources.shape)[inside]
    )
    return matrix.astype(np.float32)
