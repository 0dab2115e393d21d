"""What stress has lost against rest, as a map of its own.

Both maps are brought to the level of normal limits, each to those of its own group, and taken
relative to what is normal at the place: a healthy heart is 1 everywhere in both. The loss is judged
against how much two exams of one heart differ, not against how much hearts differ from each other,
and scored like a loss against the limits. A difference of two rounded scores would count the
rounding of both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.limits_comparison import LimitsComparison
from shortaxis.quantification.scored_map import ScoredMap
from shortaxis.quantification.severity import score_of_loss

__all__ = ["CHANGED_SD", "PAIR_SD", "Reversibility", "reversibility_of"]

PAIR_SD = 0.1
"""Standard deviation of the difference between two exams of one heart without a change, in parts of
the normal uptake at a place (the result detection)."""

CHANGED_SD = 2.0
"""Standard deviations from which a difference is a change."""


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
    """

    loss_part: FloatArray
    is_changed: npt.NDArray[np.bool_]


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
    return Reversibility(stress.polar_map, scores, loss, changed)


MIN_SHARED_PART = 0.2
"""Less of the wall is no level."""

BELOW_NORMAL_SD = -1.0
"""A place that stress leaves well within normal has lost nothing, whatever rest shows."""
