"""Counts as ITK wants them: axes in the order (column, row, slice), right-handed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.geometry.affines import apply_affine, voxel_spacing_mm
from shortaxis.geometry.arrays import CountsArray, FloatArray

__all__ = ["ItkLayout", "itk_layout"]


@dataclass(frozen=True, eq=False)
class ItkLayout:
    """Counts ``(slice, row, column)``, and origin, spacing and direction of the ITK image.

    `direction` has one column an ITK axis, that of the columns first; its determinant is +1.
    """

    counts: CountsArray
    origin_mm: FloatArray
    spacing_mm: FloatArray
    direction: FloatArray


def itk_layout(counts: CountsArray, patient_from_index: FloatArray) -> ItkLayout:
    """Lay counts out for ITK, with the order of the slices reversed where that is left-handed.

    Examples
    --------
    Slices stacked from superior to inferior:

    >>> affine = np.array([(0, 0, 4, 0), (0, 4, 0, 0), (-4, 0, 0, 90), (0, 0, 0, 1.0)])
    >>> layout = itk_layout(np.zeros((3, 5, 5), np.float32), affine)
    >>> layout.direction.tolist(), layout.origin_mm.tolist()
    ([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [0.0, 0.0, 82.0])
    """
    spacing = voxel_spacing_mm(patient_from_index)
    direction = (patient_from_index[:3, :3] / spacing)[:, ::-1].copy()
    first = np.zeros(3)
    if np.linalg.det(direction) < 0:
        counts, first[0] = counts[::-1], counts.shape[0] - 1
        direction[:, 2] *= -1
    return ItkLayout(
        np.ascontiguousarray(counts, dtype=np.float32),
        apply_affine(patient_from_index, first),
        spacing[::-1].copy(),
        direction + 0.0,
    )
