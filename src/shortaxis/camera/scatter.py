"""Photons that scatter in the body and are counted all the same.

Model. Of a voxel's photons on their way to the detector, ``T = exp(-L)`` arrive untouched, where
``L`` is the path integral of narrow-beam attenuation. Within the energy window the detector
counts ``T ** (mu_broad / mu_narrow)``, because scattered photons make up for part of the loss. The
difference is scatter:

    scatter = T ** ratio - T,    ratio = broad-beam / narrow-beam attenuation = 0.12 / 0.154

for Tc-99m and a 20 % window (Harris et al., Phys Med Biol 1984;29:1093). It grows with depth:
the share of scatter in all counts is ``1 - T ** (1 - ratio)``, 0.29 at 10 cm and 0.40 at 15 cm of
water. Scattered photons seem to come from beside the voxel: they are spread by a two-sided
exponential in both directions of the detector, after the exponential tails of measured scatter
functions (Axelsson, Msaki, Israelsson, J Nucl Med 1984;25:490).

Not in the model: that scatter follows the shape of the body, and that it comes from tissue
between voxel and detector only. Photons scattered twice are part of the broad beam.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from shortaxis.camera.attenuation import Attenuation
from shortaxis.camera.operators import ViewOperator
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.errors import OptionError

__all__ = ["Scatter", "ScatterModel", "exponential_matrix"]


@dataclass(frozen=True)
class ScatterModel:
    """How much is scattered into the window, and how far.

    Parameters
    ----------
    broad_to_narrow : float
        Broad-beam over narrow-beam attenuation, in (0, 1]; 1 is no scatter. The default holds for
        sources in water. A whole study is said to have 0.3 to 0.4 of its counts from scatter, more
        than hearts 6 cm deep have by the default; 0.65 gives 0.28 at 6 cm and 0.42 at 10 cm.
    slope_per_cm : float
        Of the exponential spread. 0.3 per cm puts half of the scatter of a line source more than
        2.3 cm away from it.
    """

    broad_to_narrow: float = 0.12 / 0.154
    slope_per_cm: float = 0.3

    def __post_init__(self) -> None:
        if not 0 < self.broad_to_narrow <= 1:
            raise OptionError(
                "ratio of attenuations out of range",
                expected="above 0, at most 1",
                found=f"{self.broad_to_narrow:g}",
            )
        if not self.slope_per_cm > 0:
            raise OptionError(
                "slope out of range", expected="above 0 per cm", found=f"{self.slope_per_cm:g}"
            )


class Scatter(ViewOperator):
    """Scattered counts of activity that is not attenuated yet.

    In: ``(angular_view, depth, bin, slice)``. Out: ``(angular_view, slice, bin)``.
    """

    def __init__(self, grid: TransaxialGrid, attenuation: Attenuation, model: ScatterModel) -> None:
        views = attenuation.in_shape[0]
        super().__init__(attenuation.in_shape, grid.projection_shape(views), attenuation.dtype)
        slope_per_mm = model.slope_per_cm / 10
        self._across = exponential_matrix(slope_per_mm * grid.pixel_mm, grid.pixels).to(self.dtype)
        self._along = exponential_matrix(slope_per_mm * grid.slice_mm, grid.slices).to(self.dtype)
        self._attenuation, self._ratio = attenuation, model.broad_to_narrow

    def subset(self, views: Sequence[int]) -> Scatter:
        """The same for some of the views, sharing memory."""
        part = self._copy_for(views)
        part._attenuation = self._attenuation.subset(views)
        return part

    def apply_view(self, x: Tensor, view: int) -> Tensor:
        """One view: from ``(depth, bin, slice)`` to ``(slice, bin)``."""
        scattered = (x * self.weights(self._attenuation.transmission(view))).sum(dim=0)
        return self.spread(scattered)

    def spread(self, scattered: Tensor) -> Tensor:
        """Where it seems to come from: from ``(bin, slice)`` to ``(slice, bin)``."""
        return self._along @ scattered.T @ self._across

    def adjoint_view(self, y: Tensor, view: int) -> Tensor:
        """Transpose of `apply_view`; both spreads are symmetric."""
        spread = self._along @ y @ self._across
        return self.weights(self._attenuation.transmission(view)) * spread.T

    def spread_part(self, scattered: Tensor, bins: slice, slices: slice) -> Tensor:
        """Spread of what was scattered in some bins and slices alone.

        From ``(bin, volume, slice)`` of those to ``(volume, slice, bin)`` of all.
        """
        return self._along[:, slices] @ scattered.permute(1, 2, 0) @ self._across[bins]

    def weights(self, transmission: Tensor) -> Tensor:
        """Scattered part of each voxel's photons; made anew, since all views are 100 MB or more."""
        return transmission.pow(self._ratio) - transmission


def exponential_matrix(slope_per_pixel: float, size: int) -> Tensor:
    """Spread ``exp(-slope |i - j|)`` with a sum of 1 over an endless row, ``(size, size)``."""
    index = torch.arange(size, dtype=torch.float64)
    decay = torch.exp(-slope_per_pixel * (index[:, None] - index[None, :]).abs())
    # Sum of a two-sided geometric series.
    ratio = torch.exp(torch.tensor(-slope_per_pixel, dtype=torch.float64))
    return decay * (1 - ratio) / (1 + ratio)
