"""The hybrid grid: rays that cross the wall of a left ventricle once each, in the cardiac frame.

Rays leave the long axis. Below the hinge, 12 mm apical of the pose's centre, they all leave the
hinge, at polar angles from the apex; above it they leave the axis at right angles, every 5 mm. So a
grid of rows and angles holds a whole ventricle, whatever its size, and nothing of its size need be
known to lay it (hybrid sampling: Garcia et al., J Nucl Med 1990;31:1658).
"""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.arrays import FloatArray

__all__ = [
    "BODY_HEIGHTS_MM",
    "BODY_ROWS",
    "BODY_STEP_MM",
    "HINGE_Z_MM",
    "POLAR_ROWS",
    "POLAR_STEP_RAD",
    "RAY_ANGLES",
    "RAY_ROWS",
    "grid_places",
    "grid_points_mm",
    "ray_angles_rad",
    "ray_directions",
    "ray_origins_mm",
    "ray_points_mm",
]

POLAR_ROWS, BODY_ROWS, RAY_ANGLES = 8, 20, 24
RAY_ROWS = POLAR_ROWS + BODY_ROWS
HINGE_Z_MM = -12.0
BODY_STEP_MM = 5.0

POLAR_STEP_RAD = np.pi / 2 / POLAR_ROWS

BODY_HEIGHTS_MM: FloatArray = HINGE_Z_MM + BODY_STEP_MM * np.arange(BODY_ROWS, dtype=np.float64)
"""Height of the body's rows on the long axis, z_c in mm."""


def ray_origins_mm() -> FloatArray:
    """Height of each row's origin on the long axis, z_c in mm, (row,)."""
    return np.concatenate([np.full(POLAR_ROWS, HINGE_Z_MM), BODY_HEIGHTS_MM])


def ray_angles_rad() -> FloatArray:
    """Cardiac angle of the columns (angle,): 0 lateral, a quarter turn inferior."""
    angles: FloatArray = 2 * np.pi * np.arange(RAY_ANGLES) / RAY_ANGLES
    return angles


def ray_directions() -> FloatArray:
    """Unit vectors in the cardiac frame, (row, angle, 3).

    Polar rows lie in the middle of equal steps from the apex to the hinge's plane; angle 0 is
    lateral, 90 degrees inferior.
    """
    polar = (np.arange(POLAR_ROWS) + 0.5) * POLAR_STEP_RAD
    tilt = np.concatenate([polar, np.full(BODY_ROWS, np.pi / 2)])[:, None]
    turn = ray_angles_rad()[None, :]
    x, y = np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn)
    return np.stack([x, y, np.broadcast_to(-np.cos(tilt), x.shape)], axis=-1)


def ray_points_mm(radius_mm: FloatArray) -> FloatArray:
    """Points at a distance along each ray, mm: (..., row, angle) to (..., row, angle, 3)."""
    points: FloatArray = np.asarray(radius_mm)[..., None] * DIRECTIONS
    points[..., 2] += ORIGINS_MM[:, None]
    return points


def grid_places(points_mm: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Row and angle, both with fractions, and radius (mm) of cardiac points (..., 3).

    The inverse of `ray_points_mm`. Near the pole rows go down to -0.5, where the ray of the
    opposite angle is the neighbour.

    Examples
    --------
    A point 30 mm to the inferior side of the axis, half-way between the rows at 3 and 8 mm:

    >>> row, angle, radius = grid_places(np.array([0.0, 30.0, 5.5]))
    >>> float(row), float(angle), float(radius)
    (11.5, 6.0, 30.0)
    """
    x, y, z = np.moveaxis(np.asarray(points_mm, dtype=np.float64), -1, 0)
    across, height = np.hypot(x, y), z - HINGE_Z_MM
    tilt = np.arctan2(across, -height)
    steps = tilt / POLAR_STEP_RAD - 0.5
    # The last polar row and the first one of the body are half a step apart.
    polar = np.where(steps <= POLAR_ROWS - 1, steps, 2 * steps - (POLAR_ROWS - 1))
    is_body = height >= 0
    row = np.where(is_body, POLAR_ROWS + height / BODY_STEP_MM, polar)
    radius = np.where(is_body, across, np.hypot(across, height))
    angle = np.mod(np.arctan2(y, x), 2 * np.pi) * (RAY_ANGLES / (2 * np.pi))
    return row, angle, radius


def grid_points_mm(row: FloatArray, angle: FloatArray, radius_mm: FloatArray) -> FloatArray:
    """Cardiac points (..., 3), mm, of rows and angles with fractions: the inverse of `grid_places`.

    Examples
    --------
    >>> points = grid_points_mm(np.array([7.5, 11.5]), np.array([1.0, 6.0]), np.array([20.0, 30.0]))
    >>> [each.round(6).tolist() for each in grid_places(points)]
    [[7.5, 11.5], [1.0, 6.0], [20.0, 30.0]]
    """
    last = POLAR_ROWS - 1
    steps = np.where(row <= last, row, (row + last) / 2)
    tilt = np.minimum((steps + 0.5) * POLAR_STEP_RAD, np.pi / 2)
    turn = angle * (2 * np.pi / RAY_ANGLES)
    across = radius_mm * np.sin(tilt)
    # In the body a ray lies across the axis, and its row says how high.
    height = np.where(
        row >= POLAR_ROWS,
        HINGE_Z_MM + BODY_STEP_MM * (row - POLAR_ROWS),
        HINGE_Z_MM - radius_mm * np.cos(tilt),
    )
    return np.stack([across * np.cos(turn), across * np.sin(turn), height], axis=-1)


# Whatever is drawn or learnt asks for them again and again.
DIRECTIONS, ORIGINS_MM = ray_directions(), ray_origins_mm()
