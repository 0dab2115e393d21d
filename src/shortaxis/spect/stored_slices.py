"""Short-axis slices as they are stored: counts and voxel sizes, whatever the header says."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.finite_counts import require_finite_counts

__all__ = ["NO_PLACE", "StoredSlices"]

NO_PLACE = "the header says nothing certain of where the slices lie"
"""A note."""


@dataclass(frozen=True, eq=False)
class StoredSlices:
    """Counts ``(slice, row, column)`` and the voxel sizes along them, mm.

    `patient_from_index` is what the header says of their place, None where it says nothing: it is
    compared with what is found, and never believed. `notes` say what was assumed.
    """

    counts: CountsArray
    spacing_mm: FloatArray
    patient_from_index: FloatArray | None = None
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        counts = np.array(self.counts, dtype=np.float32)
        spacing = np.array(self.spacing_mm, dtype=np.float64)
        if counts.ndim != 3 or min(counts.shape) < 2:
            raise GeometryError(
                "holds no slices", expected="shape (slice, row, column)", found=f"{counts.shape}"
            )
        require_finite_counts(counts)
        if spacing.shape != (3,) or not (np.isfinite(spacing).all() and spacing.min() > 0):
            raise GeometryError(
                "has no voxel sizes", expected="three lengths in mm", found=f"{spacing.tolist()}"
            )
        for name, value in (("counts", counts), ("spacing_mm", spacing)):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    def is_mirrored_by(self, axes: FloatArray) -> bool:
        """Whether directions (3, 3) of the stored axes, one a column, show a mirror image.

        Which handedness is right the header says; without one columns, rows and slices are
        right-handed in this order (PS3.3 C.8.4.15 with positive spacing, and every image library).
        """
        expected = -1.0
        if self.patient_from_index is not None:
            expected = float(np.sign(np.linalg.det(self.patient_from_index[:3, :3])))
        return bool(np.linalg.det(axes) * expected < 0)

    @property
    def centered_from_index(self) -> FloatArray:
        """Affine from indices to mm about the middle of the box, along the stored axes."""
        affine = np.eye(4)
        affine[:3, :3] = np.diag(self.spacing_mm)
        affine[:3, 3] = -self.spacing_mm * (np.array(self.counts.shape) - 1) / 2
        return affine
