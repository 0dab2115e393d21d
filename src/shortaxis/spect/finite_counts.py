"""Counts that are numbers, every one of them."""

from __future__ import annotations

import numpy as np

from shortaxis.errors import CountsError
from shortaxis.geometry.arrays import CountsArray

__all__ = ["require_finite_counts"]

AXES = ("time slot", "slice", "row", "column")


def require_finite_counts(counts: CountsArray) -> None:
    """Refuse counts of shape ``([time_slot,] slice, row, column)`` with NaN or infinite voxels.

    Raises
    ------
    CountsError
        With the number of these voxels, and where the first is.
    """
    wrong = ~np.isfinite(counts)
    if not wrong.any():
        return
    first = np.argwhere(wrong)[0]
    place = ", ".join(
        f"{name} {index}" for name, index in zip(AXES[-counts.ndim :], first, strict=True)
    )
    raise CountsError(
        "counts are not finite",
        expected="finite numbers",
        found=f"{int(wrong.sum())} of {counts.size} voxels are {_kinds(counts[wrong])}, "
        f"the first at {place}, counted from 0",
        cause="a division by zero in the reconstruction or a damaged file",
    )


def _kinds(values: CountsArray) -> str:
    is_nan = np.isnan(values)
    if is_nan.all():
        return "NaN"
    return "NaN or infinite" if is_nan.any() else "infinite"
