"""Trilinear interpolation at places between voxels, in a few passes over arrays.

Interpolating point by point costs three times as much, and so does loading a library for it alone:
every command would wait for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.arrays import CountsArray, FloatArray

__all__ = ["Beyond", "Places", "places_at", "places_of_grid"]

Beyond = Literal["zero", "nearest"]
"""Counts beyond the centres of the outermost voxels: none, or those of the nearest one."""

Float = TypeVar("Float", np.float32, np.float64)


@dataclass(frozen=True, eq=False)
class Places:
    """Places in an array, found once and read from any array of that shape.

    `corner` is where in the flat array the lowest of the eight voxels around each place lies,
    `parts` how far each place is from it along (slice, row, column), 0-1; `inside` is None where
    every place reads something. `shape` is that of the array, at least two along each index.
    """

    shape: tuple[int, int, int]
    corner: NDArray[np.int32]
    parts: tuple[FloatArray, FloatArray, FloatArray]
    inside: NDArray[np.bool_] | None

    def counts(self, values: CountsArray) -> CountsArray:
        """Values at the places, computed with the precision of counts."""
        slices, rows, columns = (part.astype(np.float32) for part in self.parts)
        return self._read(values, (slices, rows, columns), np.dtype(np.float32))

    def values(self, values: CountsArray) -> FloatArray:
        """Values at the places, computed with the precision of coordinates."""
        return self._read(values, self.parts, np.dtype(np.float64))

    def _read(
        self,
        values: CountsArray,
        parts: tuple[NDArray[Float], NDArray[Float], NDArray[Float]],
        dtype: np.dtype[Float],
    ) -> NDArray[Float]:
        flat = np.ascontiguousarray(_at_least_two(values)).reshape(-1)
        along_slice, along_row, along_column = parts
        row, plane = self.shape[2], self.shape[1] * self.shape[2]

        def between(first: NDArray[Float], last: NDArray[Float], part: NDArray[Float]) -> None:
            """Leaves what lies between the two in `last`."""
            last -= first
            last *= part
            last += first

        def corners(start: int) -> NDArray[Float]:
            # Clipping never changes an index here; it spares a check that costs a buffer.
            found = flat[start:].take(self.corner, mode="clip")
            return found.astype(dtype, copy=False)

        def edge(start: int) -> NDArray[Float]:
            first, last = corners(start), corners(start + 1)
            between(first, last, along_column)
            return last

        def face(start: int) -> NDArray[Float]:
            first, last = edge(start), edge(start + row)
            between(first, last, along_row)
            return last

        first, last = face(0), face(plane)
        between(first, last, along_slice)
        if self.inside is not None:
            last *= self.inside
        return last


def places_at(shape: tuple[int, ...], index: FloatArray, beyond: Beyond) -> Places:
    """Places of voxel indices ``(..., 3)``, which need not be whole."""
    return _places(shape, tuple(index[..., axis] for axis in range(3)), beyond)


def places_of_grid(
    shape: tuple[int, ...],
    index_from_grid: FloatArray,
    grid_shape: tuple[int, int, int],
    beyond: Beyond,
    first_slice: int = 0,
) -> Places:
    """Places of the voxels of a grid, from its slice `first_slice` on.

    `index_from_grid` is a 4x4 affine; the steps along its axes add up, so that nothing is
    multiplied for every voxel.
    """
    slices, rows, columns = (np.arange(size, dtype=np.float64) for size in grid_shape)
    slices += first_slice
    return _places(
        shape,
        tuple(
            (step[0] * slices + step[3])[:, None, None]
            + (step[1] * rows)[:, None]
            + step[2] * columns
            for step in index_from_grid[:3]
        ),
        beyond,
    )


def _places(shape: tuple[int, ...], along: tuple[FloatArray, ...], beyond: Beyond) -> Places:
    wide = tuple(max(size, 2) for size in shape)
    strides = (wide[1] * wide[2], wide[2], 1)
    inside: NDArray[np.bool_] | None = None
    corner = np.zeros(along[0].shape, dtype=np.int32)
    parts = []
    for size, count, stride, index in zip(shape, wide, strides, along, strict=True):
        # Least and greatest in turn: clipping by its own name takes several times as long.
        reachable = np.minimum(np.maximum(index, 0), size - 1)
        if beyond != "nearest":
            within = (index >= 0) & (index <= size - 1)
            inside = within if inside is None else np.logical_and(inside, within, out=inside)
        lowest = np.minimum(reachable, count - 2).astype(np.int32)
        reachable -= lowest
        parts.append(reachable)
        lowest *= stride
        corner += lowest
    slices, rows, columns = parts
    return Places((wide[0], wide[1], wide[2]), corner, (slices, rows, columns), inside)


def _at_least_two(values: CountsArray) -> CountsArray:
    """With a single slice, row or column repeated, so that every cell has eight corners."""
    missing = [(0, max(2 - size, 0)) for size in values.shape]
    if not any(after for _, after in missing):
        return values
    return np.pad(values, missing, mode="edge")
