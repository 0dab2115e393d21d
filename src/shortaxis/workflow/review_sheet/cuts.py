"""Counts of one plane through a volume, at once where the plane lies along the volume's axes."""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.affines import invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.spline_weights import spline_weights
from shortaxis.spect.volume import SpectVolume

__all__ = ["cut_of"]

ASKEW = 1e-3
"""Voxels that a plane may stray from the volume's axes over its whole width: nothing in counts."""


def cut_of(volume: SpectVolume, grid: Grid) -> CountsArray:
    """Counts ``(row, column)`` by cubic splines on a grid of one slice; beyond the field, anything.

    A source is nearly always stored along the patient's axes, as these planes are: then a plane
    is three products of matrices. Any other one is sampled point by point.
    """
    index_from_pixel = invert_affine(volume.patient_from_index) @ grid.patient_from_index
    rows_axis, columns_axis = _axes_of(index_from_pixel, grid.shape)
    if rows_axis == columns_axis:
        sampled: CountsArray = volume.resampled(grid, "cubic").counts[0]
        return sampled
    normal = 3 - rows_axis - columns_axis
    counts = np.moveaxis(volume.counts, (normal, rows_axis, columns_axis), (0, 1, 2))
    start = index_from_pixel[:3, 3]
    across = [
        spline_weights(counts.shape[place], start[axis] + step * np.arange(size))
        for place, axis, step, size in (
            (0, normal, 0.0, 1),
            (1, rows_axis, index_from_pixel[rows_axis, 1], grid.shape[1]),
            (2, columns_axis, index_from_pixel[columns_axis, 2], grid.shape[2]),
        )
    ]
    plane = np.tensordot(across[0][0], counts, axes=1)
    cut: CountsArray = (across[1] @ plane @ across[2].T).astype(np.float32)
    return cut


def _axes_of(index_from_pixel: FloatArray, shape: tuple[int, int, int]) -> tuple[int, int]:
    """Along which axis of the volume rows and columns of a plane run; the same one for neither."""
    reach = np.abs(index_from_pixel[:3, 1:3]) * shape[1:]
    rows_axis, columns_axis = (int(axis) for axis in reach.argmax(axis=0))
    reach[[rows_axis, columns_axis], [0, 1]] = 0
    return (0, 0) if reach.max() > ASKEW else (rows_axis, columns_axis)
