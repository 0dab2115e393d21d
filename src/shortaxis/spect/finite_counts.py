"""Counts that are numbers, every one of them."""

from __future__ import annotations

import numpy as np

from shortaxis.errors import CountsError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["require_finite_counts", "without_rim"]

AXES = ("time slot", "slice", "row", "column")


def require_finite_counts(counts: CountsArray) -> None:
    """Refuse counts of shape ``([time_slot,] slice, row, column)`` with NaN or infinite voxels.

    Raises
    ------
    CountsError
        With the number of these voxels, and where the first is.
    """
    # Both are NaN where any voxel is. Masks of all voxels are made only where something is wrong.
    if not counts.size or (np.isfinite(counts.min()) and np.isfinite(counts.max())):
        return
    wrong = ~np.isfinite(counts)
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
        way_on="reconstruct again; NaN are read as no counts only outside the field of view",
    )


def without_rim(counts: CountsArray) -> tuple[CountsArray, tuple[ReadingNote, ...]]:
    """Counts ``([time_slot,] slice, row, column)`` with zero for NaN outside the field of view.

    Outside is what NaN join to the edge of a slice. Where any NaN is inside, all stay as they are:
    the reconstruction went wrong.
    """
    missing = np.isnan(counts)
    if not missing.any():
        return counts, ()
    # Most studies have none, and loading this takes longer than reading them.
    from scipy import ndimage

    in_plane = np.zeros((3,) * counts.ndim, dtype=bool)
    in_plane[(1,) * (counts.ndim - 2)] = ndimage.generate_binary_structure(2, 1)
    areas, _ = ndimage.label(missing, structure=in_plane)
    edges = (areas[..., 0, :], areas[..., -1, :], areas[..., :, 0], areas[..., :, -1])
    at_edge = np.unique(np.concatenate([edge.ravel() for edge in edges]))
    outside = np.isin(areas, at_edge[at_edge > 0])
    if (missing & ~outside).any():
        return counts, ()
    filled = np.where(outside, np.float32(0), counts)
    number = int(outside.sum())
    note = ReadingNote(f"{number} of {counts.size} voxels outside the field are NaN: no counts")
    return filled, (note,)


def _kinds(values: CountsArray) -> str:
    is_nan = np.isnan(values)
    if is_nan.all():
        return "NaN"
    return "NaN or infinite" if is_nan.any() else "infinite"
