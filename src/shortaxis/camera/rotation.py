"""Turning the patient in front of the camera, and projecting along straight lines.

The camera sees a view ``a`` from ``p = (sin a, cos a)`` in ``(x, y)``, LPS, because angle 0 is
the patient's back (+y) and 90 the patient's left (+x). Facing the patient from there with the
head up, the right hand points to ``u = (-cos a, sin a)``: this is the direction of the bins. So in
the anterior view (180) bins grow towards the patient's left, and in the left lateral view (90)
towards the back, as a person in the camera's place would see it. Depth grows away from the
detector. ``(bin, depth) = (x . u, -x . p)`` has determinant +1: nothing is mirrored.

A voxel is a square of even activity. Its counts go to the turned pixels that it overlaps, in
proportion to the area. Squares tile the plane before and after, so counts are conserved and
an even field stays even, which bilinear interpolation only does on average.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from shortaxis.camera.operators import LinearOperator
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.geometry.arrays import FloatArray

__all__ = ["ParallelProjection", "Rotation", "overlap_matrix"]

SparseMatrix: TypeAlias = Any
"""A scipy CSR array; its stubs do not know the element types that are used here."""

LINES = 8
"""Lines across a pixel along which overlaps are integrated; an even field is even to 0.5 %."""

NEIGHBOURS = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), axis=-1).reshape(-1, 2)
"""(bin, depth) around the nearest pixel: two unit squares farther than 1.21 apart never meet."""

KEPT_MATRICES = 64
"""Views kept in memory, 0.6 MB each at 64 x 64 pixels and 1.1 MB at 86 x 86: a usual orbit, which
serves many exams; exams of any pixel size must not add up to a gigabyte."""


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
        self._matrices = [_rotation_pair(pixels, angle, dtype) for angle in self.angles_deg]

    def subset(self, views: Sequence[int]) -> Rotation:
        """The same for some of the views."""
        return Rotation(self.grid, [self.angles_deg[view] for view in views], self.dtype)

    def turn(self, columns: Tensor, view: int) -> Tensor:
        """One view: from ``(row * column, slice)`` to ``(depth, bin, slice)``."""
        turned = torch.from_numpy(self._matrices[view][0] @ columns.numpy())
        return turned.view(self.out_shape[1:])

    def turn_back(self, turned: Tensor, view: int) -> Tensor:
        """Transpose of `turn`."""
        flat = turned.reshape(-1, self.grid.slices).numpy()
        return torch.from_numpy(self._matrices[view][1] @ flat)

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
        self._forward = sparse.vstack(
            [_ray_matrix(grid.pixels, angle, dtype) for angle in self.angles_deg], format="csr"
        )
        self._backward = self._forward.T.tocsr()

    def subset(self, views: Sequence[int]) -> ParallelProjection:
        """The same for some of the views."""
        return ParallelProjection(self.grid, [self.angles_deg[view] for view in views], self.dtype)

    def _apply(self, x: Tensor) -> Tensor:
        columns = x.reshape(self.grid.slices, -1).T.contiguous()
        rays = torch.from_numpy(self._forward @ columns.numpy())
        return rays.view(len(self.angles_deg), self.grid.pixels, -1).transpose(1, 2).contiguous()

    def _adjoint(self, y: Tensor) -> Tensor:
        rays = y.transpose(1, 2).reshape(-1, self.grid.slices)
        columns = torch.from_numpy(self._backward @ rays.numpy())
        return columns.T.contiguous().view(self.grid.shape)


def overlap_matrix(pixels: int, angle_deg: float) -> SparseMatrix:
    """Area that each turned pixel shares with each pixel; CSR, ``(depth * bin, row * column)``.

    Columns of pixels that stay inside sum to 1 exactly: every line across a pixel is cut by
    the turned grid into parts that make up the whole line.
    """
    cosine, sine = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
    along_column, along_row = np.array([-cosine, -sine]), np.array([sine, -cosine])
    middle = (pixels - 1) / 2
    row, column = np.divmod(np.arange(pixels**2), pixels)
    centers = (column - middle)[:, None] * along_column + (row - middle)[:, None] * along_row
    centers += middle
    targets = np.rint(centers).astype(int)[:, None] + NEIGHBOURS
    areas = _shared_areas(centers[:, None] - targets, along_column, along_row)
    inside = ((targets >= 0) & (targets < pixels)).all(axis=-1) & (areas > np.finfo(float).eps)
    source = np.broadcast_to(np.arange(pixels**2)[:, None], areas.shape)[inside]
    target = targets[inside][:, 1] * pixels + targets[inside][:, 0]
    shape = (pixels**2, pixels**2)
    return sparse.coo_array((areas[inside], (target, source)), shape=shape).tocsr()


def _shared_areas(
    offsets: FloatArray, along_column: FloatArray, along_row: FloatArray
) -> FloatArray:
    """Area shared by a unit square and one turned square at ``(bin, depth)`` offsets from it."""
    # Parallel to an axis, a slope of 1e-9 moves the cut of a line far outside the square.
    slope = np.where(np.abs(along_column) < 1e-9, 1e-9, along_column)
    half_bin, half_depth = 0.5 / np.abs(slope)
    bins, depths = np.moveaxis(-offsets / slope, -1, 0)
    step_bin, step_depth = along_row / slope
    areas = np.zeros(bins.shape)
    for line in (np.arange(LINES) + 0.5) / LINES - 0.5:
        bin_cut, depth_cut = bins - line * step_bin, depths - line * step_depth
        start = np.maximum(np.maximum(bin_cut - half_bin, depth_cut - half_depth), -0.5)
        stop = np.minimum(np.minimum(bin_cut + half_bin, depth_cut + half_depth), 0.5)
        areas += np.maximum(stop - start, 0.0)
    return areas / LINES


@lru_cache(maxsize=KEPT_MATRICES)
def _rotation_pair(
    pixels: int, angle_deg: float, dtype: torch.dtype
) -> tuple[SparseMatrix, SparseMatrix]:
    """Matrix of one view and its transpose, both by rows."""
    matrix = overlap_matrix(pixels, angle_deg).astype(_numpy_type(dtype))
    return matrix, matrix.T.tocsr()


@lru_cache(maxsize=KEPT_MATRICES)
def _ray_matrix(pixels: int, angle_deg: float, dtype: torch.dtype) -> SparseMatrix:
    """Rotation summed over depth: ``(bin, row * column)``."""
    turned = _rotation_pair(pixels, angle_deg, dtype)[0].tocoo()
    entries = (turned.data, (turned.row % pixels, turned.col))
    return sparse.coo_array(entries, shape=(pixels, pixels**2)).tocsr()


def _numpy_type(dtype: torch.dtype) -> type[np.float32] | type[np.float64]:
    return np.float64 if dtype == torch.float64 else np.float32
