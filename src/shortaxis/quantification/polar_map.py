"""The polar map: the wall of the left ventricle laid flat, apex in the middle, anterior up.

Its rows are heights along the ventricle, so that a row lies in one ring of segments, and its
columns are cardiac angles. Every sample knows the area of wall that it stands for: extents are
parts of the wall's area, not of the picture, which shows the apex too large and the base too small.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shortaxis.anatomy.heart_sizes import HALF_WALL_MM
from shortaxis.anatomy.segments import IntArray, Ring, segment_numbers
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.ventricle_ends import VentricleEnds
from shortaxis.quantification.wall_surface import WallSurface

__all__ = ["LEVELS", "RING_RADII", "PolarMap", "points_at", "polar_map_of", "rising_heights"]

LEVELS = 30
"""Rows from apex to base, 2.5 mm apart on a wall of 75 mm."""

RING_RADII = {Ring.APEX: 0.2, Ring.APICAL: 0.2 + 0.8 / 3, Ring.MID: 0.2 + 1.6 / 3, Ring.BASAL: 1.0}
"""Outer radius of each ring in the picture: equal rings around a cap that can still be seen."""

HOTTEST_PART = 0.05
"""Part of the wall whose mean is 100 %."""


@dataclass(frozen=True, eq=False)
class PolarMap:
    """Counts of the wall at ``(level, angle)``, apex first.

    Parameters
    ----------
    heights : (level,) array
        Where the rows lie, in parts of the long axis.
    counts : (level, angle) array
        Highest counts across the wall.
    area_mm2 : (level, angle) array
        Mid-wall area that each sample stands for.
    clearness : (level, angle) array
        0 to 1: how much of a wall is seen there.
    """

    heights: FloatArray
    counts: FloatArray
    area_mm2: FloatArray
    clearness: FloatArray

    def __post_init__(self) -> None:
        shapes = {values.shape for values in (self.counts, self.area_mm2, self.clearness)}
        if len(shapes) != 1 or self.counts.ndim != 2 or self.counts.shape[0] != LEVELS:
            raise GeometryError(
                "not a polar map", expected=f"shape ({LEVELS}, angle)", found=str(sorted(shapes))
            )
        if self.heights.shape != (LEVELS,):
            raise GeometryError(
                "not a polar map", expected=f"{LEVELS} heights", found=str(self.heights.shape)
            )
        if not (np.isfinite(self.counts).all() and (self.area_mm2 > 0).all()):
            raise GeometryError(
                "not a polar map", expected="finite counts, areas above zero", found="others"
            )

    @property
    def angles_deg(self) -> FloatArray:
        """Cardiac angles (angle,): 0 lateral, 90 inferior, 180 septal, 270 anterior."""
        step = 360.0 / self.counts.shape[1]
        angles: FloatArray = np.arange(step / 2, 360.0, step)
        return angles

    @cached_property
    def level_100(self) -> float:
        """Counts of 100 %: the mean of the hottest twentieth of the wall's area; above zero."""
        order = np.argsort(self.counts, axis=None)[::-1]
        area = self.area_mm2.ravel()[order]
        hottest = np.cumsum(area) <= max(HOTTEST_PART * area.sum(), area[0])
        level = np.average(self.counts.ravel()[order][hottest], weights=area[hottest])
        return max(float(level), 1e-12)

    @cached_property
    def uptake_percent(self) -> FloatArray:
        """Counts (level, angle) in per cent of `level_100`; a few exceed 100."""
        uptake: FloatArray = 100.0 * self.counts / self.level_100
        return uptake

    @property
    def mean_uptake_percent(self) -> float:
        """Mean of `uptake_percent` over the wall's area."""
        return float(np.average(self.uptake_percent, weights=self.area_mm2))

    @cached_property
    def segments(self) -> IntArray:
        """AHA segment (level, angle) of every sample, 1 to 17."""
        nominal = np.interp(MIDDLES, [0.0, *RING_RADII.values()], [0.0, *NOMINAL_HEIGHTS])
        return segment_numbers(nominal[:, None], self.angles_deg[None])

    def part_of_area(self, chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
        """Part of the wall's area that the chosen samples (level, angle) stand for, 0 to 1."""
        return float(self.area_mm2[chosen].sum() / self.area_mm2.sum())


MIDDLES: FloatArray = (np.arange(LEVELS) + 0.5) / LEVELS
EDGES: FloatArray = np.arange(LEVELS + 1) / LEVELS
"""Radii in the picture, of the middles of the rows and of what lies between them."""

NOMINAL_HEIGHTS = tuple(ring.heights[1] for ring in RING_RADII)


def polar_map_of(surface: WallSurface, ends: VentricleEnds) -> PolarMap:
    """Lay a surface flat between the ends of its ventricle.

    The cap reaches from the middle of the wall at the apex to where the cavity begins; what is
    left up to the valve plane has three equal parts. The last half wall before the valve plane is
    left out: blur makes its counts fade.
    """
    rising = rising_heights(surface, ends)
    first, last = float(rising[0, 0]), 1 - HALF_WALL_MM / ends.length_mm
    cap = max(Ring.APEX.heights[1], 2 * HALF_WALL_MM / ends.length_mm)
    third = (1 - cap) / 3
    borders = [first, cap, cap + third, cap + 2 * third, last]
    middles, edges = (
        np.interp(radii, [0.0, *RING_RADII.values()], borders) for radii in (MIDDLES, EDGES)
    )
    corners = points_at(surface, rising, edges)
    return PolarMap(
        heights=middles,
        counts=_along(rising, surface.counts, middles),
        area_mm2=np.maximum(_areas(corners), SMALLEST_AREA_MM2),
        clearness=_along(rising, surface.clearness, middles),
    )


def rising_heights(surface: WallSurface, ends: VentricleEnds) -> FloatArray:
    """Heights (row, angle) of a surface, in parts of the long axis, that never fall."""
    rising: FloatArray = np.maximum.accumulate(ends.heights(surface.points_mm), axis=0)
    return rising


def points_at(surface: WallSurface, rising: FloatArray, heights: FloatArray) -> FloatArray:
    """Points (height, angle, 3) of a surface at the same heights in all columns."""
    axes = [_along(rising, surface.points_mm[..., axis], heights) for axis in range(3)]
    return np.stack(axes, axis=-1)


SMALLEST_AREA_MM2 = 1e-3


def _along(heights: FloatArray, values: FloatArray, wanted: FloatArray) -> FloatArray:
    """Values (row, angle) at the wanted heights (level,) of every column."""
    columns = [
        np.interp(wanted, heights[:, angle], values[:, angle]) for angle in range(values.shape[1])
    ]
    return np.stack(columns, axis=1)


def _areas(corners: FloatArray) -> FloatArray:
    """Area of the patch around each column between two edges; corners (edge, angle, 3)."""
    # Columns lie in the middle of their patches: halfway to either neighbour.
    ahead = (corners + np.roll(corners, -1, axis=1)) / 2
    behind = np.roll(ahead, 1, axis=1)
    diagonals = ahead[1:] - behind[:-1], behind[1:] - ahead[:-1]
    areas: FloatArray = 0.5 * np.linalg.norm(np.cross(*diagonals), axis=-1)
    return areas
