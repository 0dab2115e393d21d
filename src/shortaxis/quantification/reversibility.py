"""What stress has lost against rest, as a map of its own.

Both maps are brought to the level of normal limits, each to those of its own group, and taken
relative to what is normal at the place: a healthy heart is 1 everywhere in both. The loss is judged
against how much two exams of one heart differ, not against how much hearts differ from each other,
and scored like a loss against the limits. A difference of two rounded scores would count the
rounding of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.limits_comparison import LimitsComparison
from shortaxis.quantification.scored_map import ScoredMap, segment_means
from shortaxis.quantification.severity import compared_severity, score_of_loss

__all__ = [
    "CHANGED_PART",
    "CHANGED_SD",
    "PAIR_SD",
    "Reversibility",
    "UnlikeSegment",
    "reversibility_of",
]

PAIR_SD = 0.1
"""Standard deviation of the difference between two exams of one heart without a change, in parts of
the normal uptake at a place (the result detection)."""

CHANGED_SD = 2.0
"""Standard deviations from which a difference is a change."""

CHANGED_PART = CHANGED_SD * PAIR_SD
"""The same in parts of the normal uptake at a place."""

UNLIKE = 2
"""Points from which a score is told not to be the difference of two: each is rounded, and rounding
alone makes one."""


@dataclass(frozen=True)
class UnlikeSegment:
    """A segment whose `score` of the loss is not its score under stress less that at rest.

    `lost_part` is its mean loss, in parts of the normal uptake; below zero rest has less.
    """

    number: int
    stress_score: int
    rest_score: int
    score: int
    lost_part: float


@dataclass(frozen=True, eq=False)
class Reversibility(ScoredMap):
    """Loss under stress that returns at rest, on the map of the stress exam.

    Parameters
    ----------
    polar_map, scores
        As of any scored map; the scores are those of the loss, where it is a change.
    loss_part : (level, angle) array
        What rest has more than stress, in parts of the normal uptake.
    is_changed : (level, angle) bool array
        Where that is more than two exams of one heart differ, and stress is below normal.
    exam_scores : (mapping of int to int, the same)
        Of the 17 segments under stress and at rest, each by its own limits.
    """

    loss_part: FloatArray
    is_changed: npt.NDArray[np.bool_]
    exam_scores: tuple[Mapping[int, int], Mapping[int, int]]

    @property
    def unlike_segments(self) -> tuple[UnlikeSegment, ...]:
        """Segments for which a reader who subtracts the scores expects another one.

        The largest defects under stress come first.
        """
        stress, rest = self.exam_scores
        lost = segment_means(self.polar_map, self.loss_part)
        unlike = (
            UnlikeSegment(number, stress[number], rest[number], score, lost[number])
            for number, score in self.segment_scores.items()
            if abs(stress[number] - rest[number] - score) >= UNLIKE
        )
        return tuple(sorted(unlike, key=lambda each: (-each.stress_score, each.number)))


def reversibility_of(
    stress: LimitsComparison, rest: LimitsComparison, pair_sd: float = PAIR_SD
) -> Reversibility:
    """What stress has lost against rest.

    Both are brought to one level once more, by the part of the wall that is normal in both: an
    error of either scale would be a change everywhere.
    """
    under, at = 1 - stress.lost_part, 1 - rest.lost_part
    area = stress.polar_map.area_mm2
    normal = ~(stress.is_abnormal | rest.is_abnormal)
    shared = area[normal].sum() >= MIN_SHARED_PART * area.sum()
    level = np.average(under[normal] - at[normal], weights=area[normal]) if shared else 0.0
    loss: FloatArray = at + level - under
    changed = (loss > CHANGED_SD * pair_sd) & (stress.deviations < BELOW_NORMAL_SD)
    scores: FloatArray = np.where(changed, score_of_loss(loss), 0.0)
    before, after = (compared_severity(each).segment_scores for each in (stress, rest))
    return Reversibility(stress.polar_map, scores, loss, changed, (before, after))


MIN_SHARED_PART = 0.2
"""Less of the wall is no level."""

BELOW_NORMAL_SD = -1.0
"""A place that stress leaves well within normal has lost nothing, whatever rest shows."""
