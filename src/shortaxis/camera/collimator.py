"""Parallel-hole collimators, and the blur that grows with distance."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import special
from torch import Tensor

from shortaxis.camera.kept import Kept
from shortaxis.camera.operators import ViewOperator, numpy_type
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.errors import GeometryError, OptionError
from shortaxis.geometry.arrays import FloatArray

__all__ = [
    "FWHM_PER_SIGMA",
    "LEAD_PER_CM",
    "LEGP_72_KEV",
    "LEGP_140_KEV",
    "LEHR_72_KEV",
    "LEHR_140_KEV",
    "Collimator",
    "CollimatorDetectorResponse",
    "gaussian_matrices",
]

FWHM_PER_SIGMA = 2 * math.sqrt(2 * math.log(2))

LEAD_PER_CM = {140: 26.9, 72: 35.9}
"""Attenuation of lead by photon energy in keV, 1/cm.

NIST XCOM mass attenuation (2.419, 5.549 and 2.014 cm2/g at 80, 100 and 150 keV, 5.021 at 60)
interpolated on logarithmic axes, times 11.35 g/cm3. 140 keV is Tc-99m; 72 keV stands for the
mercury x rays of Tl-201 (69 to 80 keV), below the K edge of lead at 88 keV.
"""

MIN_SHARE = 1e-12
"""Of a blurred count; less is none."""

RADIUS_STEP_MM = 2.0
"""Radii are rounded to this for the blur only: at most 1 mm, or 0.05 mm of FWHM, off."""

KEPT_BYTES, ONE_PASS_BYTES = 100_000_000, 40_000_000
"""Of blur matrices: those of 40 radii at 80 x 80 pixels, more than a contour has. Wide bodies at
every radius would take two or three times as much, and are projected once."""


@dataclass(frozen=True)
class Collimator:
    """A parallel-hole collimator and the detector behind it, at one photon energy.

    Resolution after Anger 1964 and Cherry, Sorenson, Phelps (Physics in Nuclear Medicine, 14.C):
    geometric FWHM ``hole_diameter (L + d + b) / L`` with the effective length
    ``L = hole_length - 2 / septal_attenuation``, added in squares to the intrinsic FWHM.

    Parameters
    ----------
    hole_diameter_mm, hole_length_mm : float
        Holes, across flats and along.
    septal_attenuation_per_cm : float
        Attenuation of the septa at the photons' energy.
    intrinsic_fwhm_mm : float
        Resolution of crystal and electronics.
    image_plane_mm : float
        ``b``, from the collimator's back to the mean depth of interaction in the crystal.
    """

    name: str
    hole_diameter_mm: float
    hole_length_mm: float
    septal_attenuation_per_cm: float
    intrinsic_fwhm_mm: float
    image_plane_mm: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "name" and not (math.isfinite(value) and value > 0):
                raise OptionError(
                    f"{field.name} of {self.name} is not a length or attenuation",
                    expected="above 0",
                    found=str(value),
                )
        if self.effective_length_mm <= 0:
            raise OptionError(
                f"{self.name} lets photons through its septa",
                expected="holes longer than two mean free paths",
                found=f"{self.hole_length_mm:g} mm",
            )

    @property
    def effective_length_mm(self) -> float:
        """Hole length less one mean free path of the septa at each end."""
        return self.hole_length_mm - 20 / self.septal_attenuation_per_cm

    def fwhm_mm(self, distance_mm: Tensor) -> Tensor:
        """System resolution at distances from the collimator's face."""
        length = self.effective_length_mm
        away = length + distance_mm.clamp(min=0) + self.image_plane_mm
        return torch.hypot(
            self.hole_diameter_mm * away / length, torch.full_like(away, self.intrinsic_fwhm_mm)
        )


# Holes of the Siemens collimators as tabulated by SIMIND (SY-LEHR, SI-LEAP). The crystal has 9.5 mm
# (3/8 inch): 7 mm from the collimator's back to its middle, with a cover of 2 mm. Intrinsic: 3.8 mm
# at 140 keV; at 72 keV half the light would give 3.8 * sqrt(2) = 5.4 mm if light were all.
LEHR_140_KEV = Collimator("LEHR, 140 keV", 1.11, 24.05, LEAD_PER_CM[140], 3.8, 7.0)
LEGP_140_KEV = Collimator("LEGP, 140 keV", 1.45, 24.05, LEAD_PER_CM[140], 3.8, 7.0)
LEHR_72_KEV = Collimator("LEHR, 72 keV", 1.11, 24.05, LEAD_PER_CM[72], 4.8, 7.0)
LEGP_72_KEV = Collimator("LEGP, 72 keV", 1.45, 24.05, LEAD_PER_CM[72], 4.8, 7.0)


class CollimatorDetectorResponse(ViewOperator):
    """Gaussian blur that grows with distance, then the sum over depth.

    In: ``(angular_view, depth, bin, slice)``. Out: ``(angular_view, slice, bin)``. Counts that are
    blurred past the edge of the detector are lost.
    """

    def __init__(
        self,
        grid: TransaxialGrid,
        collimator: Collimator,
        radial_position_mm: Sequence[float],
        dtype: torch.dtype = torch.float32,
    ) -> None:
        views = len(radial_position_mm)
        in_shape = (views, grid.pixels, grid.pixels, grid.slices)
        super().__init__(in_shape, grid.projection_shape(views), dtype)
        self.grid = grid
        self.collimator = collimator
        self._radii = [round(radius / RADIUS_STEP_MM) for radius in radial_position_mm]
        self._kept = _room_for(KEPT_BYTES)

    def for_one_pass(self) -> CollimatorDetectorResponse:
        """The same, which keeps the matrices of views nearby alone."""
        part = copy.copy(self)
        part._kept = _room_for(ONE_PASS_BYTES)
        return part

    def subset(self, views: Sequence[int]) -> CollimatorDetectorResponse:
        """The same for some of the views, sharing memory."""
        part = self._copy_for(views)
        part._radii = [self._radii[view] for view in views]
        return part

    def apply_view(self, x: Tensor, view: int) -> Tensor:
        """One view: from ``(depth, bin, slice)`` to ``(slice, bin)``."""
        return self.apply_depths(x, slice(0, self.grid.pixels), view)

    def apply_depths(self, x: Tensor, depths: slice, view: int) -> Tensor:
        """`apply_view` of what is empty at all other depths; the same to the last digit."""
        across, along = self._matrices_of(self._radii[view])
        blurred = x.new_empty(self.in_shape[1:])
        blurred[: depths.start], blurred[depths.stop :] = 0, 0
        torch.bmm(x[depths], along[depths], out=blurred[depths])
        return (across @ blurred.view(-1, self.grid.slices)).T

    def apply_part(self, x: Tensor, box: tuple[slice, slice, slice], view: int) -> Tensor:
        """`apply_view` of volumes that fill a box alone.

        From ``(depth, bin, volume, slice)`` of the box's depths, bins and slices to
        ``(volume, slice, bin)`` of all.
        """
        across, along = self._matrices_of(self._radii[view])
        depths, bins, slices = box
        blurred = torch.bmm(x.flatten(1, 2), along[depths, slices])
        pixels = self.grid.pixels
        within = across.view(pixels, pixels, pixels)[:, depths, bins].reshape(pixels, -1)
        summed = within @ blurred.view(within.shape[1], -1)
        return summed.view(pixels, x.shape[2], self.grid.slices).permute(1, 2, 0)

    def adjoint_view(self, y: Tensor, view: int) -> Tensor:
        """Transpose of `apply_view`."""
        across, along = self._matrices_of(self._radii[view])
        spread = (across.T @ y.T.contiguous()).view(self.in_shape[1:])
        return torch.bmm(spread, along)

    def _matrices_of(self, radius: int) -> tuple[Tensor, Tensor]:
        """Matrices of one radius, made when they are first needed."""
        return self._kept.get(radius, lambda: self._matrices_at(radius))

    def _matrices_at(self, radius: int) -> tuple[Tensor, Tensor]:
        """Blur across bins, summed over depth, and along slices for each depth (symmetric)."""
        grid = self.grid
        distance = radius * RADIUS_STEP_MM + grid.centered_mm()
        sigma_mm = self.collimator.fwhm_mm(distance) / FWHM_PER_SIGMA
        # Cubic voxels have the same kernels in both directions.
        is_cubic = grid.pixel_mm == grid.slice_mm
        longest = max(grid.pixels, grid.slices) if is_cubic else grid.pixels
        in_bins = self._kernels(sigma_mm / grid.pixel_mm, longest)
        in_slices = in_bins if is_cubic else self._kernels(sigma_mm / grid.slice_mm, grid.slices)
        across = _symmetric_matrices(in_bins[:, : grid.pixels]).transpose(1, 0, 2)
        along = _symmetric_matrices(in_slices[:, : grid.slices])
        summed = across.copy().reshape(grid.pixels, -1)
        return torch.from_numpy(summed), torch.from_numpy(along.copy())

    def _kernels(self, sigma_pixels: Tensor, size: int) -> NDArray[np.floating]:
        return _gaussian_kernels(sigma_pixels, size).astype(numpy_type(self.dtype))


def _room_for(most_bytes: int) -> Kept[tuple[Tensor, Tensor]]:
    return Kept(most_bytes, lambda pair: sum(part.nbytes for part in pair))


def gaussian_matrices(sigma_pixels: Tensor, size: int) -> Tensor:
    """Blur matrices, symmetric, ``(len(sigma_pixels), size, size)``.

    The Gaussian of a row of pixels, ``exp(-t) I_n(t)`` with ``t = sigma ** 2`` (Lindeberg, IEEE
    Trans Pattern Anal Mach Intell 1990;12:234). Over an endless row its sum is 1 and its variance
    ``t``, for any width; a sampled Gaussian of half a pixel, LEHR at 10 cm on 6.4 mm, would be 7 %
    too narrow.
    """
    matrices = _symmetric_matrices(_gaussian_kernels(sigma_pixels, size))
    return torch.from_numpy(matrices.copy())


def _gaussian_kernels(sigma_pixels: Tensor, size: int) -> FloatArray:
    """One side of each Gaussian, ``(len(sigma_pixels), size)``, its middle first."""
    if (sigma_pixels <= 0).any():
        raise GeometryError("a blur has no width", expected="sigma above 0", found="0 or less")
    variance = np.square(sigma_pixels.double().numpy())[:, None]
    kernels = special.ive(np.arange(size), variance)
    # Numbers too small for float32 (denormal) would make every product many times slower.
    return np.where(kernels < MIN_SHARE, 0.0, kernels)


def _symmetric_matrices(kernels: NDArray[np.floating]) -> NDArray[np.floating]:
    """``matrices[n, i, j] = kernels[n, |i - j|]``, as a view of both sides of the kernels."""
    both_sides = np.concatenate([kernels[:, :0:-1], kernels], axis=1)
    return sliding_window_view(both_sides, kernels.shape[1], axis=1)[:, ::-1]
