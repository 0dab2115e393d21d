"""The function of a gated study: measured, or why it is not."""

from __future__ import annotations

from dataclasses import dataclass, field

from shortaxis.errors import HeartNotFoundError, OptionError
from shortaxis.function.measuring import LeftVentricularFunction, measure_function
from shortaxis.geometry.euler import with_roll_of
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.told_beats import ToldBeats
from shortaxis.workflow.quantify.beat_doubts import beat_notes, reasons_of_the_beats

__all__ = ["StudyFunction", "function_of"]

LOW_EJECTION_FRACTION = 0.5
"""Below it a ventricle is called impaired: 35 to 49 % mildly or moderately, less severely (Patel et
al., J Am Coll Cardiol 2012;59:857)."""

NORMAL_SUM = 3
"""Highest summed score that looks like that of a normal ventricle, as for perfusion."""


@dataclass(frozen=True, eq=False)
class StudyFunction:
    """What the time slots of a study tell; `refusal` says why there is nothing measured.

    `beats` is what the file tells of the beats they were made of.
    """

    measured: LeftVentricularFunction | None = field(default=None, repr=False)
    refusal: str = ""
    beats: ToldBeats | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why an operator should look at the function."""
        of_the_slots = (self.refusal,) if self.measured is None else self.measured.reasons
        return (*of_the_slots, *reasons_of_the_beats(self.beats))

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing of the numbers: of the slots, and what they must not be taken for.

        Normal motion and thickening end below half of their means, so that a ventricle that is weak
        everywhere may keep within them; phases that noise hides are drawn together by smoothing.
        """
        if self.measured is None:
            return ()
        own = (*_of_scores(self.measured), *_of_phases(self.measured))
        return (*self.measured.notes, *own, *beat_notes(self.beats))

    @property
    def cycle_s(self) -> float | None:
        """Length of the cycle that the slots show, where all that the file tells of it agrees."""
        cycle_ms = None if self.beats is None else self.beats.cycle_ms
        return None if cycle_ms is None else cycle_ms / 1000

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
        return StudyFunction(refusal=f"no function: {_refused(error)}", beats=study.facts.beats)
    return StudyFunction(measured, beats=study.facts.beats)


def _refused(error: HeartNotFoundError | OptionError) -> str:
    """What was found and what was needed, and how to go on."""
    needed = f"{error.expected} needed" if error.expected else ""
    facts = "; ".join(filter(None, (error.found, needed)))
    told = f"{error.summary} ({facts})" if facts else error.summary
    return f"{told}; to go on, {error.way_on}" if error.way_on else told


def _of_scores(measured: LeftVentricularFunction) -> list[str]:
    ejected, scores = measured.curve.ejection_fraction, measured.scores
    sums = {"motion": scores.summed_motion, "thickening": scores.summed_thickening}
    low = {name: each for name, each in sums.items() if each is not None and each <= NORMAL_SUM}
    if ejected >= LOW_EJECTION_FRACTION or not low:
        return []
    told = " and ".join(f"a summed {name} score of {each}" for name, each in low.items())
    return [
        f"{told} beside an ejection fraction of {100 * ejected:.0f} %: the limits of motion and "
        "thickening are wide, and a ventricle that is weak everywhere can keep within them; a low "
        "score does not say that it moves normally"
    ]


def _of_phases(measured: LeftVentricularFunction) -> list[str]:
    phase = measured.phase
    if not phase.is_told or phase.sd_deg >= phase.noise_deg:
        return []
    return [
        f"the phase SD of {phase.sd_deg:.0f} degrees is below the noise of {phase.noise_deg:.0f} "
        "degrees: no spread is seen, which does not say that the ventricle contracts in step"
    ]
