"""When an operator should review a pose: named reasons and the limits behind them.

One table holds what is measured, the range in which a pose is accepted, and the words that
``pose.json`` and the review sheet carry. An estimator reports the measures that it has; a
measure that is missing is not judged, one that is not a number is outside every range.

The limits of the last group were set on drawn hearts and on real reconstructions altered in
known ways (turned, with defects, hot organs, noise, cropped): they pass hearts that were
found within a few degrees and stop those that were not. They are no clinical study.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from shortaxis.geometry.euler import angles_from_rotation
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import LeftVentricleExtent, PoseUncertainty, Quality

__all__ = [
    "GUESSES_OF_THE_WAY_ROUND",
    "LIMITS",
    "MORE_ABOVE",
    "POINTS_ASIDE",
    "POINTS_UP_OR_DOWN",
    "Limit",
    "Measure",
    "judge",
    "plausibility_measures",
]


class Measure(Enum):
    """What a limit can be set on; units in the name, parts are 0-1."""

    AZIMUTH_DEG = "azimuth"
    ELEVATION_DEG = "elevation"
    LENGTH_MM = "length"
    RADIUS_MM = "radius"
    LENGTH_TO_RADIUS = "length over radius"
    LONG_AXIS_SPREAD_DEG = "spread of the long axis"
    CENTER_SPREAD_MM = "spread of the centre"
    EDGE_PART = "part of the wall at the edge of the field of view"
    CLOSED_END_CONTRAST = "counts across the apex less counts across the valve plane"
    VALVE_DIRECTIONS_PART = "part of the directions that show the valve plane"
    SEEN_PART = "part of the wall that is seen"
    FOREIGN_PART = "part of the wall that lies off the surface"
    CAVITY_CONTRAST = "fall of the counts from wall to cavity"
    ROUGHNESS_MM = "roughness"
    RELATIVE_NOISE = "noise relative to the wall"
    SHELL_MATCH = "match with a hollow ellipsoid"
    RIVAL_PART = "support of the next best place"
    APEX_LEVEL = "counts across the apex, of the wall's level"
    COUNTS_ABOVE_PART = "counts above the heart, of those above and below"
    LONG_AXIS_BOUND_DEG = "90 % bound of the long axis"
    CENTER_BOUND_MM = "90 % bound of the centre"
    ROLL_BOUND_DEG = "90 % bound of the roll"
    START_SPREAD_DEG = "turn between looks from several starts"
    START_SPREAD_MM = "shift between looks from several starts"
    LAST_STEP_DEG = "turn of the last step"
    LAST_STEP_MM = "shift of the last step"
    PRESENCE = "log odds of a left ventricle"
    ELLIPSOID_APART_DEG = "angle to the long axis of the ellipsoid"
    ELLIPSOID_APART_MM = "distance to the centre of the ellipsoid"
    MIN_VOXEL_MM = "smallest voxel edge"
    MAX_VOXEL_MM = "largest voxel edge"
    PIXEL_RATIO = "longer over shorter edge of a pixel"
    FORWARD_DEG = "angle of the long axis to straight forward"
    UPRIGHT_DEG = "elevation and counts below the heart together"
    TIPPED_DEG = "elevation less roll, and counts above the heart together"
    SECOND_PRESENCE = "log odds of a left ventricle elsewhere"
    MOTION = "log odds of a patient who moved"

    @classmethod
    def of_key(cls, key: object) -> Measure:
        """The measure of a `key`.

        Raises
        ------
        ValueError
            If there is none.
        """
        found = next((each for each in cls if each.key == key), None)
        if found is None:
            raise ValueError(f"an unknown measure: {key!r}")
        return found

    @property
    def key(self) -> str:
        """Its name in a record of weights.

        Examples
        --------
        >>> Measure.CENTER_BOUND_MM.key
        'center_bound_mm'
        """
        return self.name.lower()

    @property
    def unit(self) -> str:
        """What to write after a value."""
        if self.name.endswith("_DEG"):
            return "°"
        return " mm" if self.name.endswith("_MM") else ""


GUESSES_OF_THE_WAY_ROUND = frozenset(
    {Measure.COUNTS_ABOVE_PART, Measure.UPRIGHT_DEG, Measure.TIPPED_DEG}
)
"""Of counts above and below the heart: of use where nothing surer tells how the volume lies."""


@dataclass(frozen=True)
class Limit:
    """Range of a measure that needs no review, and the reason given outside it.

    Raises
    ------
    ValueError
        If the range is reversed, is not a number, or has no end.
    """

    measure: Measure
    lowest: float
    highest: float
    reason: str

    def __post_init__(self) -> None:
        if not self.lowest < self.highest:
            raise ValueError(
                f"the limit of {self.measure.key} is reversed: {self.lowest} to {self.highest}"
            )
        if self.highest == UNLIMITED == -self.lowest:
            raise ValueError(f"the limit of {self.measure.key} stops nothing")

    def accepts(self, value: float) -> bool:
        """Whether the value lies in the range; NaN does not."""
        return self.lowest <= value <= self.highest

    def words(self, value: float) -> str:
        """What was measured beside what is accepted, as a reader wants it.

        Examples
        --------
        >>> Limit(Measure.ROLL_BOUND_DEG, 0, 30, "the roll is in doubt").words(41.25)
        '90 % bound of the roll 41.2°, at most 30°'
        """
        if value < self.lowest:
            side, limit = "at least", self.lowest
        else:
            side, limit = "at most", self.highest
        # As many digits as tell the value from the limit.
        texts = (f"{value:.{digits}g}" for digits in range(3, 8))
        shown = next((text for text in texts if text != f"{limit:g}"), f"{value:g}")
        unit = self.measure.unit
        return f"{self.measure.value} {shown}{unit}, {side} {limit:g}{unit}"

    def is_near(self, value: float) -> bool:
        """Whether an accepted value lies within `NEAR_PART` of a one-sided limit."""
        if self.highest == UNLIMITED:
            return value < self.lowest * (1 + NEAR_PART)
        return self.lowest == 0 and value > self.highest * (1 - NEAR_PART)


UNLIMITED = float("inf")

NEAR_PART = 0.3
MANY_NEAR = 3
MANY_NEAR_REASON = "several measures are close to their limits"
"""One measure close to its limit is common among good fits; so many at once are not."""

POINTS_ASIDE = "unusual direction of the long axis: left and right exchanged, or dextrocardia?"
POINTS_UP_OR_DOWN = "unusual direction of the long axis: upside down?"
MORE_ABOVE = "more counts above the heart than below: upside down?"

LIMITS: tuple[Limit, ...] = (
    # Range of hearts, 5 degrees wider (azimuth -10..70, elevation to 60); of 71 CTA masks none
    # pointed more than 11 degrees to the head, while a volume read upside down easily does.
    Limit(Measure.AZIMUTH_DEG, -15, 75, POINTS_ASIDE),
    Limit(Measure.ELEVATION_DEG, -10, 65, POINTS_UP_OR_DOWN),
    # LV length 60-120 mm, mid-wall radius 17-42 mm; blurring draws a small ring inwards by 2 mm.
    Limit(Measure.LENGTH_MM, 60, 120, "unusual size of the left ventricle"),
    Limit(Measure.RADIUS_MM, 15, 42, "unusual size of the left ventricle"),
    # 83 mm over 27 mm is 3.1; less than 2.7 is a base that was missed, behind a basal defect.
    Limit(Measure.LENGTH_TO_RADIUS, 2.7, 4.5, "unusual shape of the left ventricle"),
    # Long-axis yardstick: 10 degrees at the 95th percentile is the human order, so a spread
    # (one standard deviation) of 5; the centre likewise, 15 mm being a failure.
    Limit(Measure.LONG_AXIS_SPREAD_DEG, 0, 5, "the fit of the long axis is unstable"),
    Limit(Measure.CENTER_SPREAD_MM, 0, 6, "the fit of the centre is unstable"),
    Limit(Measure.EDGE_PART, 0, 0.1, "the heart touches the edge of the field of view"),
    Limit(Measure.CLOSED_END_CONTRAST, 0.15, UNLIMITED, "apex and base are hard to tell apart"),
    Limit(Measure.VALVE_DIRECTIONS_PART, 0.55, UNLIMITED, "the valve plane is hardly seen"),
    Limit(Measure.SEEN_PART, 0.75, UNLIMITED, "a large part of the wall is not seen"),
    Limit(Measure.FOREIGN_PART, 0, 0.1, "another organ or uptake lies against the wall"),
    Limit(Measure.CAVITY_CONTRAST, 0.25, UNLIMITED, "the cavity is hardly seen"),
    Limit(Measure.ROUGHNESS_MM, 0, 2.0, "the wall is irregular"),
    Limit(Measure.RELATIVE_NOISE, 0, 0.25, "few counts"),
    Limit(Measure.SHELL_MATCH, 0.75, UNLIMITED, "it does not look much like a left ventricle"),
    Limit(Measure.RIVAL_PART, 0, 0.4, "another place looks like a left ventricle too"),
    # Real studies reach 0.38; read upside down they start at 0.62.
    Limit(Measure.COUNTS_ABOVE_PART, 0, 0.55, MORE_ABOVE),
)


def judge(
    measures: Mapping[Measure, float],
    limits: Sequence[Limit] = LIMITS,
    many_near: int | None = MANY_NEAR,
) -> Quality:
    """Quality with the reason of every limit that a measure exceeds, each named once.

    In parentheses follow the measures that exceed it, with the limits. Where none is exceeded,
    `many_near` measures close to their limits are a reason too, unless it is None.

    Examples
    --------
    >>> judge({Measure.LENGTH_MM: 85, Measure.RADIUS_MM: 60}).reasons
    ('unusual size of the left ventricle (radius 60 mm, at most 42 mm)',)
    """
    judged = [(limit, measures[limit.measure]) for limit in limits if limit.measure in measures]
    exceeded: dict[str, list[str]] = {}
    for limit, value in judged:
        if not limit.accepts(value):
            exceeded.setdefault(limit.reason, []).append(limit.words(value))
    reasons = [f"{reason} ({'; '.join(words)})" for reason, words in exceeded.items()]
    near = sum(limit.is_near(value) for limit, value in judged)
    if not reasons and many_near is not None and near >= many_near:
        reasons = [MANY_NEAR_REASON]
    return Quality().with_reasons(*reasons)


def plausibility_measures(
    pose: RigidPose,
    extent: LeftVentricleExtent | None = None,
    uncertainty: PoseUncertainty | None = None,
) -> dict[Measure, float]:
    """Measures that follow from what every estimator reports; unknown ones are left out."""
    alpha, _, theta = angles_from_rotation(pose.patient_from_cardiac)
    values: dict[Measure, float | None] = {
        Measure.AZIMUTH_DEG: theta,
        Measure.ELEVATION_DEG: alpha,
        Measure.LENGTH_MM: extent.length_mm if extent else None,
        Measure.RADIUS_MM: extent.radius_mm if extent else None,
        Measure.LENGTH_TO_RADIUS: extent.length_mm / extent.radius_mm if extent else None,
        Measure.LONG_AXIS_SPREAD_DEG: uncertainty.long_axis_deg if uncertainty else None,
        Measure.CENTER_SPREAD_MM: uncertainty.center_mm if uncertainty else None,
    }
    return {measure: value for measure, value in values.items() if value is not None}
