"""A polar map as a picture that a 2D view shows: apex in the middle, anterior up, septum left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["polar_picture"]

SIDE = 128


def polar_picture(uptake: NDArray[np.float64], side: int = SIDE) -> NDArray[np.float32]:
    """Picture ``(row, column)`` of uptake ``(level, angle)``, rows from top to bottom.

    Angles grow from lateral over inferior and septal to anterior. Outside the map is -1.
    """
    levels, angles = uptake.shape
    place = (np.arange(side) + 0.5) * 2 / side - 1
    right, down = np.meshgrid(place, place)
    radius = np.hypot(right, down)
    angle = np.arctan2(down, right) % (2 * np.pi)
    level = np.minimum((radius * levels).astype(int), levels - 1)
    sector = np.minimum((angle * angles / (2 * np.pi)).astype(int), angles - 1)
    return np.where(radius <= 1, uptake[level, sector], -1).astype(np.float32)
