"""How abnormal a polar map is: a score from 0 to 4 at every place, and what follows from it.

After the total perfusion deficit of Slomka et al. (J Nucl Cardiol 2005;12:66): a continuous score
from 0 to 4 for every place of the polar map by how far its uptake lies below normal, summed, as a
part of the worst possible sum. The formula of the score is ours, and so are its constants and the
normal limits: it is anchored at the normal mean, so that it starts above zero where a place becomes
abnormal. Values are **not interchangeable** with those of commercial packages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.anatomy.segments import SEGMENTS, Territory
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.normal_limits import NormalLimits
from shortaxis.quantification.polar_map import PolarMap

__all__ = [
    "ABNORMAL_SD",
    "ABSENT_PART",
    "FIXED_BANDS_PERCENT",
    "SCAR_PERCENT",
    "Severity",
    "fixed_band_score",
    "fixed_band_severity",
    "limits_severity",
    "scale_to_limits",
    "scar_burden",
    "segment_uptakes",
]

ABNORMAL_SD = 2.5
"""Standard deviations below the mean from which a place is abnormal: 99.4 % of normal ones are
not. With fewer more defects are found, but the pose changes the score more
(the result detection)."""

ABSENT_PART = 0.7
"""Part of the normal uptake that is lost at the score of 4, absent: background reaches 30 %."""

FIXED_BANDS_PERCENT = (70.0, 50.0, 30.0, 10.0)
"""Uptake below which the score is 1, 2, 3 and 4, without normal limits: one convention among
several."""

SCAR_PERCENT = 50.0
"""Uptake below which wall is counted as scar."""

MOST = 4.0


@dataclass(frozen=True, eq=False)
class Severity:
    """Scores from 0 (normal) to 4 (absent) at ``(level, angle)`` of a polar map."""

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

    @property
    def segment_scores(self) -> dict[int, int]:
        """Score 0 to 4 of each of the 17 segments: its mean, rounded."""
        means = _segment_means(self.polar_map, self.scores)
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


def limits_severity(
    polar_map: PolarMap, limits: NormalLimits, abnormal_sd: float = ABNORMAL_SD
) -> Severity:
    """Scores by normal limits: 0 within them, else growing with the part that is lost.

    The map is scaled to the limits first (`scale_to_limits`).
    """
    uptake = polar_map.uptake_percent * scale_to_limits(polar_map, limits, abnormal_sd)
    lost = 1 - uptake / np.maximum(limits.mean_percent, 1.0)
    abnormal = uptake < limits.lowest_percent(abnormal_sd)
    scores = np.where(abnormal, np.clip(MOST * lost / ABSENT_PART, 0, MOST), 0.0)
    return Severity(polar_map, scores)


def scale_to_limits(
    polar_map: PolarMap, limits: NormalLimits, abnormal_sd: float = ABNORMAL_SD
) -> float:
    """Factor on the uptake of a map that makes it comparable with normal limits.

    Counts are relative, so a study has to be brought to a common level first (PMC3412547). Here
    the part of the wall that is not abnormal has the same mean as the same part of normal
    hearts; which part that is follows from the factor, so both are found in turns. The hottest
    twentieth of the wall would be no level to compare with: a hot organ behind the wall makes it
    too high, and all other places abnormal.

    Raises
    ------
    GeometryError
        If the limits are of another shape.
    """
    if limits.mean_percent.shape != polar_map.counts.shape:
        raise GeometryError(
            "polar map and normal limits do not fit",
            expected=f"shape {limits.mean_percent.shape}",
            found=f"shape {polar_map.counts.shape}",
        )
    uptake, area = polar_map.uptake_percent, polar_map.area_mm2
    normal = np.ones(area.shape, dtype=np.bool_)
    scale = 1.0
    for _ in range(SCALING_ROUNDS):
        weights = np.where(normal, area, 0.0)
        scale = float((weights * limits.mean_percent).sum() / max((weights * uptake).sum(), 1e-12))
        last, normal = normal, uptake * scale >= limits.lowest_percent(abnormal_sd)
        if (normal == last).all() or polar_map.part_of_area(normal) < MIN_NORMAL_PART:
            break
    return scale


SCALING_ROUNDS = 20
MIN_NORMAL_PART = 0.2
"""Less of the wall is no level to scale by."""


def fixed_band_severity(polar_map: PolarMap) -> Severity:
    """Scores by fixed bands of uptake, which know nothing of what is normal where."""
    return Severity(polar_map, fixed_band_score(polar_map.uptake_percent))


def fixed_band_score(uptake_percent: FloatArray) -> FloatArray:
    """How many of the bands an uptake lies below.

    Examples
    --------
    >>> fixed_band_score(np.array([90.0, 69.9, 50.0, 29.0, 5.0])).tolist()
    [0.0, 1.0, 1.0, 3.0, 4.0]
    """
    below = [uptake_percent < band for band in FIXED_BANDS_PERCENT]
    scores: FloatArray = np.sum(below, axis=0).astype(np.float64)
    return scores


def segment_uptakes(polar_map: PolarMap) -> dict[int, float]:
    """Mean uptake, per cent, of each of the 17 segments."""
    return _segment_means(polar_map, polar_map.uptake_percent)


def scar_burden(polar_map: PolarMap, threshold_percent: float = SCAR_PERCENT) -> float:
    """Part of the wall's area with less uptake than the threshold, 0 to 1.

    ``sum of area where uptake < threshold / sum of area``. Zhu et al. report a scar burden whose
    formula they do not give; this is ours.
    """
    return polar_map.part_of_area(polar_map.uptake_percent < threshold_percent)


def _segment_means(polar_map: PolarMap, values: FloatArray) -> dict[int, float]:
    means = {}
    for segment in SEGMENTS:
        inside = polar_map.segments == segment.number
        area = polar_map.area_mm2[inside]
        means[segment.number] = float(np.average(values[inside], weights=area))
    return means
