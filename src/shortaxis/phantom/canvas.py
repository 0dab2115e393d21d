"""Painting shapes on a grid with partial occupancy.

A shape is an implicit function ``F``, negative inside, of any scale. To first order the
distance to its surface is ``F / |grad F|``. With the gradient taken per voxel along the grid's
own axes, a plane through a voxel leaves a part of it whose change with distance has, for the
box-shaped voxel, the variance ``|grad|^2 / 12`` - that of a ramp of width ``|grad|``. So the
occupancy is ``clamp(1/2 - F / |grad F|, 0, 1)`` on any affine. A curved surface moves when it is
averaged over voxels: ``F`` is replaced by its own average, ``F + laplace(F) / 24``, which keeps
the volume of a sphere to the second order in voxel size over radius.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid

__all__ = [
    "Block",
    "Canvas",
    "Implicit",
    "block_around",
    "box_corners",
    "occupancy_from_levels",
    "whole_block",
]

Implicit = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Takes coordinates of any broadcastable shapes in mm; negative inside."""


@dataclass(frozen=True, eq=False)
class Block:
    """A box of voxels of a grid, each divided into ``factor ** 3`` parts."""

    grid: Grid
    start: tuple[int, int, int]
    size: tuple[int, int, int]
    factor: int = 1

    @property
    def region(self) -> tuple[slice, slice, slice]:
        """The block's voxels in an array of the whole grid."""
        first, second, third = (slice(a, a + n) for a, n in zip(self.start, self.size, strict=True))
        return first, second, third

    def coordinates(self, frame_from_patient: FloatArray) -> tuple[Tensor, Tensor, Tensor]:
        """Coordinates of the parts and of one more all around, in another frame, mm.

        An axis along which a coordinate does not change has length 1.
        """
        frame_from_index = frame_from_patient @ self.grid.patient_from_index
        indices = [
            start + (np.arange(-1, size * self.factor + 1) + 0.5) / self.factor - 0.5
            for start, size in zip(self.start, self.size, strict=True)
        ]
        first, second, third = (
            _sum_along_axes(row[:3], indices, row[3]) for row in frame_from_index[:3]
        )
        return first, second, third

    def occupancy(self, levels: Tensor) -> Tensor:
        """Occupied fraction of every part from an implicit function on `coordinates`."""
        full = tuple(size * self.factor + 2 for size in self.size)
        levels = levels.expand(full)
        inner = slice(1, -1)
        pairs = (
            (levels[2:, inner, inner], levels[:-2, inner, inner]),
            (levels[inner, 2:, inner], levels[inner, :-2, inner]),
            (levels[inner, inner, 2:], levels[inner, inner, :-2]),
        )
        return occupancy_from_levels(levels[inner, inner, inner], pairs)

    def averaged(self, parts: Tensor) -> Tensor:
        """Mean over the parts of each voxel."""
        if self.factor == 1:
            return parts
        return functional.avg_pool3d(parts[None, None], self.factor)[0, 0]


def occupancy_from_levels(here: Tensor, neighbours: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
    """Occupied fraction from the levels of a part and of its neighbours on both sides."""
    squared = torch.full_like(here, 1e-12)
    smoothed = 0.75 * here
    for after, before in neighbours:
        change = after - before
        squared.addcmul_(change, change)
        smoothed.add_(after, alpha=1 / 24).add_(before, alpha=1 / 24)
    # Central differences span two voxels.
    return smoothed.mul_(squared.rsqrt_()).mul_(-2).add_(0.5).clamp_(0, 1)


def _sum_along_axes(steps: FloatArray, indices: list[FloatArray], offset: float) -> Tensor:
    terms = []
    for axis, (step, index) in enumerate(zip(steps, indices, strict=True)):
        if abs(step) > 1e-9:
            shape = [-1 if each == axis else 1 for each in range(3)]
            terms.append((step * index).reshape(shape))
    # The offset joins the first axis in double precision: far origins cost no accuracy.
    terms[0] = terms[0] + offset
    tensors = [torch.from_numpy(term).float() for term in terms]
    return sum(tensors[1:], start=tensors[0])


def whole_block(grid: Grid) -> Block:
    """All voxels of a grid."""
    return Block(grid, (0, 0, 0), grid.shape)


def block_around(grid: Grid, patient_points: FloatArray, factor: int = 1) -> Block | None:
    """The voxels that touch the bounding box of LPS points; None if the grid misses it."""
    indices = apply_affine(invert_affine(grid.patient_from_index), patient_points)
    low = np.clip(np.floor(indices.min(axis=0) - 0.5), 0, grid.shape).astype(int)
    high = np.clip(np.ceil(indices.max(axis=0) + 0.5) + 1, 0, grid.shape).astype(int)
    if (high <= low).any():
        return None
    start, size = low.tolist(), (high - low).tolist()
    return Block(grid, (start[0], start[1], start[2]), (size[0], size[1], size[2]), factor)


def box_corners(lowest: Iterable[float], highest: Iterable[float]) -> FloatArray:
    """The eight corners of a box, (8, 3)."""
    sides = np.array([tuple(lowest), tuple(highest)], dtype=np.float64)
    choice = np.indices((2, 2, 2)).reshape(3, 8)
    return np.stack([sides[choice[axis], axis] for axis in range(3)], axis=1)


@dataclass(frozen=True, eq=False)
class Canvas:
    """Activity and attenuation of a grid, painted from the back to the front."""

    grid: Grid
    activity: Tensor
    attenuation_per_cm: Tensor

    @classmethod
    def empty(cls, grid: Grid) -> Canvas:
        """Air: neither activity nor attenuation."""
        return cls(grid, torch.zeros(grid.shape), torch.zeros(grid.shape))

    def copy(self) -> Canvas:
        """What is painted, to be painted on."""
        return Canvas(self.grid, self.activity.clone(), self.attenuation_per_cm.clone())

    def paint(
        self, block: Block, occupancy: Tensor, activity: float, attenuation_per_cm: float
    ) -> None:
        """Cover what is there with a material, voxel by voxel in part."""
        region = block.region
        self.activity[region].lerp_(torch.tensor(activity), occupancy)
        self.attenuation_per_cm[region].lerp_(torch.tensor(attenuation_per_cm), occupancy)

    def lay(self, block: Block, light: Tensor, cover: Tensor, attenuation_per_cm: float) -> None:
        """Cover with activity that is already weighted by its occupancy `cover`."""
        region = block.region
        self.activity[region].mul_(1 - cover).add_(light)
        self.attenuation_per_cm[region].lerp_(torch.tensor(attenuation_per_cm), cover)
