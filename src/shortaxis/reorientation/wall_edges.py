"""How sharp the wall of a found ventricle is, and how evenly bright.

A patient who moves while the camera counts is seen in two places or in a smear: edges soften, and
walls that face the way of the motion fade. Rays leave the long axis at right angles along
the body and fan out around the apex, so that they cross the wall nearly at right angles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.trilinear import places_at
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.spect.volume import SpectVolume

__all__ = ["WallEdges", "wall_edges"]

ANGLES = np.arange(0.5, 24) * (2 * np.pi / 24)
BODY_ROWS = 7
POLAR_RAD = np.deg2rad([70.0, 50.0, 30.0])
"""Rays around the apex, from its direction; along the body they are at right angles to it."""

HINGE_RADII = 1.1
"""Of the mid-wall radius, behind the epicardial apex: there the body begins."""

BASAL_PART = 0.28
"""Of the length, behind the middle: rows end before the wall does."""

STEP_MM, BEYOND_MM = 2.0, 30.0
"""Between samples of a ray, and how far it goes beyond the middle of the wall."""

INNERMOST_PART, OUTERMOST_MM = 0.45, 16.0
"""Where the wall is looked for, from this part of its radius to so far beyond it."""

EDGE_MM = 16.0
"""An edge lies within a blurred wall's width of the ridge."""

LEVEL_PERCENTILE, BRIGHT_PART = 75.0, 0.45
"""Level of the wall, and from which part of it on wall is no defect."""

LOW_PERCENTILE = 20.0
"""Of the softest and the faintest rays."""

VANISHING = 1e-12


@dataclass(frozen=True)
class WallEdges:
    """What rays across the wall show.

    Parameters
    ----------
    bright_part : float
        Rays whose wall is no defect, 0-1.
    softest_per_mm : float
        Steepness of inner and outer edge together, of the wall's level per mm, that a fifth of
        these rays stay below.
    faint_level : float
        Brightness that a fifth of these rays stay below, of the wall's level.
    """

    bright_part: float
    softest_per_mm: float
    faint_level: float


def wall_edges(smooth: SpectVolume, pose: RigidPose, extent: LeftVentricleExtent) -> WallEdges:
    """Read the edges of the wall.

    Parameters
    ----------
    smooth : SpectVolume
        Counts after `myocardium_field.smoothed`.
    pose, extent
        Of the left ventricle.
    """
    directions, feet_mm = _rays(extent)
    distance_mm = np.arange(0.0, extent.radius_mm + BEYOND_MM, STEP_MM)
    points = directions[:, None] * distance_mm[:, None]
    points[..., 2] += feet_mm[:, None]
    index = apply_affine(invert_affine(smooth.patient_from_index), pose.to_patient(points))
    counts = places_at(smooth.shape, index, "nearest").values(smooth.counts)
    looked_at = (distance_mm > INNERMOST_PART * extent.radius_mm) & (
        distance_mm < extent.radius_mm + OUTERMOST_MM
    )
    ridge = np.where(looked_at, counts, -1.0).argmax(axis=1)
    brightness = counts[np.arange(len(counts)), ridge]
    level = max(float(np.percentile(brightness, LEVEL_PERCENTILE)), VANISHING)
    bright = brightness > BRIGHT_PART * level
    steepness = _steepness(counts, ridge) / level
    return WallEdges(
        float(bright.mean()),
        float(np.percentile(steepness[bright], LOW_PERCENTILE)),
        float(np.percentile(brightness[bright], LOW_PERCENTILE)) / level,
    )


def _rays(extent: LeftVentricleExtent) -> tuple[FloatArray, FloatArray]:
    """Directions (ray, 3) in the cardiac frame, and where on the long axis they start (ray,)."""
    hinge_mm = HINGE_RADII * extent.radius_mm - extent.length_mm / 2
    basal_mm = max(BASAL_PART * extent.length_mm, hinge_mm + 20.0)
    rows = np.linspace(hinge_mm, basal_mm, BODY_ROWS)
    feet_mm = np.concatenate([rows, np.full(POLAR_RAD.size, hinge_mm)])
    polar = np.concatenate([np.full(BODY_ROWS, np.pi / 2), POLAR_RAD])
    polar, angle = (each.ravel() for each in np.meshgrid(polar, ANGLES, indexing="ij"))
    across = np.sin(polar)
    directions = np.stack([across * np.cos(angle), across * np.sin(angle), -np.cos(polar)], axis=1)
    return directions, np.repeat(feet_mm, ANGLES.size)


def _steepness(counts: FloatArray, ridge: FloatArray) -> FloatArray:
    """Steepest rise to the ridge and fall behind it together, counts per mm, (ray,)."""
    slope = np.diff(counts, axis=1) / STEP_MM
    from_ridge = np.arange(slope.shape[1]) + 0.5 - ridge[:, None]
    near = np.abs(from_ridge) * STEP_MM < EDGE_MM
    rise = np.where(near & (from_ridge < 0), slope, 0.0).max(axis=1)
    fall = np.where(near & (from_ridge > 0), -slope, 0.0).max(axis=1)
    both: FloatArray = rise + fall
    return both
