"""What a segmentation holds, apart from whose it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shortaxis.dicom.documents.measurements.content_items import Code
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid

__all__ = ["Mask", "Segmentation", "Voxels"]

Voxels = npt.NDArray[np.bool_]

LARGEST_SHEAR = 2.1e-3
"""Cosine between axes that are called perpendicular: directions of three decimals are so far off,
and are read (`RIGHT_ANGLE_TOLERANCE`, before their lengths are put right)."""


@dataclass(frozen=True, eq=False)
class Mask:
    """Voxels of one structure, and what it is.

    Parameters
    ----------
    name : str
        Segment Label, for people.
    structure : Code
        Code, scheme and meaning, of CID 7151 or a structure like those.
    voxels : (slice, row, column) bool array
        On the grid of the segmentation.
    lab : (3,) floats
        The colour that viewers are asked for: L* from 0 to 100, a* and b* from -128 to 127.
    region : Code or None
        Where it is, if the structure alone does not say it.
    """

    name: str
    structure: Code
    voxels: Voxels
    lab: tuple[float, float, float]
    region: Code | None = None


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Masks on one grid in the patient. They may overlap.

    Parameters
    ----------
    label : str
        Content Label: capital letters, digits, spaces and underscores, up to 16.
    grid : Grid
        Where the voxels lie, LPS mm.
    masks : tuple of Mask
        At least one.
    algorithm : str
        What drew them.
    is_set_by_hand : bool
        Whether an operator set any of it.
    is_learnt : bool
        Whether a trained network drew them.

    Raises
    ------
    GeometryError
        If a mask has another shape than the grid, nothing is in any of them, or the axes of the
        grid are not perpendicular.
    """

    label: str
    grid: Grid
    masks: tuple[Mask, ...]
    algorithm: str
    is_set_by_hand: bool = False
    is_learnt: bool = False

    def __post_init__(self) -> None:
        shapes = {mask.voxels.shape for mask in self.masks}
        if shapes != {self.grid.shape}:
            raise GeometryError(
                "masks and grid are of different shapes",
                expected=f"masks of {self.grid.shape}",
                found=str(sorted(shapes)),
            )
        if not any(mask.voxels.any() for mask in self.masks):
            raise GeometryError(
                "there is nothing to segment",
                expected="a voxel in any mask",
                found="none",
                cause="what was drawn lies outside of the volume",
            )
        axes = self._grid_axes
        if not np.allclose(axes.T @ axes, np.eye(3), atol=LARGEST_SHEAR):
            raise GeometryError(
                "frames of a segmentation need perpendicular axes",
                expected="slices at right angles to the axis of stacking",
                found=f"axes {np.round(axes, 4).tolist()}",
            )

    @property
    def axes(self) -> FloatArray:
        """Unit vectors (3, axis) along slices, rows and columns, LPS, exactly perpendicular.

        The nearest ones to those of the grid: at an end of 400 mm half a millimetre off at most.
        """
        left, _, right = np.linalg.svd(self._grid_axes)
        nearest: FloatArray = left @ right
        return nearest

    @property
    def _grid_axes(self) -> FloatArray:
        axes: FloatArray = self.grid.patient_from_index[:3, :3] / self.grid.spacing_mm
        return axes

    @property
    def slices(self) -> range:
        """From the first to the last slice with a voxel of any mask."""
        any_voxel = np.any([mask.voxels.any(axis=(1, 2)) for mask in self.masks], axis=0)
        found = np.flatnonzero(any_voxel)
        return range(int(found[0]), int(found[-1]) + 1)
