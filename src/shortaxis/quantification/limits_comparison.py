"""A polar map against normal limits: brought to their level, and how far it lies below them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.normal_limits import NormalLimits, upper_ratio_of
from shortaxis.quantification.polar_map import PolarMap

__all__ = ["ABNORMAL_SD", "LimitsComparison", "compared_with_limits"]

ABNORMAL_SD = 2.5
"""Standard deviations below the mean from which a place is abnormal: 99.4 % of normal ones are
not. With fewer more defects are found, but the pose changes the score more
(the result detection)."""

SCALING_ROUNDS = 20
MIN_NORMAL_PART = 0.2
"""Less of the wall is no level to scale by."""


@dataclass(frozen=True, eq=False)
class LimitsComparison:
    """A map against limits.

    Parameters
    ----------
    polar_map : PolarMap
        The map.
    limits : NormalLimits
        What it is compared with.
    uptake_times : float
        Factor that brings the uptake of the map to the level of the limits.
    is_abnormal : (level, angle) bool array
        Places below the limits.
    """

    polar_map: PolarMap
    limits: NormalLimits
    uptake_times: float
    is_abnormal: npt.NDArray[np.bool_]

    @cached_property
    def scaled_percent(self) -> FloatArray:
        """Uptake (level, angle) at the level of the limits."""
        scaled: FloatArray = self.polar_map.uptake_percent * self.uptake_times
        return scaled

    @property
    def deviations(self) -> FloatArray:
        """Standard deviations (level, angle) from the normal mean; below zero: less uptake."""
        off: FloatArray = (self.scaled_percent - self.limits.mean_percent) / self.limits.sd_percent
        return off

    @property
    def lost_part(self) -> FloatArray:
        """Part of the normal uptake (level, angle) that is missing; below 0: more than normal."""
        lost: FloatArray = 1 - self.scaled_percent / np.maximum(self.limits.mean_percent, 1.0)
        return lost

    @cached_property
    def normal_part_percent(self) -> float:
        """Mean of `scaled_percent` over the part of the wall that is not abnormal."""
        area = np.where(self.is_abnormal, 0.0, self.polar_map.area_mm2)
        if not area.any():
            return float(np.average(self.limits.mean_percent, weights=self.polar_map.area_mm2))
        return float(np.average(self.scaled_percent, weights=area))

    @property
    def of_normal_part_percent(self) -> FloatArray:
        """Uptake (level, angle) in per cent of the mean of the normal part of the wall."""
        relative: FloatArray = 100 * self.scaled_percent / max(self.normal_part_percent, 1e-9)
        return relative


def compared_with_limits(
    polar_map: PolarMap, limits: NormalLimits, abnormal_sd: float = ABNORMAL_SD
) -> LimitsComparison:
    """Bring a map to the level of normal limits, and find what lies below them.

    Counts are relative, so a study has to be brought to a common level first (PMC3412547). Here
    what most of the wall stays below, as a part of what is normal at its place, is what it is in
    healthy hearts (`UPPER_PART`). The mean of the wall would be no level to compare with: a large
    defect lowers it, what it took seems less and the rest more than normal. Nor would the hottest
    twentieth: a hot organ behind the wall makes it too high, and all other places abnormal.
    Limits of before, which do not tell that part, are reached by the mean of what is not abnormal.

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
    lowest = limits.lowest_percent(abnormal_sd)
    if limits.upper_ratio is None:
        scale = _scale_by_normal_part(polar_map, limits, lowest)
    else:
        seen = upper_ratio_of(polar_map.uptake_percent, limits.mean_percent, polar_map.area_mm2)
        scale = limits.upper_ratio / max(seen, 1e-12)
    is_abnormal = polar_map.uptake_percent * scale < lowest
    return LimitsComparison(polar_map, limits, scale, is_abnormal)


def _scale_by_normal_part(polar_map: PolarMap, limits: NormalLimits, lowest: FloatArray) -> float:
    """The part of the wall that is not abnormal has the same mean as the same part of normal ones.

    Which part that is follows from the factor, so both are found in turns.
    """
    uptake, area = polar_map.uptake_percent, polar_map.area_mm2
    normal = np.ones(area.shape, dtype=np.bool_)
    scale = 1.0
    for _ in range(SCALING_ROUNDS):
        weights = np.where(normal, area, 0.0)
        scale = float((weights * limits.mean_percent).sum() / max((weights * uptake).sum(), 1e-12))
        last, normal = normal, uptake * scale >= lowest
        if (normal == last).all() or polar_map.part_of_area(normal) < MIN_NORMAL_PART:
            break
    return scale
