"""Implicit functions of simple bodies: negative inside, coordinates of any broadcastable shape."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.canvas import Implicit, box_corners

__all__ = ["above", "boxed_ellipsoid", "boxed_tube", "ellipsoid", "tube"]

Point = Sequence[float]


def ellipsoid(center: Point, semi_axes: Point) -> Implicit:
    """``(x/a)^2 + (y/b)^2 + (z/c)^2 - 1`` about a centre."""

    def level(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        across = ((x - center[0]) / semi_axes[0]) ** 2 + ((y - center[1]) / semi_axes[1]) ** 2
        return across + ((z - center[2]) / semi_axes[2]) ** 2 - 1

    return level


def above(height: float, shape: Implicit) -> Implicit:
    """`shape` raised by `height`; below, its middle cross-section goes on."""

    def level(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        return shape(x, y, (z - height).clamp_min(0))

    return level


def tube(waypoints: Sequence[Point], radius: float) -> Implicit:
    """Distance to a chain of segments less the radius: tubes with round ends."""

    def level(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        squared = [_squared_distance(x, y, z, start, end) for start, end in pairwise(waypoints)]
        nearest = squared[0]
        for other in squared[1:]:
            nearest = torch.minimum(nearest, other)
        return torch.sqrt(nearest) - radius

    return level


def _squared_distance(x: Tensor, y: Tensor, z: Tensor, start: Point, end: Point) -> Tensor:
    along = [b - a for a, b in zip(start, end, strict=True)]
    length = sum(step * step for step in along)
    away = (x - start[0], y - start[1], z - start[2])
    if length == 0:
        return away[0] ** 2 + away[1] ** 2 + away[2] ** 2
    part = sum((d * step / length for d, step in zip(away, along, strict=True)), torch.zeros(1))
    part = part.clamp(0, 1)
    off = [d - part * step for d, step in zip(away, along, strict=True)]
    return off[0] ** 2 + off[1] ** 2 + off[2] ** 2


def boxed_ellipsoid(center: Point, semi_axes: Point) -> tuple[FloatArray, Implicit]:
    """Corners of the box around an ellipsoid, and the ellipsoid."""
    corners = box_corners(np.subtract(center, semi_axes), np.add(center, semi_axes))
    return corners, ellipsoid(center, semi_axes)


def boxed_tube(waypoints: Sequence[Point], radius: float) -> tuple[FloatArray, Implicit]:
    """Corners of the box around a tube, and the tube."""
    points = np.asarray(waypoints)
    corners = box_corners(points.min(axis=0) - radius, points.max(axis=0) + radius)
    return corners, tube(waypoints, radius)
