"""The voxels that the camera works on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from shortaxis.errors import GeometryError

__all__ = ["TransaxialGrid"]


@dataclass(frozen=True)
class TransaxialGrid:
    """A transaxial volume ``(slice, row, column)`` with as many rows as columns.

    Slices go towards the patient's head, rows to posterior, columns to the patient's left
    (LPS, PS3.3 C.7.6.2.1.1). The axis of rotation is the middle of every slice. Projections
    on the same grid are ``(angular_view, slice, bin)`` with bins of `pixel_mm`.

    Parameters
    ----------
    slices : int
        Number of slices.
    pixels : int
        Number of rows, columns and bins.
    pixel_mm : float
        Distance between rows, columns and bins.
    slice_mm : float
        Distance between slices.
    """

    slices: int
    pixels: int
    pixel_mm: float
    slice_mm: float

    def __post_init__(self) -> None:
        if self.slices < 1 or self.pixels < 2:
            raise GeometryError(
                "not a grid",
                expected="at least one slice and two pixels",
                found=f"{self.slices} slices, {self.pixels} pixels",
            )
        for name in ("pixel_mm", "slice_mm"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise GeometryError(f"{name} is not a size", expected="above 0", found=str(value))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of a volume, ``(slice, row, column)``."""
        return self.slices, self.pixels, self.pixels

    @property
    def pixel_cm(self) -> float:
        """Pixel size in cm, the unit of attenuation."""
        return self.pixel_mm / 10

    @property
    def voxel_mm(self) -> tuple[float, float, float]:
        """Spacing along (slice, row, column)."""
        return self.slice_mm, self.pixel_mm, self.pixel_mm

    def projection_shape(self, angular_views: int) -> tuple[int, int, int]:
        """Shape of projections, ``(angular_view, slice, bin)``."""
        return angular_views, self.slices, self.pixels

    def centered_mm(self) -> Tensor:
        """Position of rows or columns from the axis of rotation, shape (pixels,), float64."""
        index = torch.arange(self.pixels, dtype=torch.float64)
        return (index - (self.pixels - 1) / 2) * self.pixel_mm

    def inside_circle(self) -> Tensor:
        """Pixels that every angular view sees, shape (pixels, pixels), bool."""
        position = self.centered_mm()
        distance = torch.hypot(position[:, None], position[None, :])
        return distance <= (self.pixels - 1) / 2 * self.pixel_mm
