"""How the counts of a square pixel are shared among bins, exactly and in closed form.

A pixel of even activity seen at an angle is a trapezoid on the bins: two boxes of widths
``|cos|`` and ``|sin|``, one folded with the other. Its share in a bin is the difference of the
trapezoid's integral at the two edges. Counts are conserved, and a field that is even stays even.
Turned pixels, which depth-dependent effects need, take the product of the shares in bin and depth:
summed over depth it is the footprint again, so both models agree.

Bins and depths follow `shortaxis.spect.projections.view_axes`.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.projections import view_axes

__all__ = ["SparseMatrix", "circle_pixels", "footprints", "turning"]

SparseMatrix: TypeAlias = Any
"""A scipy CSR array; its stubs do not know the element types that are used here."""

NEAR = (-1, 0, 1)
"""Bins around the nearest: a footprint is at most 1.42 bins wide."""

NARROWEST = 1e-4
"""Width of the narrow box along an axis: none would divide by zero."""


def circle_pixels(pixels: int) -> NDArray[np.int64]:
    """Flat indices ``row * pixels + column`` of the pixels that every view sees."""
    place = np.arange(pixels) - (pixels - 1) / 2
    distance = np.hypot(place[:, None], place[None, :])
    return np.flatnonzero(distance <= (pixels - 1) / 2)


def footprints(pixels: int, angle_deg: float) -> SparseMatrix:
    """Sums along straight lines of one view: CSR float32, ``(bin, pixel of the circle)``."""
    near, shares = _shares(pixels, angle_deg, 0)
    return _matrix(near, shares, pixels, pixels)


def turning(pixels: int, angle_deg: float) -> SparseMatrix:
    """A slice as one view faces it: CSR float32, ``(depth * pixels + bin, pixel of the circle)``.

    Depth 0 is nearest to the detector.
    """
    bins, across = _shares(pixels, angle_deg, 0)
    depths, along = _shares(pixels, angle_deg, 1)
    inside = (depths >= 0) & (depths < pixels)
    shares = np.where(inside, along, 0)[:, :, None] * across[:, None, :]
    place = depths[:, :, None] * pixels + bins[:, None, :]
    seen = (bins >= 0) & (bins < pixels)
    shares = np.where(seen[:, None, :], shares, 0)
    count = len(bins)
    return _matrix(place.reshape(count, -1), shares.reshape(count, -1), pixels**2, pixels)


def _shares(pixels: int, angle_deg: float, axis: int) -> tuple[NDArray[np.int64], FloatArray]:
    """Bins (axis 0) or depths (1) near each pixel of the circle, and its share in each.

    Both ``(pixel, 3)``; shares sum to 1.
    """
    bins, towards = view_axes(angle_deg)
    x, y = (bins if axis == 0 else -towards)[:2]
    row, column = np.divmod(circle_pixels(pixels), pixels)
    middle = (pixels - 1) / 2
    center = (column - middle) * x + (row - middle) * y + middle
    near = np.rint(center).astype(np.int64)[:, None] + np.array(NEAR)
    off = near - center[:, None]
    widths = sorted((max(abs(x), NARROWEST), max(abs(y), NARROWEST)))
    edges = np.concatenate([off[:, :1] - 0.5, off + 0.5], axis=1)
    return near, np.diff(_integral(edges, *widths), axis=1)


def _integral(edge: FloatArray, narrow: float, wide: float) -> FloatArray:
    """Part of a trapezoid below an edge, 0 to 1."""
    total = np.zeros_like(edge)
    for sign, knot in (
        (1, (wide + narrow) / 2),
        (-1, (wide - narrow) / 2),
        (-1, (narrow - wide) / 2),
        (1, -(wide + narrow) / 2),
    ):
        total += sign * np.square(np.maximum(edge + knot, 0))
    return total / (2 * narrow * wide)


def _matrix(place: NDArray[np.int64], shares: FloatArray, size: int, pixels: int) -> SparseMatrix:
    source = np.broadcast_to(np.arange(len(place))[:, None], place.shape)
    kept = (place >= 0) & (place < size) & (shares > np.finfo(np.float32).eps)
    entries = (shares[kept].astype(np.float32), (place[kept], source[kept]))
    shape = (size, len(circle_pixels(pixels)))
    return sparse.coo_array(entries, shape=shape).tocsr()
