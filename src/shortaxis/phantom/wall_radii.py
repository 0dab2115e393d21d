"""The exact surfaces of the wall as radii on the hybrid grid, in the cardiac frame.

Rays leave the long axis. Below the hinge, 12 mm apical of the pose's centre, they all leave the
hinge, at polar angles from the apex; above it they leave the axis at right angles, every 5 mm. So a
grid of rows and angles holds a whole ventricle, whatever its size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.heart_drawing import muscle_height
from shortaxis.phantom.ventricle_surface import HeartInstant, VentricleSurface, WallCoordinates

__all__ = [
    "BODY_ROWS",
    "HINGE_Z_MM",
    "POLAR_ROWS",
    "RAY_ANGLES",
    "WallRadii",
    "ray_directions",
    "ray_origins_mm",
    "ray_points_mm",
    "wall_radii",
]

POLAR_ROWS, BODY_ROWS, RAY_ANGLES = 8, 20, 24
HINGE_Z_MM = -12.0
BODY_STEP_MM = 5.0
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


def ray_origins_mm() -> FloatArray:
    """Height of each row's origin on the long axis, z_c in mm, (row,)."""
    body = HINGE_Z_MM + BODY_STEP_MM * np.arange(BODY_ROWS)
    return np.concatenate([np.full(POLAR_ROWS, HINGE_Z_MM), body])


def ray_directions() -> FloatArray:
    """Unit vectors in the cardiac frame, (row, angle, 3).

    Polar rows lie in the middle of equal steps from the apex to the hinge's plane; angle 0 is
    lateral, 90 degrees inferior.
    """
    polar = (np.arange(POLAR_ROWS) + 0.5) * (np.pi / 2 / POLAR_ROWS)
    tilt = np.concatenate([polar, np.full(BODY_ROWS, np.pi / 2)])[:, None]
    turn = 2 * np.pi * np.arange(RAY_ANGLES)[None, :] / RAY_ANGLES
    x, y = np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn)
    return np.stack([x, y, np.broadcast_to(-np.cos(tilt), x.shape)], axis=-1)


def ray_points_mm(radius_mm: FloatArray) -> FloatArray:
    """Points at a distance along each ray, mm: (..., row, angle) to (..., row, angle, 3)."""
    points: FloatArray = np.asarray(radius_mm)[..., None] * ray_directions()
    points[..., 2] += ray_origins_mm()[:, None]
    return points


def wall_radii(heart: Heart, instant: HeartInstant) -> WallRadii:
    """Radii at which the rays pass endocardium and epicardium, by halving.

    The pose's centre is the origin; the surfaces are those of `VentricleSurface`, evaluated and not
    inverted, so nothing of their formula is assumed but that a ray passes each of them once.
    """
    surface = VentricleSurface(heart, instant)
    inner = _crossing(surface, surface.endocardium)
    outer = _crossing(surface, surface.epicardium)
    middle = _coordinates(surface, (inner + outer) / 2)
    below_valve = (middle.height < 1) & (middle.height < muscle_height(surface, middle))
    return WallRadii(inner.numpy(), outer.numpy(), below_valve.numpy())


def _crossing(surface: VentricleSurface, level: Callable[[WallCoordinates], Tensor]) -> Tensor:
    low = torch.zeros(POLAR_ROWS + BODY_ROWS, RAY_ANGLES, dtype=torch.float64)
    high = torch.full_like(low, FARTHEST_MM)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        inside = level(_coordinates(surface, middle)) < 0
        low, high = torch.where(inside, middle, low), torch.where(inside, high, middle)
    return (low + high) / 2


def _coordinates(surface: VentricleSurface, radius: Tensor) -> WallCoordinates:
    directions = torch.from_numpy(ray_directions())
    origin = torch.from_numpy(ray_origins_mm())[:, None]
    x, y = directions[..., 0] * radius, directions[..., 1] * radius
    return surface.coordinates(x, y, origin + directions[..., 2] * radius)
