"""Normal limits: what the uptake of healthy hearts is at every place of the polar map.

They hold only for what they were made from: exams that are alike in what changes the uptake of a
healthy heart (`shortaxis.quantification.normal_group`), on a wall that was found in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.normal_group import NormalGroup
from shortaxis.quantification.polar_map import PolarMap

__all__ = [
    "MIN_EXAMS",
    "UPPER_PART",
    "HealthyMaps",
    "NormalLimits",
    "NormalSet",
    "limits_of",
    "upper_ratio_of",
]

UPPER_PART = 0.85
"""Part of the wall below its level: maps are brought to the level of limits by what lies there. A
defect leaves it alone as long as it leaves a sixth of the wall, and a hot organ that shines into
less than that does, too (the result detection)."""

MIN_SD_PERCENT = 2.0
"""A deviation below the noise of any exam is chance: it would make small changes abnormal."""

MIN_EXAMS = 20
"""Fewer give no standard deviation to rely on: its error is a sixth with twenty."""


@dataclass(frozen=True, eq=False)
class NormalLimits:
    """Mean and deviations of the uptake, per cent, at ``(level, angle)``.

    Parameters
    ----------
    name : str
        Of the set that they belong to.
    group : NormalGroup
        Exams for which they hold.
    exams : int
        How many they were made from.
    mean_percent, sd_percent : (level, angle) arrays
        Mean and standard deviation of `PolarMap.uptake_percent`, maps scaled to the same mean.
    upper_ratio : float or None
        Mean of `upper_ratio_of` its exams; None in files of before.
    """

    name: str
    group: NormalGroup
    exams: int
    mean_percent: FloatArray
    sd_percent: FloatArray
    upper_ratio: float | None = None

    def lowest_percent(self, deviations: float) -> FloatArray:
        """Uptake (level, angle) that lies so many standard deviations below the mean."""
        lowest: FloatArray = self.mean_percent - deviations * self.sd_percent
        return lowest


@dataclass(frozen=True, eq=False)
class NormalSet:
    """Limits of several groups, and where they come from.

    `wall` is the method that found the wall of the maps, a name in
    `shortaxis.quantification.wall_methods.WALL_METHODS`: limits hold for walls that were found in
    the same way. `statements` say what else is known of the set, e.g. what it is valid for.
    """

    name: str
    source: str
    limits: tuple[NormalLimits, ...]
    wall: str = "tracing"
    statements: tuple[str, ...] = ()

    def for_exam(self, exam: NormalGroup) -> NormalLimits | None:
        """Limits of the narrowest group that an exam is of; None if it is of none."""
        fitting = [limits for limits in self.limits if limits.group.holds(exam)]
        return max(fitting, key=lambda each: each.group.rank, default=None)

    def tells_apart_by(self, fact: str) -> bool:
        """Whether any group of the set has a value of this field of `NormalGroup`."""
        return any(getattr(limits.group, fact) for limits in self.limits)


@dataclass(frozen=True, eq=False)
class HealthyMaps:
    """Uptake (exam, level, angle) of healthy hearts, all scaled to the same mean of the wall.

    What is the hottest twentieth of one wall is chance, and would widen the limits everywhere.
    `area_mm2` is that of every sample.
    """

    uptake_percent: FloatArray
    area_mm2: FloatArray

    @classmethod
    def of(cls, maps: Sequence[PolarMap]) -> HealthyMaps:
        """Scale maps."""
        walls = np.array([each.mean_uptake_percent for each in maps])
        pairs = zip(maps, walls, strict=True)
        scaled = [each.uptake_percent * (walls.mean() / wall) for each, wall in pairs]
        return cls(np.stack(scaled), np.stack([each.area_mm2 for each in maps]))

    @cached_property
    def sums(self) -> tuple[FloatArray, FloatArray]:
        """Sums over the exams of the uptake and of its square, (level, angle)."""
        squares: FloatArray = (self.uptake_percent**2).sum(axis=0)
        return self.uptake_percent.sum(axis=0), squares

    @cached_property
    def upper_ratios(self) -> FloatArray:
        """`upper_ratio_of` each exam to the mean of all, (exam,)."""
        mean = self.uptake_percent.mean(axis=0)
        pairs = zip(self.uptake_percent, self.area_mm2, strict=True)
        return np.array([upper_ratio_of(uptake, mean, area) for uptake, area in pairs])

    def limits(self, name: str, group: NormalGroup, without: int | None = None) -> NormalLimits:
        """Limits of all exams, or of all but one."""
        count = len(self.uptake_percent)
        (total, squares), ratios = self.sums, self.upper_ratios
        if without is not None:
            ratios = np.delete(ratios, without)
            left_out = self.uptake_percent[without]
            count, total, squares = count - 1, total - left_out, squares - left_out**2
        mean = total / count
        variance = np.maximum(squares - count * mean**2, 0.0) / max(count - 1, 1)
        deviations = np.maximum(np.sqrt(variance), MIN_SD_PERCENT)
        return NormalLimits(name, group, count, mean, deviations, float(ratios.mean()))


def upper_ratio_of(uptake: FloatArray, mean: FloatArray, area: FloatArray) -> float:
    """What `UPPER_PART` of the area stays below, as a part of what is normal at its place.

    Arrays are ``(level, angle)``.

    Examples
    --------
    >>> mean, area = np.full((2, 10), 50.0), np.ones((2, 10))
    >>> uptake = np.where(np.arange(10) < 3, 10.0, 60.0) * np.ones((2, 1))
    >>> upper_ratio_of(uptake, mean, area)
    1.2
    """
    ratio = (uptake / np.maximum(mean, 1.0)).ravel()
    order = np.argsort(ratio)
    below = np.cumsum(area.ravel()[order])
    place = np.searchsorted(below, UPPER_PART * below[-1])
    return float(ratio[order][min(place, ratio.size - 1)])


def limits_of(name: str, group: NormalGroup, maps: Iterable[PolarMap]) -> NormalLimits:
    """Limits from polar maps of healthy hearts.

    Raises
    ------
    OptionError
        If there are fewer than `MIN_EXAMS`.
    """
    exams = list(maps)
    if len(exams) < MIN_EXAMS:
        raise OptionError(
            "too few exams for normal limits",
            expected=f"at least {MIN_EXAMS} of {group.words}",
            found=str(len(exams)),
            way_on="add exams, or tell them apart by fewer facts",
        )
    return HealthyMaps.of(exams).limits(name, group)
