"""Scores from 0 (normal) to 4 (absent) at every place of a polar map, and what is summed from them.

Whatever a place is scored by (normal limits, fixed bands, a loss against rest, two positions of the
patient together), segments, sums and parts of the wall follow from the scores in one way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shortaxis.anatomy.segments import SEGMENTS, Territory
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.polar_map import PolarMap

__all__ = ["MOST", "ScoredMap", "segment_means"]

MOST = 4.0


@dataclass(frozen=True, eq=False)
class ScoredMap:
    """Scores from 0 (normal) to 4 (absent) at ``(level, angle)`` of a polar map.

    Parameters
    ----------
    polar_map : PolarMap
        Whose areas count.
    scores : (level, angle) array
        Zero wherever nothing is abnormal.
    """

    polar_map: PolarMap
    scores: FloatArray

    @property
    def extent(self) -> float:
        """Part of the wall's area that is abnormal, 0 to 1."""
        return self.polar_map.part_of_area(self.scores > 0)

    @property
    def mean_severity(self) -> float:
        """Mean score where the wall is abnormal; 0 where none is."""
        abnormal = self.scores > 0
        if not abnormal.any():
            return 0.0
        area = self.polar_map.area_mm2[abnormal]
        return float(np.average(self.scores[abnormal], weights=area))

    @property
    def total_perfusion_deficit(self) -> float:
        """Sum of the scores over the wall's area, as a part of the worst possible one, 0 to 1."""
        return float(np.average(self.scores, weights=self.polar_map.area_mm2)) / MOST

    @cached_property
    def segment_scores(self) -> dict[int, int]:
        """Score 0 to 4 of each of the 17 segments: its mean, rounded."""
        means = segment_means(self.polar_map, self.scores)
        return {number: int(np.floor(mean + 0.5)) for number, mean in means.items()}

    @property
    def summed_score(self) -> int:
        """Sum over the 17 segments, 0 to 68."""
        return sum(self.segment_scores.values())

    @property
    def percent_myocardium(self) -> float:
        """The summed score in per cent of the highest possible one."""
        return 100.0 * self.summed_score / (MOST * len(SEGMENTS))

    def territory_deficit(self, territory: Territory) -> float:
        """Total perfusion deficit of the segments of one artery, 0 to 1 of that territory."""
        inside = np.isin(self.polar_map.segments, territory.value)
        area = self.polar_map.area_mm2[inside]
        return float(np.average(self.scores[inside], weights=area)) / MOST


def segment_means(polar_map: PolarMap, values: FloatArray) -> dict[int, float]:
    """Mean of values (level, angle) over the area of each of the 17 segments."""
    means = {}
    for segment in SEGMENTS:
        inside = polar_map.segments == segment.number
        area = polar_map.area_mm2[inside]
        means[segment.number] = float(np.average(values[inside], weights=area))
    return means
