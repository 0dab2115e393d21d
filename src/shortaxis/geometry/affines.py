"""Affines between index space and millimetres, as pure functions in pairs.

An affine is a 4x4 float64 matrix acting on column vectors ``(a, b, c, 1)``. Names are
read from right to left: ``patient_from_index`` takes a voxel index
``(slice, row, column)`` to patient coordinates ``(x, y, z)`` in DICOM LPS millimetres
(PS3.3 C.7.6.2.1.1). Integer indices are voxel centres.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray

__all__ = [
    "affine_from_axes",
    "apply_affine",
    "geometric_center_mm",
    "invert_affine",
    "validate_affine",
    "voxel_spacing_mm",
]


def validate_affine(affine: ArrayLike, name: str = "patient_from_index") -> FloatArray:
    """Return `affine` as a read-only float64 array, or say what is wrong with it.

    Raises
    ------
    GeometryError
        If it is not 4x4, not finite, not affine, or has no inverse.
    """
    matrix = np.array(affine, dtype=np.float64)
    if matrix.shape != (4, 4):
        raise GeometryError(
            f"{name} is not an affine", expected="a 4x4 matrix", found=f"shape {matrix.shape}"
        )
    if not np.isfinite(matrix).all():
        raise GeometryError(f"{name} is not finite", expected="finite numbers", found="NaN or inf")
    if not np.allclose(matrix[3], (0, 0, 0, 1), atol=1e-12):
        raise GeometryError(
            f"{name} is not affine", expected="last row 0 0 0 1", found=str(matrix[3].tolist())
        )
    lengths = np.linalg.norm(matrix[:3, :3], axis=0)
    # The triple product of unit axes is 1 for a rectangular grid and 0 for a flat one.
    if lengths.min() <= 0 or abs(np.linalg.det(matrix[:3, :3] / lengths)) < 1e-6:
        raise GeometryError(
            f"{name} has no inverse",
            expected="three independent axes of non-zero length",
            found=f"voxel sizes {lengths.tolist()} mm",
        )
    matrix.flags.writeable = False
    return matrix


def affine_from_axes(axes: ArrayLike, spacing_mm: ArrayLike, origin_mm: ArrayLike) -> FloatArray:
    """Build ``mm_from_index`` from unit axes, spacing and the centre of voxel (0, 0, 0).

    Parameters
    ----------
    axes : (3, 3) array-like
        One unit vector a row: the direction in which the first, second and third index grow.
    spacing_mm : (3,) array-like or float
        Distance between neighbours along each index, mm.
    origin_mm : (3,) array-like
        Position of voxel (0, 0, 0), mm.

    Examples
    --------
    >>> affine_from_axes([(0, 0, 1), (0, 1, 0), (1, 0, 0)], (4, 2, 2), (-10, -20, 5)).tolist()
    [[0.0, 0.0, 2.0, -10.0], [0.0, 2.0, 0.0, -20.0], [4.0, 0.0, 0.0, 5.0], [0.0, 0.0, 0.0, 1.0]]
    """
    affine = np.eye(4)
    affine[:3, :3] = np.asarray(axes, dtype=np.float64).T * np.asarray(spacing_mm)
    affine[:3, 3] = origin_mm
    return affine


def apply_affine(affine: FloatArray, points: ArrayLike) -> FloatArray:
    """Apply a 4x4 affine to points of shape ``(..., 3)``.

    Examples
    --------
    >>> shift = affine_from_axes(np.eye(3), 1, (1, 2, 3))
    >>> apply_affine(shift, [[0, 0, 0], [1, 1, 1]]).tolist()
    [[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]
    """
    result: FloatArray = np.asarray(points, dtype=np.float64) @ affine[:3, :3].T + affine[:3, 3]
    return result


def invert_affine(affine: FloatArray) -> FloatArray:
    """Return the inverse: ``index_from_patient`` from ``patient_from_index``.

    With linear part ``M`` and offset ``t``, ``p = M i + t`` gives ``i = M^-1 p - M^-1 t``.
    """
    inverse = np.eye(4)
    inverse[:3, :3] = np.linalg.inv(affine[:3, :3])
    inverse[:3, 3] = -inverse[:3, :3] @ affine[:3, 3]
    return inverse


def voxel_spacing_mm(affine: FloatArray) -> FloatArray:
    """Distances between neighbouring voxel centres along each index, mm, shape (3,)."""
    spacing: FloatArray = np.linalg.norm(affine[:3, :3], axis=0)
    return spacing


def geometric_center_mm(affine: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Centre of the grid in mm: the point halfway between the first and the last voxel.

    Examples
    --------
    >>> geometric_center_mm(np.diag([4.0, 2.0, 2.0, 1.0]), (3, 5, 6)).tolist()
    [4.0, 4.0, 5.0]
    """
    return apply_affine(affine, (np.asarray(shape, dtype=np.float64) - 1) / 2)
