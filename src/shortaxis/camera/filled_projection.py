"""Projecting a body without arithmetic for the air around it.

A body fills less than half of the turned pixels. What each of them gives by itself - transmission,
scatter - is worked out for the filled ones alone, and put back among empty ones before anything is
summed: sums keep their order, so results are the same to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from shortaxis.camera.attenuation import Attenuation
from shortaxis.camera.collimator import CollimatorDetectorResponse
from shortaxis.camera.operators import numpy_type
from shortaxis.camera.rotation import Rotation
from shortaxis.camera.scatter import Scatter
from shortaxis.camera.turned_pixels import SparseMatrix
from shortaxis.geometry.arrays import FloatArray

__all__ = ["FilledProjection"]

ROWS_AT_ONCE = 32
"""Powers of whole vectors are rounded differently from those of what is left over at the end."""


@dataclass(frozen=True, eq=False)
class FilledProjection:
    """The effects of one camera, and the body that it sees.

    Parameters
    ----------
    rotation, attenuation, response, scatter
        Of the whole body.
    columns : (row * column, slice) tensor
        Activity.
    filled : (row * column,) array
        1 where there is any activity or attenuation, else 0.
    """

    rotation: Rotation
    attenuation: Attenuation
    response: CollimatorDetectorResponse
    scatter: Scatter | None
    columns: Tensor
    filled: FloatArray

    @classmethod
    def of(
        cls,
        columns: Tensor,
        rotation: Rotation,
        attenuation: Attenuation,
        response: CollimatorDetectorResponse,
        scatter: Scatter | None,
    ) -> Self:
        """Find what is filled."""
        filled = columns.numpy().any(axis=1) | attenuation.is_anywhere
        as_numbers: FloatArray = np.asarray(filled, dtype=numpy_type(rotation.dtype))
        return cls(rotation, attenuation, response, scatter, columns, as_numbers)

    def project(self, view: int) -> tuple[Tensor, Tensor | None]:
        """Unscattered and scattered counts of one view, ``(slice, bin)``."""
        matrix = self._turning(view)
        places, depths = self._filled_places(matrix)

        def turn(columns: Tensor) -> Tensor:
            turned = torch.from_numpy(matrix @ columns.numpy()[self.within])
            return turned.view(self.rotation.out_shape[1:])

        turned = turn(self.columns).flatten(0, 1).index_select(0, places)
        transmission = self.attenuation.transmission_at(places, depths, view, turn)
        arriving = self._among_empty(turned * transmission, places)
        counts = self.response.apply_depths(arriving, depths, view)
        if self.scatter is None:
            return counts, None
        scattered = self._among_empty(turned * self.scatter.weights(transmission), places)
        return counts, self.scatter.spread(scattered.sum(dim=0))

    @cached_property
    def within(self) -> slice:
        """The pixels from the first that is filled to the last."""
        places = np.flatnonzero(self.filled)
        return slice(int(places[0]), int(places[-1]) + 1) if len(places) else slice(0, 0)

    def _turning(self, view: int) -> SparseMatrix:
        """How the counts of pixels `within` turn: CSC, ``(depth * bin, pixel)``."""
        shares = self.rotation.shares(view)
        first = shares.indptr[self.within.start : self.within.stop + 1]
        entries = slice(first[0], first[-1])
        parts = shares.data[entries], shares.indices[entries], first - first[0]
        return sparse.csc_array(parts, shape=(shares.shape[1], len(first) - 1))

    def _filled_places(self, matrix: SparseMatrix) -> tuple[Tensor, slice]:
        """Turned pixels that are filled, ``depth * bin``, the last repeated; and their depths."""
        pixels = self.rotation.grid.pixels
        places = np.flatnonzero(matrix @ self.filled[self.within])
        if not len(places):
            return torch.zeros(0, dtype=torch.int64), slice(0, 0)
        depths = slice(int(places[0]) // pixels, int(places[-1]) // pixels + 1)
        more = -len(places) % ROWS_AT_ONCE
        return torch.from_numpy(np.pad(places, (0, more), mode="edge")), depths

    def _among_empty(self, values: Tensor, places: Tensor) -> Tensor:
        """``(place, slice)`` values as ``(depth, bin, slice)``, zero elsewhere."""
        pixels, slices = self.rotation.grid.pixels, self.rotation.grid.slices
        everywhere = self._room.zero_().index_copy_(0, places, values)
        return everywhere.view(pixels, pixels, slices)

    @cached_property
    def _room(self) -> Tensor:
        """For one array after the other: to ask for memory at every view would cost as much."""
        grid = self.rotation.grid
        return torch.empty(grid.pixels**2, grid.slices, dtype=self.rotation.dtype)
