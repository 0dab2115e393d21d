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

from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.limits_comparison import (
    ABNORMAL_SD,
    LimitsComparison,
    compared_with_limits,
)
from shortaxis.quantification.normal_limits import NormalLimits
from shortaxis.quantification.polar_map import PolarMap
from shortaxis.quantification.scored_map import MOST, ScoredMap, segment_means

__all__ = [
    "ABSENT_PART",
    "FIXED_BANDS_PERCENT",
    "SCAR_PERCENT",
    "Severity",
    "compared_severity",
    "fixed_band_score",
    "fixed_band_severity",
    "limits_severity",
    "part_below",
    "score_of_loss",
    "segment_uptakes",
]

ABSENT_PART = 0.55
"""Part of the normal uptake that is lost at the score of 4. Blur fills a defect: what has no uptake
still shows a third. Chosen so that losses of half of the uptake in a seventh of the wall are scored
8 or more (the result detection)."""

FIXED_BANDS_PERCENT = (70.0, 50.0, 30.0, 10.0)
"""Uptake below which the score is 1, 2, 3 and 4, without normal limits: one convention among
several."""

SCAR_PERCENT = 50.0
"""Uptake below which abnormal wall counts as scar, in per cent of the normal part of the wall."""


@dataclass(frozen=True, eq=False)
class Severity(ScoredMap):
    """Scores of one exam.

    `comparison` is what the map is against normal limits, None where scores are by fixed bands.
    """

    comparison: LimitsComparison | None = None

    @property
    def deficit_by_limits(self) -> float | None:
        """Total perfusion deficit, 0 to 1; None by fixed bands, which know nothing of normal."""
        return None if self.comparison is None else self.total_perfusion_deficit

    @property
    def scar_burden(self) -> float | None:
        """Part of the wall's area that is abnormal and has lost half, 0 to 1; None without limits.

        Abnormal by the limits *and* below `SCAR_PERCENT` of the normal part of the wall. Zhu et al.
        report a scar burden whose formula they do not give; this is ours.
        """
        if self.comparison is None:
            return None
        low = self.comparison.of_normal_part_percent < SCAR_PERCENT
        return self.polar_map.part_of_area(self.comparison.is_abnormal & low)


def limits_severity(
    polar_map: PolarMap, limits: NormalLimits, abnormal_sd: float = ABNORMAL_SD
) -> Severity:
    """Scores by normal limits: 0 within them, else growing with the part that is lost.

    The map is scaled to the limits first (`compared_with_limits`).
    """
    return compared_severity(compared_with_limits(polar_map, limits, abnormal_sd))


def compared_severity(compared: LimitsComparison) -> Severity:
    """Scores of a map that is compared with its limits."""
    scores = np.where(compared.is_abnormal, score_of_loss(compared.lost_part), 0.0)
    return Severity(compared.polar_map, scores, compared)


def score_of_loss(lost_part: FloatArray) -> FloatArray:
    """Score 0 to 4 of a part of the normal uptake that is lost.

    Examples
    --------
    >>> score_of_loss(np.array([-0.2, 0.0, 0.275, 0.55, 1.0])).round(3).tolist()
    [0.0, 0.0, 2.0, 4.0, 4.0]
    """
    scores: FloatArray = np.clip(MOST * lost_part / ABSENT_PART, 0.0, MOST)
    return scores


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
    return segment_means(polar_map, polar_map.uptake_percent)


def part_below(polar_map: PolarMap, threshold_percent: float = SCAR_PERCENT) -> float:
    """Part of the wall's area with less uptake than a threshold, 0 to 1, whatever is normal there.

    ``sum of area where uptake < threshold / sum of area``: a measure for comparisons, no finding.
    """
    return polar_map.part_of_area(polar_map.uptake_percent < threshold_percent)
