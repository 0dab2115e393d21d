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
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple, Self

import torch
from scipy import sparse
from torch import Tensor

from shortaxis.camera.kept import Kept
from shortaxis.camera.operators import ColumnOperator, LinearOperator, numpy_type
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
        self._known: list[_BothWays] | None = None

    def subset(self, views: Sequence[int]) -> Self:
        """The same for some of the views, sharing memory."""
        part = copy.copy(self)
        part.out_shape = (len(views), *self.out_shape[1:])
        part.angles_deg = tuple(self.angles_deg[view] for view in views)
        part._known = self._known and [self._known[view] for view in views]
        return part

    @property
    def _matrices(self) -> list[_BothWays]:
        """Of every view, looked up when the first is needed."""
        if self._known is None:
            pixels, dtype = self.grid.pixels, self.dtype
            self._known = [_shares(pixels, angle, dtype) for angle in self.angles_deg]
        return self._known

    def shares(self, view: int) -> SparseMatrix:
        """Where each pixel's counts go: CSR, ``(row * column, depth * bin)``."""
        return self._matrices[view].matrix

    def turn(self, columns: Tensor, view: int) -> Tensor:
        """One view: from ``(row * column, slice)`` to ``(depth, bin, slice)``."""
        turned = torch.from_numpy(self._matrices[view].transpose @ columns.numpy())
        return turned.view(self.out_shape[1:])

    def turn_back(self, turned: Tensor, view: int) -> Tensor:
        """Transpose of `turn`."""
        flat = turned.reshape(-1, self.grid.slices).numpy()
        return torch.from_numpy(self._matrices[view].matrix @ flat)

    def to_columns(self, volume: Tensor) -> Tensor:
        """``(slice, row, column)`` as ``(row * column, slice)``."""
        return _to_columns(volume)

    def from_columns(self, columns: Tensor) -> Tensor:
        """``(row * column, slice)`` as ``(slice, row, column)``."""
        return _from_columns(columns, self.grid)

    def _apply(self, x: Tensor) -> Tensor:
        columns = self.to_columns(x)
        return torch.stack([self.turn(columns, view) for view in range(len(self.angles_deg))])

    def _adjoint(self, y: Tensor) -> Tensor:
        columns = torch.zeros(self.grid.pixels**2, self.grid.slices, dtype=self.dtype)
        for view, turned in enumerate(y):
            columns += self.turn_back(turned, view)
        return self.from_columns(columns)


class ParallelProjection(ColumnOperator):
    """Sums along straight lines, without attenuation or blur: one sparse matrix for all slices.

    In: ``(slice, row, column)``. Out: ``(angular_view, slice, bin)``, counts. Its own order:
    ``(row * column, slice)`` and ``(angular_view * bin, slice)``.
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
        self._inside: Tensor | None = None

    @cached_property
    def _rays(self) -> _BothWays:
        return _ray_matrices(self.grid.pixels, self.angles_deg, self.dtype, self._inside)

    def subset(self, views: Sequence[int]) -> Self:
        """The same for some of the views, sharing memory."""
        return self._like(self.grid, [self.angles_deg[view] for view in views])

    def of_one_slice(self) -> Self:
        """The same for a single slice."""
        return self._like(replace(self.grid, slices=1), self.angles_deg)

    def within_circle(self) -> Self:
        """The same for voxels of the circle that every view sees; others are taken as empty."""
        part = self._like(self.grid, self.angles_deg)
        part._inside = self.grid.inside_circle().flatten().nonzero().flatten()
        return part

    def to_columns(self, volume: Tensor) -> Tensor:
        """``(slice, row, column)`` as ``(row * column, slice)``."""
        columns = _to_columns(volume)
        return columns if self._inside is None else columns[self._inside]

    def from_columns(self, columns: Tensor) -> Tensor:
        """``(row * column, slice)`` as ``(slice, row, column)``."""
        everywhere = columns
        if self._inside is not None:
            everywhere = columns.new_zeros(self.grid.pixels**2, columns.shape[1])
            everywhere[self._inside] = columns
        return _from_columns(everywhere, self.grid)

    def _like(self, grid: TransaxialGrid, angles_deg: Sequence[float]) -> Self:
        part = type(self)(grid, angles_deg, self.dtype)
        part._inside = self._inside
        return part

    def to_rays(self, projections: Tensor) -> Tensor:
        """``(angular_view, slice, bin)`` as ``(angular_view * bin, slice)``."""
        return projections.transpose(1, 2).reshape(-1, self.grid.slices)

    def from_rays(self, rays: Tensor) -> Tensor:
        """The inverse of `to_rays`."""
        apart = rays.view(len(self.angles_deg), self.grid.pixels, -1)
        return apart.transpose(1, 2).contiguous()

    def project(self, columns: Tensor) -> Tensor:
        """Sums of columns along the lines."""
        return torch.from_numpy(self._rays.matrix @ columns.numpy())

    def project_back(self, rays: Tensor) -> Tensor:
        """Transpose of `project`."""
        return torch.from_numpy(self._rays.transpose @ rays.numpy())


def _to_columns(volume: Tensor) -> Tensor:
    return volume.flatten(1).T.contiguous()


def _from_columns(columns: Tensor, grid: TransaxialGrid) -> Tensor:
    return columns.T.contiguous().view(grid.shape)


class _BothWays(NamedTuple):
    """A matrix, and its transpose, which is a view of it and sums in the same order."""

    matrix: SparseMatrix
    transpose: SparseMatrix

    @classmethod
    def of(cls, matrix: SparseMatrix) -> Self:
        return cls(matrix, matrix.T)

    @property
    def nbytes(self) -> int:
        matrix = self.matrix
        return int(matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes)


_KEPT_SHARES: Kept[_BothWays] = Kept(KEPT_BYTES, lambda each: each.nbytes)
_KEPT_RAYS: Kept[_BothWays] = Kept(KEPT_BYTES // 2, lambda each: each.nbytes)
_KEPT_STACKS: Kept[_BothWays] = Kept(KEPT_BYTES // 2, lambda each: each.nbytes)


def _shares(pixels: int, angle_deg: float, dtype: torch.dtype) -> _BothWays:
    """Where each pixel's counts go in one view: CSR, ``(row * column, depth * bin)``."""
    return _KEPT_SHARES.get(
        (pixels, angle_deg, dtype),
        lambda: _BothWays.of(shared_areas(pixels, angle_deg).astype(numpy_type(dtype))),
    )


def _ray_matrices(
    pixels: int, angles_deg: tuple[float, ...], dtype: torch.dtype, inside: Tensor | None
) -> _BothWays:
    """Rotations summed over depth, one view above the other: ``(view * bin, row * column)``.

    Of the pixels `inside` if they are given.
    """
    places = None if inside is None else inside.numpy()

    def stacked() -> _BothWays:
        rays = [_ray_matrix(pixels, angle, dtype).matrix for angle in angles_deg]
        matrix = sparse.vstack(rays, format="csr")
        return _BothWays.of(matrix if places is None else matrix[:, places])

    # Rounding decides about pixels on the circle, so their size alone does not tell them apart.
    known = places if places is None else places.tobytes()
    return _KEPT_STACKS.get((pixels, angles_deg, dtype, known), stacked)


def _ray_matrix(pixels: int, angle_deg: float, dtype: torch.dtype) -> _BothWays:
    """Rotation summed over depth: ``(bin, row * column)``."""

    def summed() -> _BothWays:
        turned = _shares(pixels, angle_deg, dtype).transpose.tocsr().tocoo()
        entries = (turned.data, (turned.row % pixels, turned.col))
        return _BothWays.of(sparse.coo_array(entries, shape=(pixels, pixels**2)).tocsr())

    return _KEPT_RAYS.get((pixels, angle_deg, dtype), summed)
