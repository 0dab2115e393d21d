"""Where the middle of the wall lies along every ray, seen or not.

The wall is the brightest place near where it is expected. What is expected is an ellipsoid at
first, then the surface found so far, smoothed: a clear wall decides for itself and for its
neighbours, a defect follows them. As the search narrows, an organ beside the heart falls out of
reach, however hot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.wall_rays import STEP_MM, WallRays, sampled_along
from shortaxis.spect.volume import SpectVolume

__all__ = ["WallSurface", "find_surface", "surface_at"]

REACHES_MM = (11.0, 8.0, 6.0)
"""Standard deviation of where the wall may be, in each round."""

SMOOTHING = (1.5, 2.0)
"""Rows and angles over which the surface is smoothed, standard deviations."""

LOCATING = (1.0, 1.0, 1.6)
"""Rows, angles and samples over which counts are smoothed to find the wall, not to measure it."""

STIFFNESS = 0.05
"""Weight of what is expected against a wall that is clearly seen."""

MAX_CHANGE = 0.45
"""How far the surface may leave the first ellipsoid, as a part of its radius."""

PEAK_REACH_MM = 6.0
"""Half a wall of 12 mm: how far from the surface the brightest sample counts as wall."""

LEVEL_PERCENT = 85.0


@dataclass(frozen=True, eq=False)
class WallSurface:
    """The mid-wall surface and the counts there.

    Parameters
    ----------
    rays : WallRays
        Rays in the cardiac frame.
    distance_mm : (row, angle) array
        From each ray's foot to the middle of the wall.
    counts : (row, angle) array
        Highest counts along each ray within half a wall of the surface.
    clearness : (row, angle) array
        0 to 1: how much of a wall is seen, from its counts and their fall towards the cavity.
    """

    rays: WallRays
    distance_mm: FloatArray
    counts: FloatArray
    clearness: FloatArray

    @property
    def points_mm(self) -> FloatArray:
        """Mid-wall points (row, angle, 3) in the cardiac frame."""
        return self.rays.points(self.distance_mm)


def find_surface(
    volume: SpectVolume, pose: RigidPose, rays: WallRays, expected_mm: FloatArray
) -> WallSurface:
    """Find the wall around what is expected, `expected_mm` (row, angle)."""
    farthest = float(expected_mm.max()) * (1 + MAX_CHANGE) + PEAK_REACH_MM
    distances = np.arange(0.0, farthest + STEP_MM, STEP_MM)
    counts = sampled_along(volume, pose, rays, distances)
    smooth = ndimage.gaussian_filter(counts, LOCATING, mode=("nearest", "wrap", "nearest"))
    surface, clearness = expected_mm, np.zeros_like(expected_mm)
    for reach_mm in REACHES_MM:
        peak, clearness = _peaks(smooth, distances, surface, reach_mm)
        surface = _smoothed(peak, clearness, surface)
        bound = MAX_CHANGE * expected_mm
        surface = np.clip(surface, expected_mm - bound, expected_mm + bound)
    return WallSurface(rays, surface, _highest(counts, distances, surface), clearness)


def surface_at(
    volume: SpectVolume, pose: RigidPose, rays: WallRays, distance_mm: FloatArray
) -> WallSurface:
    """A surface that was found elsewhere, `distance_mm` (row, angle), and the counts there."""
    farthest = float(distance_mm.max()) + 2 * PEAK_REACH_MM
    distances = np.arange(0.0, farthest + STEP_MM, STEP_MM)
    counts = sampled_along(volume, pose, rays, distances)
    smooth = ndimage.gaussian_filter(counts, LOCATING, mode=("nearest", "wrap", "nearest"))
    _, clearness = _peaks(smooth, distances, distance_mm, REACHES_MM[-1])
    return WallSurface(rays, distance_mm, _highest(counts, distances, distance_mm), clearness)


def _peaks(
    counts: FloatArray, distances: FloatArray, expected: FloatArray, reach_mm: float
) -> tuple[FloatArray, FloatArray]:
    """Brightest place near the expected one, and how clearly it is a wall."""
    off = distances - expected[..., None]
    likely = counts * np.exp(-0.5 * (off / reach_mm) ** 2)
    place = likely.argmax(axis=-1)
    peak = np.take_along_axis(counts, place[..., None], axis=-1)[..., 0]
    level = max(float(np.percentile(peak, LEVEL_PERCENT)), 1e-12)
    inner = _at(counts, place - round(10 / STEP_MM))
    fall = np.clip((peak - inner) / np.maximum(peak, 1e-12), 0, 1)
    bright = np.clip((peak / level - 0.25) / 0.5, 0, 1)
    return distances[place], bright * (0.3 + 0.7 * np.clip(fall / 0.4, 0, 1))


def _at(counts: FloatArray, place: FloatArray) -> FloatArray:
    inside = np.clip(place, 0, counts.shape[-1] - 1).astype(int)
    found: FloatArray = np.take_along_axis(counts, inside[..., None], axis=-1)[..., 0]
    return found


def _smoothed(peak: FloatArray, clearness: FloatArray, expected: FloatArray) -> FloatArray:
    """Weighted mean over neighbours of the change from what is expected."""
    change = _blurred(clearness * (peak - expected))
    smooth: FloatArray = expected + change / (_blurred(clearness) + STIFFNESS)
    # All rays of the first row are one.
    smooth[0] = smooth[0].mean()
    return smooth


def _blurred(values: FloatArray) -> FloatArray:
    blurred: FloatArray = ndimage.gaussian_filter(values, SMOOTHING, mode=("nearest", "wrap"))
    return blurred


def _highest(counts: FloatArray, distances: FloatArray, surface: FloatArray) -> FloatArray:
    """Highest counts within half a wall, by a parabola through the three highest samples."""
    near = np.abs(distances - surface[..., None]) <= PEAK_REACH_MM
    place = np.where(near, counts, -np.inf).argmax(axis=-1)
    before, at, after = (_at(counts, place + step) for step in (-1, 0, 1))
    bend = before - 2 * at + after
    inner = (place > 0) & (place < counts.shape[-1] - 1) & (at >= before) & (at >= after)
    rise = np.where(
        inner & (bend < 0), -((after - before) ** 2) / (8 * np.minimum(bend, -1e-12)), 0
    )
    highest: FloatArray = at + rise
    return highest
