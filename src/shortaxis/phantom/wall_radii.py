"""The exact surfaces of the wall as radii on the hybrid grid, in the cardiac frame.

The grid is that of `shortaxis.anatomy.hybrid_grid`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from shortaxis.anatomy.hybrid_grid import (
    RAY_ANGLES,
    RAY_ROWS,
    ray_directions,
    ray_origins_mm,
)
from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.heart_drawing import muscle_height
from shortaxis.phantom.ventricle_surface import HeartInstant, VentricleSurface, WallCoordinates

__all__ = ["WallRadii", "wall_radii"]

FARTHEST_MM = 120.0
HALVINGS = 30
"""Of the range of radii: down to rounding."""


@dataclass(frozen=True, eq=False)
class WallRadii:
    """One moment, or a mean of several.

    Parameters
    ----------
    endocardium_mm, epicardium_mm : (row, angle) float64 arrays
        Distance along each ray; papillary muscles are part of the cavity. Above the valve plane the
        surfaces go on as tubes.
    is_wall : (row, angle) bool array
        Where the middle of the wall lies below the valve plane, and below the membranous septum.
    """

    endocardium_mm: FloatArray
    epicardium_mm: FloatArray
    is_wall: np.ndarray


def wall_radii(heart: Heart, instant: HeartInstant) -> WallRadii:
    """Radii at which the rays pass endocardium and epicardium, by halving.

    The pose's centre is the origin; the surfaces are those of `VentricleSurface`, evaluated and not
    inverted, so nothing of their formula is assumed but that a ray passes each of them once.
    """
    surface = VentricleSurface(heart, instant)
    places = _Places(surface)
    inner, outer = _crossings(surface, places)
    middle = places.at((inner + outer) / 2)
    below_valve = (middle.height < 1) & (middle.height < muscle_height(surface, middle))
    return WallRadii(inner.numpy(), outer.numpy(), below_valve.numpy())


class _Places:
    """Wall coordinates of points on the rays."""

    def __init__(self, surface: VentricleSurface) -> None:
        self._surface = surface
        self._directions = torch.from_numpy(ray_directions())
        self._origins = torch.from_numpy(ray_origins_mm())[:, None]

    def at(self, radius_mm: Tensor) -> WallCoordinates:
        """Of points at radii ``(..., row, angle)``."""
        x, y, z = (self._directions[..., axis] * radius_mm for axis in range(3))
        return self._surface.coordinates(x, y, self._origins + z)


def _crossings(surface: VentricleSurface, places: _Places) -> Tensor:
    """Radii of endocardium and epicardium, ``(2, row, angle)``, by halving."""
    low = torch.zeros(2, RAY_ROWS, RAY_ANGLES, dtype=torch.float64)
    high = torch.full_like(low, FARTHEST_MM)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        at = places.at(middle)
        # Both of all: what surfaces share is computed once, and calls cost more than numbers.
        inside = torch.stack([surface.endocardium(at)[0], surface.epicardium(at)[1]]) < 0
        low, high = torch.where(inside, middle, low), torch.where(inside, high, middle)
    return (low + high) / 2
