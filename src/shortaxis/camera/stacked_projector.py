"""The camera as a reconstruction sees it, for all time slots of an exam at once.

Two things make it fast beside `shortaxis.camera.projector.SpectProjector`, which it stands for:

- **Slots lie one above the other**, as more slices of the same body: each view turns them all with
  one product, and reads transmission and blur once.
- **Blur in levels.** The blur of every depth is a mixture of two of a few Gaussians whose mean
  variance is the wanted one. So a view needs no turned volume, only its sums over each level's
  depths, straight from the voxels; transmission is taken to the voxels before.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from shortaxis.camera.attenuation import Attenuation
from shortaxis.camera.collimator import FWHM_PER_SIGMA, Collimator, gaussian_matrices
from shortaxis.camera.operators import ColumnOperator
from shortaxis.camera.orbits import Orbit
from shortaxis.camera.rotation import Rotation
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.camera.turned_pixels import SparseMatrix

__all__ = ["StackedProjector"]

LEVELS = 8
"""Each 1.3 times as wide as the one before: a mixture of two differs from a Gaussian of the same
variance by an excess kurtosis of 0.2 at most."""


class StackedProjector(ColumnOperator):
    """Expected counts of several volumes that one camera sees: rotation, attenuation, response.

    In: ``(volume * slice, row, column)``. Out: ``(angular_view, volume * slice, bin)``. Voxels
    outside the circle that every view sees are taken as empty. Its own order: those inside,
    ``(voxel, volume * slice)``, and ``(angular_view, bin, volume * slice)``.

    Parameters
    ----------
    grid : TransaxialGrid
        Voxels of one volume; bins are as wide as pixels.
    volumes : int
        How many lie one above the other.
    orbit : Orbit
        Angular views.
    attenuation_map_per_cm : (slice, row, column) tensor, optional
        Narrow-beam attenuation, 1/cm, the same for all volumes.
    collimator : Collimator, optional
        Blur that grows with distance.
    """

    def __init__(
        self,
        grid: TransaxialGrid,
        volumes: int,
        orbit: Orbit,
        attenuation_map_per_cm: Tensor | None = None,
        collimator: Collimator | None = None,
    ) -> None:
        stacked = replace(grid, slices=volumes * grid.slices)
        super().__init__(stacked.shape, stacked.projection_shape(orbit.angular_views))
        self.grid, self._volumes = grid, volumes
        self._inside = torch.from_numpy(np.flatnonzero(grid.inside_circle().numpy()))
        rotation = Rotation(grid, orbit.angles_deg)
        shares = [rotation.shares(view)[self._inside.numpy()] for view in range(self.out_shape[0])]
        self._transmission: list[Tensor] | None = None
        if attenuation_map_per_cm is not None:
            attenuation = Attenuation(rotation, attenuation_map_per_cm)
            self._transmission = [
                torch.from_numpy(share @ attenuation.transmission(view).flatten(0, 1).numpy())
                for view, share in enumerate(shares)
            ]
        self._levels = None if collimator is None else _Levels.of(grid, collimator, orbit)
        self._back = [
            share @ (_sum_of_depths(grid) if self._levels is None else self._levels.sums[view])
            for view, share in enumerate(shares)
        ]
        self._forward = [matrix.T.tocsr() for matrix in self._back]

    def subset(self, views: Sequence[int]) -> StackedProjector:
        """The same camera for some of the views; shares what was computed."""
        part = copy.copy(self)
        part.out_shape = (len(views), *self.out_shape[1:])
        part._back = [self._back[view] for view in views]
        part._forward = [self._forward[view] for view in views]
        if self._transmission is not None:
            part._transmission = [self._transmission[view] for view in views]
        return part

    def within_circle(self) -> StackedProjector:
        """Itself."""
        return self

    def sensitivity(self) -> Tensor:
        """Counts that each voxel gives to all views."""
        return self.repeated_sensitivity().repeat(self._volumes, 1, 1)

    def repeated_sensitivity(self) -> Tensor:
        """Of one volume, which is like all others."""
        alone = copy.copy(self)
        alone._volumes = 1
        alone.in_shape = self.grid.shape
        alone.out_shape = self.grid.projection_shape(self.out_shape[0])
        return alone.adjoint(torch.ones(alone.out_shape))

    def to_columns(self, volume: Tensor) -> Tensor:
        """``(volume * slice, row, column)`` as ``(voxel, volume * slice)``."""
        return volume.flatten(1).T.contiguous()[self._inside]

    def from_columns(self, columns: Tensor) -> Tensor:
        """The inverse of `to_columns`; zero outside the circle."""
        everywhere = torch.zeros(self.grid.pixels**2, self.in_shape[0])
        everywhere[self._inside] = columns
        return everywhere.T.contiguous().view(self.in_shape)

    def to_rays(self, projections: Tensor) -> Tensor:
        """``(angular_view, volume * slice, bin)`` with bins before slices."""
        return projections.transpose(1, 2).contiguous()

    def from_rays(self, rays: Tensor) -> Tensor:
        """The inverse of `to_rays`."""
        return rays.transpose(1, 2).contiguous()

    def project(self, columns: Tensor) -> Tensor:
        """Expected rays."""
        expected = torch.empty(self.out_shape[0], self.grid.pixels, self.out_shape[1])
        for view, forward in enumerate(self._forward):
            summed = torch.from_numpy(forward @ self._weakened(columns, view).numpy())
            expected[view] = summed if self._levels is None else self._levels.blur(summed)
        return expected

    def project_back(self, rays: Tensor) -> Tensor:
        """Transpose of `project`."""
        columns = torch.zeros(len(self._inside), self.out_shape[1])
        for view, back in enumerate(self._back):
            spread = rays[view] if self._levels is None else self._levels.blur_back(rays[view])
            columns += self._weakened(torch.from_numpy(back @ spread.numpy()), view)
        return columns

    def _weakened(self, columns: Tensor, view: int) -> Tensor:
        """What of each voxel's photons arrives; ``(voxel, volume * slice)``."""
        if self._transmission is None:
            return columns
        apart = columns.view(len(columns), self._volumes, self.grid.slices)
        return (apart * self._transmission[view][:, None, :]).view(columns.shape)


@dataclass(frozen=True, eq=False)
class _Levels:
    """Blurs of a few widths, and which depths of each view belong to which.

    `sums` are sparse ``(depth * bin, level * bin)``, one for each view; `across` is
    ``(bin, level * bin)``, `along` ``(level, slice, slice)``, symmetric.
    """

    sums: list[SparseMatrix]
    across: Tensor
    along: Tensor

    @classmethod
    def of(cls, grid: TransaxialGrid, collimator: Collimator, orbit: Orbit) -> _Levels:
        away = torch.tensor(orbit.radial_position_mm, dtype=torch.float64)[:, None]
        sigma_mm = collimator.fwhm_mm(away + grid.centered_mm()).numpy() / FWHM_PER_SIGMA
        levels_mm = np.geomspace(sigma_mm.min(), sigma_mm.max(), LEVELS)
        # Linear in the variance, which the mixture has on average.
        shares = [np.interp(sigma_mm**2, levels_mm**2, level) for level in np.eye(LEVELS)]
        widths_mm = torch.from_numpy(levels_mm)
        across = gaussian_matrices(widths_mm / grid.pixel_mm, grid.pixels).float()
        along = gaussian_matrices(widths_mm / grid.slice_mm, grid.slices).float()
        return cls(
            [_sums(each, grid.pixels) for each in np.stack(shares, axis=-1)],
            across.transpose(0, 1).reshape(grid.pixels, -1).contiguous(),
            along,
        )

    def blur(self, summed: Tensor) -> Tensor:
        """``(level * bin, volume * slice)`` to ``(bin, volume * slice)``."""
        return self.across @ self._along_slices(summed)

    def blur_back(self, rays: Tensor) -> Tensor:
        """Transpose of `blur`."""
        return self._along_slices(self.across.T @ rays)

    def _along_slices(self, planes: Tensor) -> Tensor:
        apart = planes.view(len(self.along), -1, self.along.shape[-1])
        return torch.bmm(apart, self.along).view(planes.shape)


def _sums(weights: np.ndarray, pixels: int) -> SparseMatrix:
    """``(depth, level)`` weights as a matrix that leaves bins apart."""
    each_bin = sparse.eye_array(pixels, dtype=np.float32)
    return sparse.kron(sparse.csr_array(weights.astype(np.float32)), each_bin).tocsr()


def _sum_of_depths(grid: TransaxialGrid) -> SparseMatrix:
    """All depths of a bin together: one level without a blur."""
    return _sums(np.ones((grid.pixels, 1)), grid.pixels)
