"""Surfaces on the hybrid grid of one frame, seen along the rays of another one.

Truth is stored along the axes of the true pose, and a wall is drawn along those of an estimated
one. To compare them, or to learn one from the other, the surface is met again along other rays.
"""

from __future__ import annotations

import numpy as np

from shortaxis.anatomy.hybrid_grid import (
    HINGE_Z_MM,
    RAY_ANGLES,
    grid_places,
    ray_directions,
    ray_points_mm,
)
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.trilinear import places_at

__all__ = ["distances_along", "radii_seen_from", "sampled_on_grid", "values_seen_from"]

STEPS = 4
"""Newton's method on a smooth surface met nearly at right angles: below 0.01 mm after these."""

LEAST_COSINE = 0.4


def sampled_on_grid(values: FloatArray, row: FloatArray, angle: FloatArray) -> FloatArray:
    """Values (row, angle) of the grid at rows and angles with fractions; linear in between.

    Rows below the first one lie across the pole.
    """
    across = np.roll(values[:1], RAY_ANGLES // 2, axis=1)
    padded = np.concatenate([across, values])
    padded = np.concatenate([padded, padded[:, :1]], axis=1)
    # Below the first row the step to its opposite is a whole one, as between the others.
    places = np.stack(
        [np.zeros(row.shape), np.maximum(row, -1.0) + 1, np.mod(angle, RAY_ANGLES)], axis=-1
    )
    return places_at((1, *padded.shape), places, "nearest").values(padded[np.newaxis])


def radii_seen_from(radius_mm: FloatArray, there_from_here: FloatArray) -> FloatArray:
    """Distances along this frame's rays to a surface that is given along another frame's.

    Parameters
    ----------
    radius_mm : (row, angle) array
        The surface on the hybrid grid of the other frame.
    there_from_here : (4, 4) array
        Similarity from this frame to the other one.

    Returns
    -------
    (row, angle) array
        In this frame's mm.
    """
    scale = float(np.cbrt(np.linalg.det(there_from_here[:3, :3])))
    starts = apply_affine(there_from_here, ray_points_mm(np.zeros(radius_mm.shape)))
    directions = DIRECTIONS @ there_from_here[:3, :3].T / scale
    return distances_along(radius_mm, starts, directions, radius_mm) / scale


def distances_along(
    radius_mm: FloatArray,
    starts_mm: FloatArray,
    directions: FloatArray,
    expected_mm: FloatArray | None = None,
) -> FloatArray:
    """Distances along any rays to a surface on the hybrid grid of the same frame.

    Parameters
    ----------
    radius_mm : (row, angle) array
        The surface.
    starts_mm, directions : (..., 3) arrays
        Where rays begin, and unit vectors.
    expected_mm : (...) array, optional
        About the distances; by default the median radius, from which it takes twice the steps.

    Returns
    -------
    (...) array
        mm, at least 0.5.
    """
    found = (
        np.full(starts_mm.shape[:-1], float(np.median(radius_mm)))
        if expected_mm is None
        else np.array(expected_mm, dtype=np.float64)
    )
    for _ in range(STEPS if expected_mm is not None else 2 * STEPS):
        points = starts_mm + found[..., None] * directions
        row, angle, radius = grid_places(points)
        short = sampled_on_grid(radius_mm, row, angle) - radius
        outwards = np.maximum((directions * _outwards(points)).sum(axis=-1), LEAST_COSINE)
        found = np.clip(found + short / outwards, 0.5, 150.0)
    return found


def values_seen_from(
    values: FloatArray, radius_mm: FloatArray, there_from_here: FloatArray
) -> FloatArray:
    """Values (row, angle) of another frame's grid where this frame's rays pass `radius_mm`."""
    points = apply_affine(there_from_here, ray_points_mm(radius_mm))
    row, angle, _ = grid_places(points)
    return sampled_on_grid(values, row, angle)


DIRECTIONS = ray_directions()


def _outwards(points_mm: FloatArray) -> FloatArray:
    """Unit vectors along the rays that pass through points (..., 3)."""
    away = points_mm.copy()
    away[..., 2] = np.minimum(away[..., 2] - HINGE_Z_MM, 0.0)
    unit: FloatArray = away / np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), 1e-9)
    return unit
