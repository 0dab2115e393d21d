"""One exam in two positions of the patient, quantified together."""

from __future__ import annotations

from dataclasses import dataclass, field

from shortaxis.quantification.scored_map import ScoredMap
from shortaxis.quantification.two_positions import abnormal_in_both
from shortaxis.spect.study import PerfusionStudy
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.quantify.wording import NOT_SCORED

__all__ = ["BothPositions", "in_both_positions"]

FIRST, SECOND = "first position", "second position"


@dataclass(frozen=True, eq=False)
class BothPositions:
    """The same exam in another position, and what is abnormal in both.

    `names` are how the patient lay or sat; `together` is None unless both are scored by limits.
    """

    names: tuple[str, str]
    other: QuantifiedStudy = field(repr=False)
    together: ScoredMap | None

    @property
    def title(self) -> str:
        """Both positions, such as "Supine and prone"."""
        return " and ".join(self.names).capitalize()

    @property
    def words(self) -> str:
        """What is abnormal in both."""
        found = self.together
        if found is None:
            return NOT_SCORED
        deficit, extent = 100 * found.total_perfusion_deficit, 100 * found.extent
        return f"summed {found.summed_score}, TPD {deficit:.1f} %, extent {extent:.0f} %"

    @property
    def reasons(self) -> list[str]:
        """Reasons to review the other exam."""
        return [f"{self.names[1]}: {each}" for each in self.other.estimate.quality.reasons]


def in_both_positions(
    shown: QuantifiedStudy, other: PerfusionStudy, options: QuantifyOptions
) -> BothPositions:
    """Quantify the other exam, with a pose of its own: the patient got up in between.

    Raises
    ------
    HeartNotFoundError
        If there is no left ventricle in it.
    """
    found = quantify_study(other, options)
    lying = shown.study.facts.lying or FIRST, other.facts.lying or SECOND
    by_limits = all(
        each.severity is not None and each.severity.comparison is not None
        for each in (shown, found)
    )
    if not by_limits or shown.severity is None or found.severity is None:
        return BothPositions(lying, found, None)
    return BothPositions(lying, found, abnormal_in_both(shown.severity, found.severity))
