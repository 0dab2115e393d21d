"""Reasons to doubt the function of a heart."""

from __future__ import annotations

from shortaxis.function.correction import CorrectedVolumes
from shortaxis.function.fitted_surfaces import ENCLOSED_WITHIN
from shortaxis.function.uncorrected import UncorrectedBeat
from shortaxis.function.volume_curve import VolumeCurve
from shortaxis.geometry.arrays import CountsArray
from shortaxis.reorientation.beat_order import BACKWARDS, contraction_of_slots, read_beat
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.spect.volume import SpectVolume

__all__ = ["SMALL_SYSTOLE_ML", "reasons_to_doubt"]

SMALL_SYSTOLE_ML = 25.0
"""Blur fills smaller cavities: their volume is a guess."""

MOST_BOUND = 0.15
"""Of an ejection fraction: with more, 40 and 55 % are not told apart."""

MOST_STRANGE = 1.0

LEAST_CHANGE = 0.08
"""Of the volume inside the middle of the wall, over the beat, as a part of its mean. In calibration
exams that nothing else flags, noise alone changes it by up to 0.06, and the weakest beat by 0.11:
noisier ones are flagged for the bound of their ejection fraction."""

NO_DIASTOLE = (0.25, 0.75)
"""Parts of the cycle, after the middle of the first slot, in which end-diastole cannot lie if slots
begin with the R wave."""


def reasons_to_doubt(
    found: UncorrectedBeat,
    curve: VolumeCurve,
    corrected: CorrectedVolumes,
    missed: float,
    gates: CountsArray,
    volume: SpectVolume,
) -> tuple[str, ...]:
    """Reasons in words, none for a function to be trusted; those of the slots are told apart."""
    bound = corrected.bounds["ejection_fraction"]
    low, high = NO_DIASTOLE
    change = found.middle_change
    checks = (
        (
            curve.end_systolic_ml < SMALL_SYSTOLE_ML,
            f"the cavity is small at end-systole ({curve.end_systolic_ml:.0f} ml): its volume and "
            "the ejection fraction are not sure",
        ),
        (
            bound > MOST_BOUND,
            f"the ejection fraction is not sure (bound {100 * bound:.0f} points): few counts, or a "
            "wall that is not clear",
        ),
        (
            change < LEAST_CHANGE,
            f"no beat is told from noise: the volume changes by {100 * change:.0f} % before any "
            "correction; do the time slots show a beat?",
        ),
        (
            corrected.strangeness > MOST_STRANGE,
            "the beat is unlike those that the volumes were calibrated with",
        ),
        (missed > ENCLOSED_WITHIN, "the drawn wall does not enclose the volumes that are told"),
        (
            low < curve.end_diastole < high,
            f"end-diastole lies at {100 * curve.from_r_wave(curve.end_diastole):.0f} % of the "
            "cycle: do the time slots begin with the R wave?",
        ),
        (_runs_backwards(found, gates, volume), BACKWARDS),
    )
    of_the_wall = found.beating.summed.surfaces.reasons
    return (*of_the_wall, *(words for applies, words in checks if applies))


def _runs_backwards(found: UncorrectedBeat, gates: CountsArray, volume: SpectVolume) -> bool:
    if not found.beating.fit.is_used.all():
        return False
    drawn = found.beating.summed.surfaces
    extent = LeftVentricleExtent(drawn.length_mm, float(drawn.middle_mm[8].mean()))
    affine = volume.patient_from_index
    beat = read_beat(contraction_of_slots(gates, affine, found.beating.pose, extent))
    return beat is not None and beat.runs_backwards
