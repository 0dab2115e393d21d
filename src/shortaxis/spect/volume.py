"""A volume of counts that knows where it lies in the patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.errors import GeometryError
from shortaxis.geometry.affines import geometric_center_mm, validate_affine, voxel_spacing_mm
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.resampling import resample
from shortaxis.spect.finite_counts import require_finite_counts

__all__ = ["SpectVolume"]


@dataclass(frozen=True, eq=False)
class SpectVolume:
    """Counts of shape ``(slice, row, column)`` and where their voxels lie.

    Parameters
    ----------
    counts : (slice, row, column) array-like
        Kept as float32, read-only: read-only float32 counts as they are, others as a copy.
    patient_from_index : (4, 4) array-like
        Affine from ``(slice, row, column)`` to LPS mm; either handedness is allowed, because
        slices may be stacked in either direction.

    Raises
    ------
    CountsError
        If counts are not finite.
    GeometryError
        If the shape is not three-dimensional or the affine has no inverse.
    """

    counts: CountsArray
    patient_from_index: FloatArray

    def __post_init__(self) -> None:
        counts = self.counts
        if not _is_settled(counts):
            counts = np.array(counts, dtype=np.float32)
        if counts.ndim != 3 or min(counts.shape) < 1:
            raise GeometryError(
                "not a volume", expected="shape (slice, row, column)", found=f"shape {counts.shape}"
            )
        require_finite_counts(counts)
        counts.flags.writeable = False
        object.__setattr__(self, "counts", counts)
        object.__setattr__(self, "patient_from_index", validate_affine(self.patient_from_index))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of slices, rows, columns."""
        slices, rows, columns = self.counts.shape
        return slices, rows, columns

    @property
    def spacing_mm(self) -> FloatArray:
        """Voxel size along (slice, row, column), mm."""
        return voxel_spacing_mm(self.patient_from_index)

    @property
    def center_mm(self) -> FloatArray:
        """Geometric centre, LPS mm: the origin of ``x_m, y_m, z_m``."""
        return geometric_center_mm(self.patient_from_index, self.shape)

    @property
    def grid(self) -> Grid:
        """The grid that the counts are sampled on."""
        return Grid(self.shape, self.patient_from_index)

    def resampled(self, grid: Grid, interpolation: str = "linear") -> SpectVolume:
        """Counts at the voxels of another grid: one interpolation, zero outside."""
        counts = resample(self.counts, self.patient_from_index, grid, interpolation)
        counts.flags.writeable = False
        return SpectVolume(counts, grid.patient_from_index)


def _is_settled(counts: object) -> bool:
    """Whether nobody changes them any more, so that they need not be copied."""
    return (
        type(counts) is np.ndarray
        and counts.dtype == np.float32
        and not counts.flags.writeable
        and counts.flags.c_contiguous
    )
