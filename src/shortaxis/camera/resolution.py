"""Resolution of a reconstructed image, the same everywhere or not."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from shortaxis.camera.collimator import FWHM_PER_SIGMA, gaussian_matrices
from shortaxis.camera.operators import LinearOperator
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.errors import GeometryError

Box = tuple[slice, slice, slice]

WHOLE: Box = (slice(None), slice(None), slice(None))

__all__ = ["SpatialResolution", "pinhole_fwhm_mm"]


class SpatialResolution(LinearOperator):
    """Gaussian blur, the same everywhere or changing with position.

    A voxel's counts are shared between a few even blurs so that their mean variance is the
    wanted one; they are conserved away from the edges.

    Parameters
    ----------
    grid : TransaxialGrid
        Voxels.
    fwhm_mm : float or (slice, row, column) tensor
        Resolution, equal in all directions.
    levels : int
        Even blurs that a changing one is made of.
    """

    def __init__(
        self,
        grid: TransaxialGrid,
        fwhm_mm: float | Tensor,
        levels: int = 4,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(grid.shape, grid.shape, dtype)
        wanted = torch.as_tensor(fwhm_mm, dtype=torch.float64)
        if not (wanted > 0).all():
            raise GeometryError("not a resolution", expected="above 0 mm", found="0 mm or less")
        if wanted.ndim and wanted.stride(0) == 0:
            # Repeated for every slice: one tells of all.
            wanted = wanted[:1]
        variance = (wanted / FWHM_PER_SIGMA) ** 2
        lowest, highest = float(variance.min()), float(variance.max())
        nodes = torch.linspace(lowest, highest, levels if highest > lowest else 1).double()
        self._weights = [weight.to(dtype) for weight in _hat_weights(variance, nodes)]
        sigma = nodes.sqrt()
        self._along = gaussian_matrices(sigma / grid.slice_mm, grid.slices).to(dtype)
        self._across = gaussian_matrices(sigma / grid.pixel_mm, grid.pixels).to(dtype)

    def apply_within(self, x: Tensor, box: Box) -> Tensor:
        """What `apply` gives in a box of ``(slice, row, column)``; nothing is made beyond it."""
        first, *others = enumerate(self._weights)
        blurred = self._blur(x * first[1], first[0], box)
        for level, weight in others:
            blurred += self._blur(x * weight, level, box)
        return blurred

    def _apply(self, x: Tensor) -> Tensor:
        return self.apply_within(x, WHOLE)

    def _adjoint(self, y: Tensor) -> Tensor:
        gathered = torch.zeros(self.in_shape, dtype=self.dtype)
        for level, weight in enumerate(self._weights):
            gathered += self._blur(y, level, WHOLE) * weight
        return gathered

    def _blur(self, volume: Tensor, level: int, box: Box) -> Tensor:
        slices, rows, columns = box
        across = self._across[level]
        in_slices = across[rows] @ volume @ across[:, columns]
        along = self._along[level][slices] @ in_slices.flatten(1)
        return along.view(-1, *in_slices.shape[1:])


def pinhole_fwhm_mm(
    grid: TransaxialGrid,
    center_mm: tuple[float, float],
    nearest_fwhm_mm: float = 6.0,
    farthest_fwhm_mm: float = 9.0,
) -> Tensor:
    """Resolution that gets worse away from the detectors, ``(slice, row, column)``.

    Linear in the distance along the middle direction of the detectors (LAO), from 100 mm before the
    middle of the field to 100 mm behind it. Defaults: 530c reconstructions, 6 to 9 mm.

    Parameters
    ----------
    center_mm : (row, column)
        Middle of the field, from the middle of the grid.
    """
    angle = math.radians(135.0)
    position = grid.centered_mm()
    y, x = position[:, None] - center_mm[0], position[None, :] - center_mm[1]
    away = -(x * math.sin(angle) + y * math.cos(angle))
    share = ((away + 100) / 200).clamp(0, 1)
    return (nearest_fwhm_mm + share * (farthest_fwhm_mm - nearest_fwhm_mm)).expand(grid.shape)


def _hat_weights(variance: Tensor, nodes: Tensor) -> list[Tensor]:
    """Weights of each node that sum to 1 and have `variance` as their mean."""
    if len(nodes) == 1:
        return [torch.ones_like(variance)]
    step = nodes[1] - nodes[0]
    return [(1 - (variance - node).abs() / step).clamp(min=0) for node in nodes]
