"""The function of a gated study: measured, or why it is not."""

from __future__ import annotations

from dataclasses import dataclass, field

from shortaxis.errors import HeartNotFoundError, OptionError
from shortaxis.function.measuring import LeftVentricularFunction, measure_function
from shortaxis.geometry.euler import with_roll_of
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.study import PerfusionStudy

__all__ = ["StudyFunction", "function_of"]


@dataclass(frozen=True, eq=False)
class StudyFunction:
    """What the time slots of a study tell; `refusal` says why there is nothing measured."""

    measured: LeftVentricularFunction | None = field(default=None, repr=False)
    refusal: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why an operator should look at the function."""
        return (self.refusal,) if self.measured is None else self.measured.reasons

    @property
    def flag(self) -> str:
        """``review`` if there is a reason to look, else ``accept``."""
        return "review" if self.reasons else "accept"


def function_of(
    study: PerfusionStudy, anatomical: RigidPose, pose: RigidPose, convention: str
) -> StudyFunction | None:
    """Measure the function of a study; None for an ungated one.

    Parameters
    ----------
    study : PerfusionStudy
        Transaxial or short-axis slices.
    anatomical : RigidPose
        Whose roll is anatomical, for the network of the wall.
    pose : RigidPose
        Axes that the polar map was traced with; its roll names the segments.
    convention : str
        Of the phases.
    """
    if study.gates is None:
        return None
    drawn_along = with_roll_of(pose, anatomical)
    try:
        measured = measure_function(
            study.gates, study.volume, drawn_along, shown_in=pose, convention=convention
        )
    except (HeartNotFoundError, OptionError) as error:
        # The polar map of the sum stands; the refusal is told beside it, and is a reason to look.
        told = f"{error.summary} ({error.found})" if error.found else error.summary
        return StudyFunction(refusal=f"no function: {told}")
    return StudyFunction(measured)
