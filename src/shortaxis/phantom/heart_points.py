"""The voxel parts around a heart, as a list of points in the cardiac frame.

A box around a tilted heart is mostly empty in the axes of the patient, so only the points
within a box in the cardiac frame are kept, with positions of the neighbours of each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose, invert
from shortaxis.phantom.canvas import Block, block_around, box_corners, occupancy_from_levels
from shortaxis.phantom.crescent import crescent
from shortaxis.phantom.heart import Heart

__all__ = ["HeartPoints"]


@dataclass(frozen=True, eq=False)
class HeartPoints:
    """Cardiac coordinates ``x, y, z`` (mm) of points and of their neighbours, flat tensors.

    `inner` are places in the flat block of parts of the points that are drawn; `here` and
    `neighbours` are their places, and those of the six parts around them, among the points.
    """

    block: Block
    x: Tensor
    y: Tensor
    z: Tensor
    inner: Tensor
    here: Tensor
    neighbours: tuple[tuple[Tensor, Tensor], ...]

    @classmethod
    def around(cls, heart: Heart, pose: RigidPose, grid: Grid, factor: int) -> HeartPoints | None:
        """Points of a grid that the ventricles can reach; None if the grid misses them."""
        lowest, highest = _cardiac_box(heart)
        corners = apply_affine(pose.matrix, box_corners(lowest, highest))
        block = block_around(grid, corners, factor)
        if block is None:
            return None
        coordinates = block.coordinates(invert(pose).matrix)
        shape = [size * factor + 2 for size in block.size]
        # One step along any axis of the grid stays within the margin.
        margin = 1.01 * float(grid.spacing_mm.max()) / factor
        kept = _between(coordinates, lowest - margin, highest + margin).expand(shape).flatten()
        drawn = _between(coordinates, lowest, highest).expand(shape)
        framed = torch.zeros(shape, dtype=torch.bool)
        framed[1:-1, 1:-1, 1:-1] = drawn[1:-1, 1:-1, 1:-1]
        places = framed.flatten().nonzero()[:, 0]
        position = torch.cumsum(kept, 0, dtype=torch.int32) - 1
        x, y, z = (each.expand(shape).flatten()[kept] for each in coordinates)
        steps = (shape[1] * shape[2], shape[2], 1)
        around = tuple((position[places - step], position[places + step]) for step in steps)
        inner = framed[1:-1, 1:-1, 1:-1].flatten().nonzero()[:, 0]
        return cls(block, x, y, z, inner, position[places], around)

    def occupancy(self, levels: Tensor) -> Tensor:
        """Occupied fraction at every drawn point, as in `Block.occupancy`."""
        pairs = (
            (levels.index_select(0, after), levels.index_select(0, before))
            for before, after in self.neighbours
        )
        return occupancy_from_levels(levels.index_select(0, self.here), pairs)

    def averaged(self, values: Tensor) -> Tensor:
        """Values at the drawn points as voxel averages of the block, 0 elsewhere."""
        factor = self.block.factor
        parts = torch.zeros([size * factor for size in self.block.size])
        parts.view(-1)[self.inner] = values
        return self.block.averaged(parts)


def _between(
    coordinates: tuple[Tensor, Tensor, Tensor], lowest: FloatArray, highest: FloatArray
) -> Tensor:
    inside = torch.ones(1, 1, 1, dtype=torch.bool)
    for each, low, high in zip(coordinates, lowest.tolist(), highest.tolist(), strict=True):
        inside = inside & (each >= low) & (each <= high)
    return inside


def _cardiac_box(heart: Heart) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest cardiac coordinates that the ventricles reach in the cycle, mm."""
    shape, right = heart.left_ventricle, heart.right_ventricle
    bulge = shape.aneurysm.bulge_mm if shape.aneurysm else 0.0
    # Harmonics and end diastole reach beyond the mean radius.
    radius = shape.radius_mm * (1.12 + shape.ellipticity + shape.triangularity)
    radius += bulge + shape.bend_mm
    septal, tall = radius, radius
    if heart.has_right_ventricle:
        # The crescent is widest in end diastole.
        width = 1.25 * right.width_mm
        septal += width + right.wall_mm
        if right.form is not None:
            # A turned crescent may reach as far down as to the side.
            tall = max(tall, 0.75 * radius + width + right.wall_mm)
        half_height = crescent(right, 1.12 * shape.radius_mm, width)[1]
        oval = 1 + shape.ellipticity + shape.triangularity
        tall = max(tall, half_height * oval + 1.1 * right.wall_mm + shape.bend_mm)
    half = shape.length_mm / 2 + 3.0 + heart.motion.apex_excursion_mm / 2
    # The valve plane rises on one side, over the crescent if that is the septal one.
    slope, direction = np.tan(np.radians(shape.valve_tilt_deg)), shape.valve_tilt_direction_deg
    along_x, along_y = slope * np.cos(np.radians(direction)), slope * np.sin(np.radians(direction))
    rise = max(along_x * radius, -along_x * septal) + abs(along_y) * tall
    base = half + 0.5 * heart.motion.base_excursion_mm + rise
    if heart.has_right_ventricle and right.form is not None:
        top = max(right.form.anterior_top, right.form.inferior_top) - 0.5
        base = max(base, top * (shape.length_mm + heart.motion.base_excursion_mm) + 3.0)
    return np.array([-septal, -tall, -half]), np.array([radius, tall, base])
