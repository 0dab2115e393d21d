"""Where the ventricle ends: the epicardial apex and the valve plane.

The valve plane lies where the wall's counts have fallen to half of what they are in the middle of
the ventricle: a blurred end is at half its height exactly where the sharp end is. Each direction
about the axis shows its own end, and a plane is fitted to those that show one, as the septum ends
before the lateral wall.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.anatomy.heart_sizes import HALF_WALL_MM
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.wall_surface import WallSurface

__all__ = ["VentricleEnds", "find_ends"]

SEEN_WALL = 0.5
"""A direction whose wall has less than this part of the level cannot show its end."""

MIN_DIRECTIONS = 0.25
"""Part of the directions that must show an end; with fewer the expected plane stays."""

FARTHEST_MM = 14.0
"""From the expected valve plane: twice what a network of 3 mm may be off, and the plane's tilt."""

STEEPEST = np.tan(np.deg2rad(25.0))
HUBER_MM = 4.0


@dataclass(frozen=True)
class VentricleEnds:
    """Ends of the ventricle in the cardiac frame, mm.

    The epicardial apex lies at `apex_z_mm` on the axis; the valve plane is
    ``z = valve_z_mm + valve_slope_x * x + valve_slope_y * y``. `directions_part` is the part of the
    directions that showed an end.
    """

    apex_z_mm: float
    valve_z_mm: float
    valve_slope_x: float
    valve_slope_y: float
    directions_part: float

    @property
    def length_mm(self) -> float:
        """From the epicardial apex to the centre of the valve plane."""
        return self.valve_z_mm - self.apex_z_mm

    def heights(self, points_mm: FloatArray) -> FloatArray:
        """Parts of the long axis at cardiac points ``(..., 3)``: 0 apex, 1 valve plane."""
        x, y, z = np.moveaxis(points_mm, -1, 0)
        valve = self.valve_z_mm + self.valve_slope_x * x + self.valve_slope_y * y
        heights: FloatArray = (z - self.apex_z_mm) / (valve - self.apex_z_mm)
        return heights


def find_ends(surface: WallSurface, expected_valve_z_mm: float) -> VentricleEnds:
    """Ends of the ventricle that a surface belongs to."""
    apex_z_mm = float(surface.points_mm[0, 0, 2]) - HALF_WALL_MM
    shown, ends = _shown_ends(surface, expected_valve_z_mm)
    part = float(shown.mean())
    if part < MIN_DIRECTIONS:
        return VentricleEnds(apex_z_mm, expected_valve_z_mm, 0.0, 0.0, part)
    height, slope_x, slope_y = _fitted_plane(ends[shown])
    return VentricleEnds(apex_z_mm, height, slope_x, slope_y, part)


def _shown_ends(surface: WallSurface, expected_z_mm: float) -> tuple[FloatArray, FloatArray]:
    """Which directions show an end of the wall, and where (angle, 3)."""
    points = surface.points_mm
    body = surface.rays.polar_rad > np.deg2rad(60)
    z = points[body, 0, 2]
    counts = surface.counts[body]
    middle = z < expected_z_mm - 0.35 * (expected_z_mm - z[0])
    levels = np.percentile(counts[middle], 60, axis=0)
    shown = levels > SEEN_WALL * np.percentile(levels, 80)
    ends = np.full((counts.shape[1], 3), np.inf)
    rows = np.arange(z.size)
    for angle in np.flatnonzero(shown):
        place = _first_fall(counts[:, angle], 0.5 * levels[angle])
        if place is not None:
            ends[angle] = [np.interp(place, rows, points[body, angle, axis]) for axis in range(3)]
    shown &= np.abs(ends[:, 2] - expected_z_mm) <= FARTHEST_MM
    return shown, ends


def _first_fall(counts: FloatArray, half: float) -> float | None:
    """Row, with a fraction, at which counts first fall below half on the way to the base."""
    start = counts.size // 4
    below = np.flatnonzero(counts[start:] < half)
    if not below.size or below[0] == 0:
        return None
    last = start + below[0]
    above, under = counts[last - 1], counts[last]
    return float(last - 1 + (above - half) / (above - under))


def _fitted_plane(ends: FloatArray) -> tuple[float, float, float]:
    """Plane through ends (n, 3) by Huber's weights; slopes are kept below `STEEPEST`."""
    design = np.stack([np.ones(len(ends)), ends[:, 0], ends[:, 1]], axis=1)
    # As if a few ends on a straight plane had been seen too: slopes need proof.
    ridge = np.diag([0.0, 400.0, 400.0])
    weights: FloatArray = np.ones(len(ends))
    solution: FloatArray = np.zeros(3)
    for _ in range(8):
        weighted = design * weights[:, None]
        solved = np.linalg.solve(weighted.T @ design + ridge, weighted.T @ ends[:, 2])
        solution = np.asarray(solved, dtype=np.float64)
        off = np.abs(ends[:, 2] - design @ solution)
        weights = np.minimum(1.0, HUBER_MM / np.maximum(off, 1e-9))
    steepness = float(np.hypot(solution[1], solution[2]))
    if steepness > STEEPEST:
        solution[1:] *= STEEPEST / steepness
    return float(solution[0]), float(solution[1]), float(solution[2])
