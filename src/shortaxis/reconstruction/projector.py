"""The camera as the reconstruction sees it: expected counts of a volume, and their transpose.

Volumes are *columns*, ``(pixel of the circle, slice)``, and views *rays*, ``(view * bin, slice)``,
float32: rotation treats all slices alike, and slices that lie side by side make one sparse product
do all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from scipy import sparse

from shortaxis.geometry.arrays import CountsArray
from shortaxis.reconstruction.blur import CollimatorBlur
from shortaxis.reconstruction.camera_voxels import CameraVoxels
from shortaxis.reconstruction.footprints import SparseMatrix, circle_pixels, footprints, turning

__all__ = [
    "BlurredProjector",
    "LineProjector",
    "Projector",
    "to_columns",
    "to_rays",
    "to_views",
    "to_volume",
]

KEPT_BYTES = 250_000_000
"""Of transmission: all views of 64 x 64 x 64 voxels take 63 MB; for 128 x 128 x 128 voxels it is
made anew each time."""


class Projector(Protocol):
    """A linear map for some of the views, and its transpose."""

    def apply(self, columns: CountsArray, views: Sequence[int]) -> CountsArray:
        """Expected counts, rays of these views."""
        ...

    def adjoint(self, rays: CountsArray, views: Sequence[int]) -> CountsArray:
        """Transpose of `apply`: columns."""
        ...


class LineProjector:
    """Sums along straight lines: one sparse matrix for all slices of several views."""

    def __init__(self, voxels: CameraVoxels, angles_deg: Sequence[float]) -> None:
        self._views = [footprints(voxels.pixels, angle) for angle in angles_deg]
        self._stacked: dict[tuple[int, ...], SparseMatrix] = {}

    def apply(self, columns: CountsArray, views: Sequence[int]) -> CountsArray:
        """Expected counts, rays of these views."""
        seen: CountsArray = self._matrix(views) @ columns
        return seen

    def adjoint(self, rays: CountsArray, views: Sequence[int]) -> CountsArray:
        """Transpose of `apply`: columns."""
        drawn_back: CountsArray = self._matrix(views).T @ rays
        return drawn_back

    def _matrix(self, views: Sequence[int]) -> SparseMatrix:
        chosen = tuple(views)
        if chosen not in self._stacked:
            stacked = sparse.vstack([self._views[view] for view in chosen], format="csr")
            self._stacked[chosen] = stacked
        return self._stacked[chosen]


class BlurredProjector:
    """Rotation, attenuation on the way to the detector, and the collimator's blur, each if given.

    Parameters
    ----------
    voxels : CameraVoxels
    angles_deg, radial_position_mm : sequence of float
        Of each view.
    blur : CollimatorBlur, optional
    attenuation_per_cm : (slice, row, column) array, optional
        Narrow-beam, at the photons' energy.
    """

    def __init__(
        self,
        voxels: CameraVoxels,
        angles_deg: Sequence[float],
        radial_position_mm: Sequence[float],
        blur: CollimatorBlur | None = None,
        attenuation_per_cm: CountsArray | None = None,
    ) -> None:
        self._voxels, self._radii_mm, self._blur = voxels, tuple(radial_position_mm), blur
        self._turns = [turning(voxels.pixels, angle) for angle in angles_deg]
        self._attenuation: CountsArray | None = None
        if attenuation_per_cm is not None:
            self._attenuation = to_columns(attenuation_per_cm) * np.float32(voxels.pixel_mm / 10)
        size = 4 * voxels.pixels**2 * voxels.slices * len(self._turns)
        self._kept: dict[int, CountsArray] | None = {} if size <= KEPT_BYTES else None

    def apply(self, columns: CountsArray, views: Sequence[int]) -> CountsArray:
        """Expected counts, rays of these views."""
        return np.concatenate([self._seen(columns, view) for view in views])

    def adjoint(self, rays: CountsArray, views: Sequence[int]) -> CountsArray:
        """Transpose of `apply`: columns."""
        parts = rays.reshape(len(views), self._voxels.pixels, -1)
        total = self._spread(parts[0], views[0])
        for part, view in zip(parts[1:], views[1:], strict=True):
            total += self._spread(part, view)
        return total

    def _seen(self, columns: CountsArray, view: int) -> CountsArray:
        turned = self._turned(columns, view)
        if self._attenuation is not None:
            turned *= self._transmission(self._attenuation, view)
        if self._blur is None:
            return np.asarray(turned.sum(axis=0))
        return self._blur.seen(turned, self._radii_mm[view])

    def _spread(self, counts: CountsArray, view: int) -> CountsArray:
        pixels = self._voxels.pixels
        if self._blur is None:
            turned = np.repeat(counts[None], pixels, axis=0)
        else:
            turned = self._blur.spread(counts, self._radii_mm[view])
        if self._attenuation is not None:
            turned *= self._transmission(self._attenuation, view)
        columns: CountsArray = self._turns[view].T @ turned.reshape(pixels**2, -1)
        return columns

    def _turned(self, columns: CountsArray, view: int) -> CountsArray:
        """``(depth, bin, slice)``, depth 0 nearest to the detector."""
        pixels = self._voxels.pixels
        turned: CountsArray = (self._turns[view] @ columns).reshape(pixels, pixels, -1)
        return turned

    def _transmission(self, attenuation: CountsArray, view: int) -> CountsArray:
        """``exp(-integral)`` from each voxel's middle to the detector, ``(depth, bin, slice)``."""
        if self._kept is not None and view in self._kept:
            return self._kept[view]
        turned = self._turned(attenuation, view)
        passed = np.exp(turned / 2 - np.cumsum(turned, axis=0))
        if self._kept is not None:
            self._kept[view] = passed
        return passed


def to_columns(volume: CountsArray) -> CountsArray:
    """``(slice, row, column)`` as columns; what lies outside the circle is left out."""
    slices, pixels, _ = volume.shape
    flat = volume.reshape(slices, -1)[:, circle_pixels(pixels)]
    return np.ascontiguousarray(flat.T, dtype=np.float32)


def to_volume(columns: CountsArray, voxels: CameraVoxels) -> CountsArray:
    """Columns as ``(slice, row, column)``, zero outside the circle."""
    volume = np.zeros((voxels.slices, voxels.pixels**2), dtype=np.float32)
    volume[:, circle_pixels(voxels.pixels)] = columns.T
    return volume.reshape(voxels.shape)


def to_rays(views: CountsArray) -> CountsArray:
    """``(view, row, bin)`` as stored, rows from the head, as rays: slices to the head."""
    turned = views[:, ::-1, :].transpose(0, 2, 1)
    return np.ascontiguousarray(turned, dtype=np.float32).reshape(-1, views.shape[1])


def to_views(rays: CountsArray, voxels: CameraVoxels) -> CountsArray:
    """Rays as ``(view, row, bin)``, rows from the head."""
    views = rays.reshape(-1, voxels.pixels, voxels.slices).transpose(0, 2, 1)
    return np.ascontiguousarray(views[:, ::-1, :])
