"""How consistency is to be measured, validated where it is born."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.errors import OptionError
from shortaxis.workflow.reorient.options import ReorientOptions

__all__ = ["MAX_SHIFT_MM", "MAX_TURN_DEG", "ConsistencyOptions"]

MAX_TURN_DEG, MAX_SHIFT_MM = 25.0, 20.0
"""Beyond how differently patients lie and hearts point between two exams; still a usual heart."""

MAX_MOTIONS = 1000


@dataclass(frozen=True)
class ConsistencyOptions:
    """Choices for one measurement.

    Parameters
    ----------
    method : str
        Name of the estimator; the same default as for reorienting.
    weights : str or None
        Installed network weights by name, or a folder with weights; None takes the default ones.
    motions : int
        How many motions are drawn, 1-1000.
    seed : int
        Seed of the draw, 0 or more; the same seed draws the same turns and shifts for every study.

    Raises
    ------
    OptionError
        For a value outside its limits.
    """

    method: str = ReorientOptions.method
    weights: str | None = None
    motions: int = 40
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.motions <= MAX_MOTIONS:
            raise OptionError(
                "the number of motions is out of range",
                expected=f"1 to {MAX_MOTIONS}",
                found=str(self.motions),
            )
        if self.seed < 0:
            raise OptionError("the seed is negative", expected="0 or more", found=str(self.seed))
