"""Counts of one volume at the voxels of another grid, without interpolation."""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.grids import Grid
from shortaxis.spect.volume import SpectVolume

__all__ = ["counts_on"]


def counts_on(grid: Grid, volume: SpectVolume) -> np.ndarray:
    """Counts of `volume` at the voxels of `grid`, which must be voxels of `volume` too.

    An oracle of geometry that does not interpolate: NaN where the grids do not meet.
    """
    indices = np.moveaxis(np.indices(grid.shape), 0, -1).reshape(-1, 3)
    points = indices @ grid.patient_from_index[:3, :3].T + grid.patient_from_index[:3, 3]
    linear, offset = volume.patient_from_index[:3, :3], volume.patient_from_index[:3, 3]
    found = np.linalg.solve(linear, (points - offset).T).T
    nearest = np.round(found).astype(int)
    meets = (np.abs(found - nearest) < 0.01).all(axis=1)
    meets &= ((nearest >= 0) & (nearest < volume.shape)).all(axis=1)
    counts = np.full(len(points), np.nan)
    counts[meets] = volume.counts[tuple(nearest[meets].T)]
    return counts.reshape(grid.shape)
