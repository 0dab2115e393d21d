"""A sampling grid: a shape and where its voxels lie."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.errors import GeometryError
from shortaxis.geometry.affines import geometric_center_mm, validate_affine, voxel_spacing_mm
from shortaxis.geometry.arrays import FloatArray

__all__ = ["Grid"]


@dataclass(frozen=True, eq=False)
class Grid:
    """Shape ``(slice, row, column)`` and ``patient_from_index``, a 4x4 affine to LPS mm."""

    shape: tuple[int, int, int]
    patient_from_index: FloatArray

    def __post_init__(self) -> None:
        shape = tuple(int(size) for size in self.shape)
        if len(shape) != 3 or min(shape) < 1:
            raise GeometryError(
                "not a grid", expected="three sizes of at least 1", found=str(self.shape)
            )
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "patient_from_index", validate_affine(self.patient_from_index))

    @property
    def spacing_mm(self) -> FloatArray:
        """Distance between neighbours along (slice, row, column), mm."""
        return voxel_spacing_mm(self.patient_from_index)

    @property
    def center_mm(self) -> FloatArray:
        """Geometric centre, LPS mm."""
        return geometric_center_mm(self.patient_from_index, self.shape)
