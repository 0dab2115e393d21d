"""The table ``[limits]`` of a configuration: how strict the flag of the weights shall be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from shortaxis.errors import OptionError
from shortaxis.reorientation.judgement import default_judgement
from shortaxis.reorientation.quality import Limit, Measure
from shortaxis.training.checks import require_share

__all__ = ["LimitSettings", "read_limit_settings"]

USUAL_PRESET = "clinical"


@dataclass(frozen=True)
class LimitSettings:
    """How limits are calibrated.

    Parameters
    ----------
    usual : str
        Preset whose good exams set the limits; empty: ``clinical`` where it is among the
        calibration exams, else all.
    passed, strictly_passed : float
        Part of these exams that a widened and a strict limit lets pass, from 0.5 and below 1.
    by_hand : mapping of str to pair of float
        Limits that are not calibrated, by the key of their measure; ``inf`` for no limit.

    Raises
    ------
    OptionError
        If a value is of another kind or out of range.
    """

    usual: str = ""
    passed: float = 0.99
    strictly_passed: float = 0.98
    by_hand: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.usual, str):
            raise OptionError("usual is no preset", expected="a text", found=repr(self.usual))
        require_share("passed", self.passed)
        require_share("strictly_passed", self.strictly_passed)
        _ = self.hand_set

    @property
    def hand_set(self) -> dict[Measure, Limit]:
        """Limits that are set by hand, with their usual reasons."""
        usual = {limit.measure.key: limit for limit in default_judgement().limits}
        try:
            found = [_limit_by_hand(usual, key, ends) for key, ends in self.by_hand.items()]
        except (ValueError, TypeError, AttributeError) as error:
            raise OptionError(
                "a limit by hand is none",
                expected="measures of the network, each with its lowest and highest value",
                found=str(error),
            ) from error
        return {limit.measure: limit for limit in found}

    def usual_of(self, presets: Sequence[str]) -> str:
        """The usual one of the calibration exams' presets; empty for all of them.

        Raises
        ------
        OptionError
            If the one that is named is not among them.
        """
        if self.usual and self.usual not in presets:
            raise OptionError(
                "the usual exams are no calibration exams",
                expected=" or ".join(dict.fromkeys(presets)),
                found=self.usual,
            )
        return self.usual or (USUAL_PRESET if USUAL_PRESET in presets else "")


def read_limit_settings(values: Mapping[str, Any]) -> LimitSettings:
    """Settings from the table of a configuration.

    Raises
    ------
    OptionError
        For values that are not known, of another kind or out of range.
    """
    if not isinstance(values, Mapping):
        raise OptionError("limits are no table", expected="[limits]", found=repr(values))
    known = [each.name for each in fields(LimitSettings)]
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise OptionError(
            "unknown values of the limits", expected=", ".join(known), found=", ".join(unknown)
        )
    return LimitSettings(**values)


def _limit_by_hand(usual: Mapping[str, Limit], key: str, ends: Sequence[float]) -> Limit:
    if key not in usual:
        raise ValueError(f"{key}, which the network does not measure")
    lowest, highest = ends
    for value in (lowest, highest):
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise TypeError(f"{key}: {value!r} is no number")
    return replace(usual[key], lowest=lowest, highest=highest)
