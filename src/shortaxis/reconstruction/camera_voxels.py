"""The voxels that views are reconstructed on: the camera's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.grids import Grid
from shortaxis.spect.projections import Projections

__all__ = ["CameraVoxels"]


@dataclass(frozen=True)
class CameraVoxels:
    """A transaxial volume ``(slice, row, column)`` around the axis of rotation.

    Slices go to the patient's head, rows to the back, columns to the left (LPS). Pixels are as
    wide as bins, slices as thick as the rows of a view, and the axis is the middle of each slice.
    """

    slices: int
    pixels: int
    pixel_mm: float
    slice_mm: float
    axis_mm: tuple[float, float, float]

    @classmethod
    def of(cls, projections: Projections) -> CameraVoxels:
        """Those of projections."""
        rows, bins = projections.counts.shape[-2:]
        row_mm, bin_mm = projections.pixel_mm
        return cls(rows, bins, bin_mm, row_mm, projections.axis_mm)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        return self.slices, self.pixels, self.pixels

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Between slices, rows, columns."""
        return self.slice_mm, self.pixel_mm, self.pixel_mm

    @property
    def grid(self) -> Grid:
        """Where they lie in the patient."""
        spacing = np.array(self.spacing_mm)
        half = spacing * (np.array(self.shape) - 1) / 2
        origin = np.array(self.axis_mm) - half[::-1]
        axes = [(0, 0, 1), (0, 1, 0), (1, 0, 0)]
        return Grid(self.shape, affine_from_axes(axes, spacing, origin))
