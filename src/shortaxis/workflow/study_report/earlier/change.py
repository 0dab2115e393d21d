"""What has changed from an earlier exam to a later one, as a map: less uptake, and more.

Both maps are brought to the level of normal limits, each to those of its own group, as for stress
and rest (`shortaxis.quantification.reversibility`), so that exams of other cameras or of another
time compare as far as their limits hold. Less uptake than before is what the later exam has lost
against the earlier one, and more is what the earlier one had lost against the later.

A change is called from a deficit of `LEAST_CHANGE` on: places of two exams of one heart differ
here and there by more than the rule for a place allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from shortaxis.anatomy.segments import SEGMENTS
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.limits_comparison import LimitsComparison
from shortaxis.quantification.reversibility import PAIR_SD, Reversibility, reversibility_of
from shortaxis.quantification.scored_map import segment_means

__all__ = ["LEAST_CHANGE", "ChangeOverTime", "change_over_time"]

LEAST_CHANGE = 0.03
"""Total perfusion deficit from which a change is called, of either way (the result change_floor);
as for a defect, less is called none, whether a segment of it is scored or not."""


@dataclass(frozen=True, eq=False)
class ChangeOverTime:
    """Loss and gain between two exams of one heart under the same condition.

    Parameters
    ----------
    worse : Reversibility
        What the later exam has lost against the earlier one, on the map of the later one.
    better : Reversibility
        What the earlier exam had lost against the later one, on the map of the earlier one.
    """

    worse: Reversibility
    better: Reversibility

    @property
    def is_worse(self) -> bool:
        """Whether less uptake is called."""
        return self.worse.total_perfusion_deficit >= LEAST_CHANGE

    @property
    def is_better(self) -> bool:
        """Whether more uptake is called."""
        return self.better.total_perfusion_deficit >= LEAST_CHANGE

    @property
    def called_segments(self) -> tuple[int, ...]:
        """Segments with a score in what is called, either way."""
        called = [
            scored.segment_scores
            for is_called, scored in ((self.is_worse, self.worse), (self.is_better, self.better))
            if is_called
        ]
        return tuple(
            each.number for each in SEGMENTS if any(scores[each.number] for scores in called)
        )

    @property
    def change_part(self) -> FloatArray:
        """Later less earlier (level, angle), in parts of the normal uptake: below 0 is a loss."""
        change: FloatArray = -self.worse.loss_part
        return change

    @cached_property
    def segment_changes(self) -> dict[int, float]:
        """Mean of `change_part` over each of the 17 segments."""
        return segment_means(self.worse.polar_map, self.change_part)

    @cached_property
    def segment_scores(self) -> dict[int, int]:
        """Score of the loss of each segment less that of its gain: above 0 is worse."""
        gained = self.better.segment_scores
        return {number: lost - gained[number] for number, lost in self.worse.segment_scores.items()}


def change_over_time(
    earlier: LimitsComparison, later: LimitsComparison, pair_sd: float = PAIR_SD
) -> ChangeOverTime:
    """What changed between two exams, where that is more than two exams of one heart differ.

    A place is worse only if the later exam is below normal there, and better only if the earlier
    one was.
    """
    return ChangeOverTime(
        reversibility_of(later, earlier, pair_sd), reversibility_of(earlier, later, pair_sd)
    )
