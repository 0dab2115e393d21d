"""Small voxels averaged to those that networks and their limits know.

A reconstruction of 400 x 400 pixels shows a wall in voxels of 1.6 mm that is blurred over 5 mm or
more. The pose needs none of that: it is the same from averages of some voxels together, in a
fraction of the time. Slices are cut from the counts as they are.
"""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.arrays import CountsArray
from shortaxis.spect.volume import SpectVolume

__all__ = ["SMALL_MM", "averaged"]

SMALL_MM = 2.0
"""Below the smallest voxels that poses are judged by (`min_voxel_mm`)."""

SQUARE = 1.05
"""Longer over shorter edge of a pixel, as poses are judged by (`pixel_ratio`)."""

LARGEST_MM = 4.0
"""Averages are no larger: the voxel size of most exams."""


def averaged(volume: SpectVolume) -> SpectVolume:
    """The mean of as many voxels together as make at most 4 mm, where pixels are below 2 mm.

    Others stay as they are, and so do pixels that are not square and slices that alone are thin:
    there a size in the header is likely to be wrong, and averages would hide it. What is left over
    at the end of an axis, less than one new voxel, goes.
    """
    pixel_mm = volume.spacing_mm[1:]
    if pixel_mm.max() >= SMALL_MM or pixel_mm.max() > SQUARE * pixel_mm.min():
        return volume
    together = np.maximum((LARGEST_MM / volume.spacing_mm + 1e-6).astype(int), 1)
    together = np.minimum(together, volume.shape)
    counts = _averaged_slices(volume.counts, *together.tolist())
    affine = volume.patient_from_index.copy()
    # The middle of the first new voxel, from that of the first old one.
    affine[:3, 3] += affine[:3, :3] @ ((together - 1) / 2)
    affine[:3, :3] *= together
    counts.flags.writeable = False
    return SpectVolume(counts, affine)


def _averaged_slices(
    counts: CountsArray, of_slices: int, of_rows: int, of_columns: int
) -> CountsArray:
    """Means along the three axes, one after the other, of so many voxels each.

    A slice at a time: what lies in between stays in the processor's cache.
    """
    slices = len(counts) // of_slices
    averages = np.empty(
        (slices, counts.shape[1] // of_rows, counts.shape[2] // of_columns), dtype=np.float32
    )
    for number, average in enumerate(averages):
        some = counts[number * of_slices : (number + 1) * of_slices]
        plane = _means(_means(some, 0, of_slices)[0], 0, of_rows)
        average[:] = _means(plane, 1, of_columns)
    return averages


def _means(counts: CountsArray, axis: int, count: int) -> CountsArray:
    """Of `count` neighbours along an axis, which is shorter then."""
    along = np.moveaxis(counts, axis, 0)
    kept = along[: len(along) // count * count]
    total = kept[::count].astype(np.float32)
    for number in range(1, count):
        total += kept[number::count]
    total *= np.float32(1 / count)
    return np.moveaxis(total, 0, axis)
