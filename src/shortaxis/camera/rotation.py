"""Turning the patient in front of the camera, and projecting along straight lines.

The camera sees a view ``a`` from ``p = (sin a, cos a)`` in ``(x, y)``, LPS, because angle 0 is
the patient's back (+y) and 90 the patient's left (+x). Facing the patient from there with the
head up, the right hand points to ``u = (-cos a, sin a)``: this is the direction of the bins. So in
the anterior view (180) bins grow towards the patient's left, and in the left lateral view (90)
towards the back, as a person in the camera's place would see it. Depth grows away from the
detector. ``(bin, depth) = (x . u, -x . p)`` has determinant +1: nothing is mirrored.

`shortaxis.camera.turned_pixels` says how the counts of a voxel are shared among turned ones.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Self

import torch
from scipy import sparse
from torch import Tensor

from shortaxis.camera.kept import Kept
from shortaxis.camera.operators import LinearOperator, numpy_type
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.camera.turned_pixels import SparseMatrix, shared_areas

__all__ = ["ParallelProjection", "Rotation"]

KEPT_BYTES = 48_000_000
"""Of matrices, which take 0.16 MB a view at 64 x 64 pixels and 0.5 MB at 114 x 114: the orbits that
a few body widths and the detector need, which serve many exams."""


class Rotation(LinearOperator):
    """A volume as each angular view faces it.

    In: ``(slice, row, column)``. Out: ``(angular_view, depth, bin, slice)``, depth 0 nearest to
    the detector; slices last, because they stay together all the way to the detector.
    """

    def __init__(
        self,
        grid: TransaxialGrid,
        angles_deg: Sequence[float],
        dtype: torch.dtype = torch.float32,
    ) -> None:
        pixels = grid.pixels
        shape = (len(angles_deg), pixels, pixels, grid.slices)
        super().__init__(grid.shape, shape, dtype)
        self.grid = grid
        self.angles_deg = tuple(angles_deg)
        # One matrix serves both ways: its transpose is a view of it, and sums in the same order.
        self._back = [_shares(pixels, angle, dtype) for angle in self.angles_deg]
        self._forward = [matrix.T for matrix in self._back]

    def subset(self, views: Sequence[int]) -> Self:
        """The same for some of the views, sharing memory."""
        part = copy.copy(self)
        part.out_shape = (len(views), *self.out_shape[1:])
        part.angles_deg = tuple(self.angles_deg[view] for view in views)
        part._back = [self._back[view] for view in views]
        part._forward = [self._forward[view] for view in views]
        return part

    def shares(self, view: int) -> SparseMatrix:
        """Where each pixel's counts go: CSR, ``(row * column, depth * bin)``."""
        return self._back[view]

    def turn(self, columns: Tensor, view: int) -> Tensor:
        """One view: from ``(row * column, slice)`` to ``(depth, bin, slice)``."""
        turned = torch.from_numpy(self._forward[view] @ columns.numpy())
        return turned.view(self.out_shape[1:])

    def turn_back(self, turned: Tensor, view: int) -> Tensor:
        """Transpose of `turn`."""
        flat = turned.reshape(-1, self.grid.slices).numpy()
        return torch.from_numpy(self._back[view] @ flat)

    def to_columns(self, volume: Tensor) -> Tensor:
        """``(slice, row, column)`` as ``(row * column, slice)``."""
        return volume.reshape(self.grid.slices, -1).T.contiguous()

    def from_columns(self, columns: Tensor) -> Tensor:
        """``(row * column, slice)`` as ``(slice, row, column)``."""
        return columns.T.contiguous().view(self.grid.shape)

    def _apply(self, x: Tensor) -> Tensor:
        columns = self.to_columns(x)
        return torch.stack([self.turn(columns, view) for view in range(len(self.angles_deg))])

    def _adjoint(self, y: Tensor) -> Tensor:
        columns = torch.zeros(self.grid.pixels**2, self.grid.slices, dtype=self.dtype)
        for view, turned in enumerate(y):
            columns += self.turn_back(turned, view)
        return self.from_columns(columns)


class ParallelProjection(LinearOperator):
    """Sums along straight lines, without attenuation or blur: one sparse matrix for all slices.

    In: ``(slice, row, column)``. Out: ``(angular_view, slice, bin)``, counts.
    """

    def __init__(
        self,
        grid: TransaxialGrid,
        angles_deg: Sequence[float],
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(grid.shape, grid.projection_shape(len(angles_deg)), dtype)
        self.grid = grid
        self.angles_deg = tuple(angles_deg)
        self._rays = [_ray_matrix(grid.pixels, angle, dtype) for angle in self.angles_deg]
        self._matrix = sparse.vstack(self._rays, format="csr")

    def subset(self, views: Sequence[int]) -> Self:
        """The same for some of the views, sharing memory."""
        part = copy.copy(self)
        part.out_shape = self.grid.projection_shape(len(views))
        part.angles_deg = tuple(self.angles_deg[view] for view in views)
        part._rays = [self._rays[view] for view in views]
        part._matrix = sparse.vstack(part._rays, format="csr")
        return part

    def _apply(self, x: Tensor) -> Tensor:
        columns = x.reshape(self.grid.slices, -1).T.contiguous()
        rays = torch.from_numpy(self._matrix @ columns.numpy())
        return rays.view(len(self.angles_deg), self.grid.pixels, -1).transpose(1, 2).contiguous()

    def _adjoint(self, y: Tensor) -> Tensor:
        rays = y.transpose(1, 2).reshape(-1, self.grid.slices)
        columns = torch.from_numpy(self._matrix.T @ rays.numpy())
        return columns.T.contiguous().view(self.grid.shape)


def _bytes_of(matrix: SparseMatrix) -> int:
    return int(matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes)


_KEPT_SHARES: Kept[SparseMatrix] = Kept(KEPT_BYTES, _bytes_of)
_KEPT_RAYS: Kept[SparseMatrix] = Kept(KEPT_BYTES, _bytes_of)


def _shares(pixels: int, angle_deg: float, dtype: torch.dtype) -> SparseMatrix:
    """Where each pixel's counts go in one view: CSR, ``(row * column, depth * bin)``."""
    return _KEPT_SHARES.get(
        (pixels, angle_deg, dtype),
        lambda: shared_areas(pixels, angle_deg).astype(numpy_type(dtype)),
    )


def _ray_matrix(pixels: int, angle_deg: float, dtype: torch.dtype) -> SparseMatrix:
    """Rotation summed over depth: ``(bin, row * column)``."""

    def summed() -> SparseMatrix:
        turned = _shares(pixels, angle_deg, dtype).T.tocsr().tocoo()
        entries = (turned.data, (turned.row % pixels, turned.col))
        return sparse.coo_array(entries, shape=(pixels, pixels**2)).tocsr()

    return _KEPT_RAYS.get((pixels, angle_deg, dtype), summed)
