"""What a technologist is told of a volume that lies another way round than its file says."""

from __future__ import annotations

from typing import Any

from shortaxis.reorientation.handedness import Handedness, HandednessRule
from shortaxis.spect.stated_geometry import StatedGeometry, StoredAxis
from shortaxis.spect.stored_directions import SIDES

__all__ = ["handedness_reasons", "handedness_record", "option_words"]

LEFT_AND_RIGHT = (2,)
"""The one flip that is also found in patients."""

SITUS_INVERSUS = ", unless the organs of the patient lie mirrored (situs inversus)"


def handedness_reasons(found: Handedness, rule: HandednessRule) -> tuple[str, ...]:
    """The reason for a review, with the option that puts it right; none if all is well."""
    option = option_words(found.stated)
    if found.verdict == "exchanged":
        words = f"axes look exchanged: state {option}"
        return (_with_odds(words, found.order_log_odds, rule.exchanged_below),)
    if found.verdict == "mirrored":
        sides = ", ".join(SIDES[2 - axis] for axis in found.likeliest.flips)
        other = SITUS_INVERSUS if found.likeliest.flips == LEFT_AND_RIGHT else ""
        words = f"{sides} look exchanged: state {option}, or take it back{other}"
        return (_with_odds(words, found.log_odds, rule.mirrored_below),)
    return ()


def _with_odds(words: str, log_odds: float | None, limit: float) -> str:
    return f"{words} (log odds of the file's way round {log_odds:.1f}, at least {limit:g})"


def option_words(stated: StatedGeometry) -> str:
    """The options of the command line that state this; empty for nothing.

    Examples
    --------
    >>> option_words(StatedGeometry(flips=frozenset({StoredAxis.SLICES, StoredAxis.COLUMNS})))
    '--flip slices --flip columns'
    """
    if stated.orientation is not None:
        return f"--orientation {stated.orientation}"
    return " ".join(f"--flip {axis.value}" for axis in StoredAxis if axis in stated.flips)


def handedness_record(found: Handedness | None) -> dict[str, Any]:
    """Plain values for ``pose.json``; empty where the way round is not doubted."""
    if found is None or (found.can_tell and not found.is_doubted):
        return {}
    seen = {"verdict": found.verdict, "seen_part": round(found.seen_part, 3)}
    if not found.can_tell:
        return seen
    return {
        **seen,
        "log_odds": round(found.log_odds or 0.0, 2),
        "order_log_odds": round(found.order_log_odds or 0.0, 2),
        "stated": found.stated.to_dict(),
    }
