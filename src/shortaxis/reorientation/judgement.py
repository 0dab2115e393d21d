"""The judgement that weights carry: by what a pose of theirs is accepted, flagged or refused.

It stands in ``record.json`` beside the hashes, since it was set on what these weights do. Records
of schema 2 had none; they get the table that was in the code then, ``default_judgement.json``,
which is also what ``shortaxis train`` starts from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from shortaxis.reorientation.motion_evidence import MotionRule
from shortaxis.reorientation.quality import UNLIMITED, Limit, Measure

__all__ = [
    "NETWORK_MEASURES",
    "Judgement",
    "PresenceThresholds",
    "default_judgement",
    "judgement_from_record",
    "record_from_judgement",
]

DEFAULT_FILE = Path(__file__).with_name("default_judgement.json")

NETWORK_MEASURES = (
    Measure.AZIMUTH_DEG,
    Measure.ELEVATION_DEG,
    Measure.LENGTH_MM,
    Measure.RADIUS_MM,
    Measure.LENGTH_TO_RADIUS,
    Measure.LONG_AXIS_BOUND_DEG,
    Measure.CENTER_BOUND_MM,
    Measure.ROLL_BOUND_DEG,
    Measure.START_SPREAD_DEG,
    Measure.START_SPREAD_MM,
    Measure.LAST_STEP_DEG,
    Measure.LAST_STEP_MM,
    Measure.PRESENCE,
    Measure.ELLIPSOID_APART_DEG,
    Measure.ELLIPSOID_APART_MM,
    Measure.EDGE_PART,
    Measure.APEX_LEVEL,
    Measure.SEEN_PART,
    Measure.RELATIVE_NOISE,
    Measure.COUNTS_ABOVE_PART,
    Measure.MIN_VOXEL_MM,
    Measure.MAX_VOXEL_MM,
    Measure.PIXEL_RATIO,
    Measure.FORWARD_DEG,
    Measure.UPRIGHT_DEG,
    Measure.TIPPED_DEG,
    Measure.SECOND_PRESENCE,
    Measure.MOTION,
)
"""What a pose by the network is judged by: every one has a limit in a record, in any order."""

LATER_MEASURES = NETWORK_MEASURES[-6:-1]
"""Of these a record may hold none: those of before have the usual limits. They are about the world
that the heart lies in, not about the weights."""

OPTIONAL_MEASURES = (*LATER_MEASURES, Measure.MOTION)
"""These, and what came with schema 4."""


@dataclass(frozen=True)
class PresenceThresholds:
    """Log odds of a left ventricle, and what follows from them.

    Parameters
    ----------
    refused_below : float
        Less is noise, an empty volume, or a part of the body without a heart: no pose.
    searched_on_below : float
        From here on a heart is not looked for elsewhere in a large field.
    hearts_above : float
        Hearts of calibration exams have more.

    Raises
    ------
    ValueError
        If one is not finite, or they are out of order.
    """

    refused_below: float
    searched_on_below: float
    hearts_above: float

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            _require_number(f"presence.{name}", value)
        if not self.refused_below <= self.searched_on_below <= self.hearts_above:
            raise ValueError(
                "presence is out of order: refused_below, searched_on_below and hearts_above "
                f"{self.refused_below:g}, {self.searched_on_below:g}, {self.hearts_above:g}"
            )


@dataclass(frozen=True)
class Judgement:
    """What a pose is judged by.

    Parameters
    ----------
    limits : tuple of Limit
        Of the flag, one for each of `NETWORK_MEASURES`.
    presence : PresenceThresholds
        Where a heart is taken to be.
    trained_voxel_mm : tuple of float
        Smallest and largest voxel edge of the training exams, mm.
    motion : MotionRule
        What speaks for a patient who moved.

    Raises
    ------
    ValueError
        If a measure lacks a limit, has two, or is none of the network's, or a range is none.
    """

    limits: tuple[Limit, ...]
    presence: PresenceThresholds
    trained_voxel_mm: tuple[float, float]
    motion: MotionRule

    def __post_init__(self) -> None:
        measures = [limit.measure for limit in self.limits]
        missing = [each.key for each in NETWORK_MEASURES if each not in measures]
        others = [each.key for each in measures if each not in NETWORK_MEASURES]
        twice = [each.key for each in NETWORK_MEASURES if measures.count(each) > 1]
        for words, found in (
            ("no limit of", missing),
            ("a limit of what the network does not measure:", others),
            ("two limits of", twice),
        ):
            if found:
                raise ValueError(f"{words} {', '.join(found)}")
        for value in self.trained_voxel_mm:
            _require_number("trained_on.voxel_mm", value)
        smallest, largest = self.trained_voxel_mm
        if not 0 < smallest <= largest:
            raise ValueError(f"trained_on.voxel_mm is no range: {smallest:g} to {largest:g}")


@lru_cache(maxsize=1)
def default_judgement() -> Judgement:
    """The judgement of weights whose record has none."""
    return judgement_from_record(json.loads(DEFAULT_FILE.read_text(encoding="utf-8")))


def judgement_from_record(values: Mapping[str, Any]) -> Judgement:
    """Judgement from the plain values of a record.

    Raises
    ------
    ValueError, KeyError, TypeError
        If a value is missing, of another kind, or out of its range.
    """
    _require_keys("judgement", values, ("limits", "presence", "trained_on"), optional=("motion",))
    presence, trained_on = values["presence"], values["trained_on"]
    _require_keys("presence", presence, [field.name for field in fields(PresenceThresholds)])
    _require_keys("trained_on", trained_on, ("voxel_mm",))
    smallest, largest = trained_on["voxel_mm"]
    return Judgement(
        _with_later([_limit(each) for each in values["limits"]]),
        PresenceThresholds(**presence),
        (smallest, largest),
        _motion(values),
    )


def record_from_judgement(judgement: Judgement) -> dict[str, Any]:
    """Plain values for a record; a side without a limit is null."""
    return {
        "limits": [
            {
                "measure": limit.measure.key,
                "lowest": None if limit.lowest == -UNLIMITED else limit.lowest,
                "highest": None if limit.highest == UNLIMITED else limit.highest,
                "reason": limit.reason,
            }
            for limit in judgement.limits
        ],
        "presence": asdict(judgement.presence),
        "trained_on": {"voxel_mm": list(judgement.trained_voxel_mm)},
        "motion": {
            "intercept": judgement.motion.intercept,
            "coefficients": dict(judgement.motion.coefficients),
        },
    }


def _motion(judgement: Mapping[str, Any]) -> MotionRule:
    """Rule of a record, or the usual one: records before schema 4 have none."""
    if "motion" not in judgement:
        return default_judgement().motion
    values = judgement["motion"]
    _require_keys("motion", values, ("intercept", "coefficients"))
    return MotionRule(values["intercept"], values["coefficients"])


def _with_later(limits: list[Limit]) -> tuple[Limit, ...]:
    """Limits of a record, and the usual ones of later measures where it has none."""
    if {limit.measure for limit in limits} >= set(OPTIONAL_MEASURES):
        return tuple(limits)
    usual = {limit.measure: limit for limit in default_judgement().limits}
    held = [limit.measure for limit in limits]
    added = [usual[each] for each in OPTIONAL_MEASURES if each not in held]
    return tuple(sorted([*limits, *added], key=lambda one: NETWORK_MEASURES.index(one.measure)))


def _limit(values: Mapping[str, Any]) -> Limit:
    _require_keys("a limit", values, ("measure", "lowest", "highest", "reason"))
    measure = Measure.of_key(values["measure"])
    sides = {}
    for side, without in (("lowest", -UNLIMITED), ("highest", UNLIMITED)):
        value = values[side]
        if value is not None:
            _require_number(f"{side} of {measure.key}", value)
        sides[side] = without if value is None else value
    reason = values["reason"]
    if not isinstance(reason, str) or not reason.strip():
        raise ValueError(f"reason of {measure.key} is no text: {reason!r}")
    return Limit(measure, sides["lowest"], sides["highest"], reason)


def _require_keys(
    what: str,
    values: Mapping[str, Any],
    expected: Collection[str],
    optional: Collection[str] = (),
) -> None:
    if not isinstance(values, Mapping):
        raise TypeError(f"{what} holds no fields: {values!r}")
    unknown = sorted(set(values) - set(expected) - set(optional))
    if unknown:
        raise ValueError(f"{what} with unknown fields: {', '.join(unknown)}")
    missing = [name for name in expected if name not in values]
    if missing:
        raise ValueError(f"{what} without {', '.join(missing)}")


def _require_number(what: str, value: object) -> None:
    # A truth value is an int, too.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):  # type: ignore[arg-type]  # a number by then
        raise ValueError(f"{what} is no finite number: {value!r}")
