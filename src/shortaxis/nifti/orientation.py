"""NIfTI counts and affines to ours and back.

NIfTI stores ``(i, j, k)`` with an affine to RAS+ mm; ShortAxis holds
``(slice, row, column)`` with an affine to LPS mm. With ``flip = diag(-1, -1, 1, 1)`` and ``P``
the permutation that reverses three indices, ``patient_from_index = flip @ affine @ P``, and
as both are their own inverse the way back is the same formula.
"""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.arrays import FloatArray

__all__ = ["affine_from_patient_from_index", "patient_from_index_from_affine"]

_LPS_FROM_RAS: FloatArray = np.diag([-1.0, -1.0, 1.0, 1.0])
_REVERSED_INDICES: FloatArray = np.eye(4)[[2, 1, 0, 3]]


def patient_from_index_from_affine(ras_from_ijk: FloatArray) -> FloatArray:
    """LPS affine of ``(slice, row, column)`` from the RAS affine of ``(i, j, k)``.

    Examples
    --------
    >>> patient_from_index_from_affine(np.diag([2.0, 3.0, 4.0, 1.0]))[:3, :3].tolist()
    [[0.0, 0.0, -2.0], [0.0, -3.0, 0.0], [4.0, 0.0, 0.0]]
    """
    patient_from_index: FloatArray = _LPS_FROM_RAS @ ras_from_ijk @ _REVERSED_INDICES + 0.0
    return patient_from_index


def affine_from_patient_from_index(patient_from_index: FloatArray) -> FloatArray:
    """RAS affine of ``(i, j, k)``; the inverse of `patient_from_index_from_affine`."""
    return patient_from_index_from_affine(patient_from_index)
