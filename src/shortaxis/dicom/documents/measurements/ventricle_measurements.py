"""What is measured in a left ventricle, as plain numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from shortaxis.anatomy.segments import SEGMENTS
from shortaxis.errors import OptionError
from shortaxis.spect.study import StudyCondition

__all__ = [
    "FULL_SCORE",
    "ChangeMeasurements",
    "FunctionMeasurements",
    "StudyMeasurements",
    "VentricleMeasurements",
]

FULL_SCORE = 4
"""Of one segment: absent uptake."""


@dataclass(frozen=True)
class FunctionMeasurements:
    """How a ventricle beats.

    Parameters
    ----------
    ejection_fraction_percent : float
        Part of the end-diastolic volume that is ejected.
    end_diastolic_ml, end_systolic_ml, stroke_ml : float
        Volumes of the cavity.
    mass_g : float
        Of the muscle.
    phase_sd_deg : float or None
        Spread of the phases over the wall, degrees of the cycle; None where noise hides it.
    summed_motion_score, summed_thickening_score : int or None
        Over the segments that are scored.
    sphericity, eccentricity : float or None
        Of the shape at end-diastole.
    comment : str
        How sure the numbers are: flag, reasons to review, bounds.
    """

    ejection_fraction_percent: float
    end_diastolic_ml: float
    end_systolic_ml: float
    stroke_ml: float
    mass_g: float
    phase_sd_deg: float | None
    summed_motion_score: int | None = None
    summed_thickening_score: int | None = None
    sphericity: float | None = None
    eccentricity: float | None = None
    comment: str = ""

    def __post_init__(self) -> None:
        known = [value for value in asdict(self).values() if isinstance(value, int | float)]
        _refuse("a function", _are_finite(known), "finite numbers")


@dataclass(frozen=True)
class ChangeMeasurements:
    """What changed since an earlier exam of the same condition, by normal limits.

    Parameters
    ----------
    less_percent, more_percent : float
        Total perfusion deficit of what the later exam has lost against the earlier one, and the
        earlier one against the later.
    segment_percent : mapping
        Mean change by the number of the segment, later less earlier, in per cent of normal.
    days_before : int or None
        From the earlier exam to the later one; None where nobody says.
    comment : str
        What is called changed, and why the comparison may mislead.
    """

    less_percent: float
    more_percent: float
    segment_percent: Mapping[int, float]
    days_before: int | None = None
    comment: str = ""

    def __post_init__(self) -> None:
        numbers = {segment.number for segment in SEGMENTS}
        _refuse("a change", {*self.segment_percent} <= numbers, "segments of numbers 1 to 17")
        known = (self.less_percent, self.more_percent, *self.segment_percent.values())
        _refuse("a change", _are_finite(known), "finite numbers")


@dataclass(frozen=True)
class VentricleMeasurements:
    """Uptake and scores of one polar map.

    Parameters
    ----------
    condition : StudyCondition
        Stress, rest or unknown.
    uptake_percent : mapping
        Mean uptake by the number of the segment, 1 to 17; a segment may be missing.
    scores : mapping
        Score 0 to 4 by the number of the segment; empty where nothing is scored.
    is_by_normal_limits : bool
        Whether scores are by normal limits, else by fixed bands of uptake.
    length_mm : float
        From the epicardial apex to the valve plane.
    scar_burden_percent : float or None
        Part of the wall that is abnormal and below half of its normal part; None without limits.
    total_perfusion_deficit_percent : float or None
        None where there are no normal limits.
    extent_percent : float or None
        Part of the wall that is abnormal.
    function : FunctionMeasurements or None
        Of gated studies.
    both_positions : (int, float) or None
        Summed score and total perfusion deficit in per cent of what is abnormal in two positions
        of the patient; None of one alone.
    change : ChangeMeasurements or None
        Since an earlier exam; None where there is none.
    """

    condition: StudyCondition
    uptake_percent: Mapping[int, float]
    scores: Mapping[int, int]
    is_by_normal_limits: bool
    length_mm: float
    scar_burden_percent: float | None = None
    total_perfusion_deficit_percent: float | None = None
    extent_percent: float | None = None
    function: FunctionMeasurements | None = None
    both_positions: tuple[int, float] | None = None
    change: ChangeMeasurements | None = None

    def __post_init__(self) -> None:
        numbers = {segment.number for segment in SEGMENTS}
        _refuse("a segment", {*self.uptake_percent, *self.scores} <= numbers, "numbers 1 to 17")
        in_range = all(0 <= score <= FULL_SCORE for score in self.scores.values())
        _refuse("a score", in_range, f"0 to {FULL_SCORE}")
        deficit = self.total_perfusion_deficit_percent
        known = (self.length_mm, self.scar_burden_percent, deficit, self.extent_percent)
        singles = [each for each in known if each is not None]
        _refuse("a measurement", _are_finite([*self.uptake_percent.values(), *singles]), "finite")

    @property
    def summed_score(self) -> int | None:
        """Sum over the segments; None where nothing is scored."""
        return sum(self.scores.values()) if self.scores else None


@dataclass(frozen=True)
class StudyMeasurements:
    """The ventricles of a study, such as stress and rest, and what compares them.

    `ejection_fraction_change_percent` is stress minus rest, in points of the ejection fraction;
    `end_diastolic_dilation` the end-diastolic volume under stress over that at rest. `conclusion`
    is what a reader concluded, with the signature.
    """

    ventricles: tuple[VentricleMeasurements, ...]
    summed_difference_score: int | None = None
    transient_dilation: float | None = None
    ejection_fraction_change_percent: float | None = None
    end_diastolic_dilation: float | None = None
    conclusion: str = ""

    def __post_init__(self) -> None:
        _refuse("the study", len(self.ventricles) > 0, "at least one ventricle")


def _are_finite(values: Iterable[float]) -> bool:
    return bool(np.isfinite(np.array(list(values), dtype=np.float64)).all())


def _refuse(what: str, is_right: bool, expected: str) -> None:
    if not is_right:
        raise OptionError(f"{what} cannot be reported", expected=expected, found="something else")
