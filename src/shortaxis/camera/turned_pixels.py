"""The area that each pixel of a slice shares with the pixels of the turned slice.

A voxel is a square of even activity. Its counts go to the turned pixels that it overlaps, in
proportion to the area. Squares tile the plane before and after, so counts are conserved and
an even field stays even, which bilinear interpolation only does on average.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from shortaxis.geometry.arrays import FloatArray

__all__ = ["SparseMatrix", "shared_areas"]

SparseMatrix: TypeAlias = Any
"""A scipy CSR array; its stubs do not know the element types that are used here."""

LINES = 8
"""Lines across a pixel along which overlaps are integrated; an even field is even to 0.5 %."""

NEAR = (-1, 0, 1)
"""Bins, and depths, around the nearest: two unit squares farther than 1.21 apart never meet."""

ROUNDING = 1e-6
"""Squares that are this much too far apart share nothing, whatever is rounded."""


def shared_areas(pixels: int, angle_deg: float) -> SparseMatrix:
    """Area that each pixel shares with each turned pixel; CSR, ``(row * column, depth * bin)``.

    Rows of pixels that stay inside sum to 1 exactly: every line across a pixel is cut by
    the turned grid into parts that make up the whole line.

    Parameters
    ----------
    pixels : int
        Rows, and columns, of a slice.
    angle_deg : float
        Angular view, 0 at the patient's back; `shortaxis.camera.rotation` defines bin and depth.
    """
    cosine, sine = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
    along_column, along_row = np.array([-cosine, -sine]), np.array([sine, -cosine])
    offsets, target, source = _near_pixels(pixels, along_column, along_row)
    areas = _areas(offsets, along_column, along_row)
    shared = areas > np.finfo(float).eps
    target, source = target[shared], source[shared]
    first = np.zeros(pixels**2 + 1, dtype=np.int32)
    np.cumsum(np.bincount(source, minlength=pixels**2), out=first[1:])
    return sparse.csr_array((areas[shared], target, first), shape=(pixels**2, pixels**2))


def _near_pixels(
    pixels: int, along_column: FloatArray, along_row: FloatArray
) -> tuple[FloatArray, NDArray[np.int32], NDArray[np.int64]]:
    """Pairs of a pixel and a turned one that may meet, ordered by pixel, then by turned pixel.

    Returns the ``(2, pair)`` offset of their middles in bin and depth, the turned pixel, and
    the pixel.
    """
    middle = (pixels - 1) / 2
    place = np.arange(pixels) - middle
    reach = (1 + np.abs(along_row).sum()) / 2 + ROUNDING
    targets, offsets, meets = [], [], []
    for axis in (0, 1):
        centers = place * along_column[axis] + place[:, None] * along_row[axis] + middle
        near = np.rint(centers).reshape(-1, 1) + NEAR
        off = centers.reshape(-1, 1) - near
        targets.append(near.astype(np.int32))
        offsets.append(off)
        meets.append((near >= 0) & (near < pixels) & (np.abs(off) < reach))
    pair = np.flatnonzero(meets[1][:, :, None] & meets[0][:, None, :])
    source, neighbour = np.divmod(pair, len(NEAR) ** 2)
    depth, bin_ = (source * len(NEAR) + each for each in np.divmod(neighbour, len(NEAR)))
    target = targets[1].ravel()[depth] * pixels + targets[0].ravel()[bin_]
    return np.stack([offsets[0].ravel()[bin_], offsets[1].ravel()[depth]]), target, source


def _areas(offsets: FloatArray, along_column: FloatArray, along_row: FloatArray) -> FloatArray:
    """Area shared by a unit square and one turned square at ``(2, pair)`` offsets from it."""
    # Parallel to an axis, a slope of 1e-9 moves the cut of a line far outside the square.
    slope = np.where(np.abs(along_column) < 1e-9, 1e-9, along_column)
    half, step = 0.5 / np.abs(slope), along_row / slope
    crossing = -offsets / slope[:, None]
    areas = np.zeros(offsets.shape[1])
    # Written into the same arrays, because new ones would cost more than the arithmetic.
    cut, start, stop, bound = np.empty((4, len(areas)))
    for line in (np.arange(LINES) + 0.5) / LINES - 0.5:
        start[:], stop[:] = -0.5, 0.5
        for axis in (0, 1):
            np.subtract(crossing[axis], line * step[axis], out=cut)
            np.maximum(start, np.subtract(cut, half[axis], out=bound), out=start)
            np.minimum(stop, np.add(cut, half[axis], out=bound), out=stop)
        areas += np.maximum(np.subtract(stop, start, out=stop), 0.0, out=stop)
    return areas / LINES
