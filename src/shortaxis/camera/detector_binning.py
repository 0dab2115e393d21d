"""From the grid that is projected to the bins of a detector.

A body is wider than a detector, and voxels can be finer than its bins: counts are added up in the
bins they fall into. A reconstruction with the very voxels and projector of the simulation is too
good (the inverse crime); finer voxels avoid it, at their price.
"""

from __future__ import annotations

import torch
from torch import Tensor

from shortaxis.camera.operators import LinearOperator
from shortaxis.camera.transaxial_grid import TransaxialGrid

__all__ = ["DetectorBinning", "rebin_projections"]


class DetectorBinning(LinearOperator):
    """Adds the counts of fine bins to the wider bins they lie in, in proportion to the overlap.

    Both grids have the axis of rotation and the middle slice at the same place. Counts are
    conserved where the detector covers the fine grid. In and out: ``(angular_view, slice, bin)``.
    """

    def __init__(
        self,
        fine: TransaxialGrid,
        detector: TransaxialGrid,
        angular_views: int,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(
            fine.projection_shape(angular_views), detector.projection_shape(angular_views), dtype
        )
        bins = (fine.pixels, fine.pixel_mm, detector.pixels, detector.pixel_mm)
        slices = (fine.slices, fine.slice_mm, detector.slices, detector.slice_mm)
        self._across = _shares(*bins).to(dtype)
        self._along = _shares(*slices).to(dtype)

    def _apply(self, x: Tensor) -> Tensor:
        return self._along @ x @ self._across.T

    def _adjoint(self, y: Tensor) -> Tensor:
        return self._along.T @ y @ self._across


def rebin_projections(
    projections: Tensor, fine: TransaxialGrid, detector: TransaxialGrid
) -> Tensor:
    """Counts of fine bins in the detector's bins; ``(angular_view, slice, bin)``."""
    return DetectorBinning(fine, detector, len(projections), projections.dtype).apply(projections)


def _shares(fine_size: int, fine_mm: float, size: int, wide_mm: float) -> Tensor:
    """Share of each fine sample that lies in each wide one, ``(size, fine_size)``."""
    fine = (torch.arange(fine_size + 1, dtype=torch.float64) - fine_size / 2) * fine_mm
    wide = (torch.arange(size + 1, dtype=torch.float64) - size / 2) * wide_mm
    stop = torch.minimum(wide[1:, None], fine[None, 1:])
    start = torch.maximum(wide[:-1, None], fine[None, :-1])
    return (stop - start).clamp(min=0) / fine_mm
