"""What the wall network is shown: counts along the rays of the hybrid grid, and how sharp they are.

The same code serves training and use.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.anatomy.hybrid_grid import RAY_ANGLES, RAY_ROWS, ray_directions, ray_origins_mm
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.trilinear import places_at
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.sharpness import FREQUENCIES_PER_MM, power_spectrum

__all__ = [
    "CONTEXT",
    "DEPTHS_MM",
    "RayCounts",
    "depth_points_mm",
    "normalised_rays",
    "ray_counts",
    "sampled_along_rays",
]

DEPTHS_MM: FloatArray = 2.5 * np.arange(1, 29, dtype=np.float64)
"""Of the samples along every ray: 2.5 to 70 mm."""

CONTEXT = FREQUENCIES_PER_MM.size + 1
"""Numbers that describe the sharpness, see `PowerSpectrum.described`."""

LEVEL_PERCENTILE = 60.0
"""Of the highest counts of the rays: above a large defect, below an organ that some rays meet."""

MAX_INPUT = 3.0


@dataclass(frozen=True, eq=False)
class RayCounts:
    """The input of the wall network.

    Parameters
    ----------
    counts : (depth, row, angle) float32 array
        Along the rays, as parts of their own level, 0 to `MAX_INPUT`.
    context : (CONTEXT,) float32 array
        How sharp the volume is.
    level : float
        Counts that are 1; 0 for a place without any.
    """

    counts: CountsArray
    context: CountsArray
    level: float


def depth_points_mm() -> FloatArray:
    """Points of all samples in the cardiac frame, mm, (depth, row, angle, 3)."""
    points = DEPTHS_MM[:, None, None, None] * ray_directions()[None]
    points[..., 2] += ray_origins_mm()[:, None]
    return points


def ray_counts(volume: SpectVolume, pose: RigidPose) -> RayCounts:
    """Sample a volume along the rays of a pose: one trilinear interpolation of its voxels."""
    index_from_cardiac = invert_affine(volume.patient_from_index) @ pose.matrix
    counts, level = normalised_rays(sampled_along_rays(volume.counts, index_from_cardiac))
    context = power_spectrum(volume, pose).described().astype(np.float32)
    return RayCounts(counts, context, level)


def sampled_along_rays(counts: CountsArray, index_from_cardiac: FloatArray) -> CountsArray:
    """Counts (depth, row, angle) along the rays; beyond the outermost voxels they are zero.

    `index_from_cardiac` is a 4x4 affine from cardiac mm to the indices of `counts`.
    """
    start = apply_affine(index_from_cardiac, STARTS_MM)
    step = DIRECTIONS @ index_from_cardiac[:3, :3].T
    places = [
        start[:, axis][None, :, None] + DEPTHS_MM[:, None, None] * step[..., axis][None]
        for axis in range(3)
    ]
    return places_at(counts.shape, np.stack(places, axis=-1), "zero").counts(counts)


def normalised_rays(counts: CountsArray) -> tuple[CountsArray, float]:
    """Counts (depth, row, angle) as parts of their level, and the level."""
    highest = np.maximum(counts.max(axis=0), 0)
    level = float(np.percentile(highest, LEVEL_PERCENTILE))
    if not level > 0:
        return np.zeros((DEPTHS_MM.size, RAY_ROWS, RAY_ANGLES), dtype=np.float32), 0.0
    scaled: CountsArray = np.clip(counts * np.float32(1 / level), 0, MAX_INPUT).astype(np.float32)
    return scaled, level


DIRECTIONS = ray_directions()
STARTS_MM = np.stack([np.zeros(RAY_ROWS), np.zeros(RAY_ROWS), ray_origins_mm()], axis=1)
