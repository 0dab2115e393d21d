"""Scores of the motion and the thickening of segments, by normal limits.

Scales are those that readers know (Sharir et al., J Nucl Med 2001;42:1630): motion from 0, normal,
over 1 to 3, hypokinetic, to 4, akinetic, and 5, dyskinetic; thickening from 0, normal, to 3, none.
What is normal was learnt from simulated hearts that contract everywhere; the record beside this
file says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from shortaxis.function.installed_record import read_installed
from shortaxis.function.regional import RegionalFunction

__all__ = [
    "NORMALS_SCHEMA",
    "REGIONAL_NORMALS_FILE",
    "RegionalNormals",
    "RegionalScores",
    "SegmentLimits",
    "installed_regional_normals",
    "regional_scores",
]

NORMALS_SCHEMA = "shortaxis/function-normals/1"
REGIONAL_NORMALS_FILE = Path(__file__).with_name("normal_regional.json")

SPREADS = 2.0
"""Standard deviations below the mean at which normal ends."""

MOTION_STEPS, THICKENING_STEPS = (0.5, 0.25, 0.1), (0.5, 0.2)
"""Parts of the normal mean at which the next score begins."""

DYSKINETIC_MM = -1.0


@dataclass(frozen=True)
class SegmentLimits:
    """What is normal of one segment."""

    mean: float
    sd: float

    @property
    def lowest(self) -> float:
        """Lowest normal value."""
        return self.mean - SPREADS * self.sd


@dataclass(frozen=True)
class RegionalNormals:
    """Limits by the number of the segment: motion in mm, thickening by counts as a part."""

    motion: Mapping[int, SegmentLimits]
    thickening: Mapping[int, SegmentLimits]
    valid_for: str


@dataclass(frozen=True)
class RegionalScores:
    """Scores by the number of the segment; None where nothing was measured."""

    motion: Mapping[int, int | None]
    thickening: Mapping[int, int | None]
    valid_for: str

    @property
    def summed_motion(self) -> int | None:
        """Over the segments; None where none was measured."""
        return _sum(self.motion)

    @property
    def summed_thickening(self) -> int | None:
        """Over the segments; None where none was measured."""
        return _sum(self.thickening)


def regional_scores(regional: RegionalFunction, normals: RegionalNormals) -> RegionalScores:
    """Compare segments with normal ones."""
    motion = {
        number: None if value is None else _motion_score(value, normals.motion[number])
        for number, value in regional.segment_motion_mm.items()
    }
    thickening = {
        number: None
        if value is None
        else _graded(value, normals.thickening[number], THICKENING_STEPS)
        for number, value in regional.segment_brightening.items()
    }
    return RegionalScores(motion, thickening, normals.valid_for)


@lru_cache(maxsize=1)
def installed_regional_normals() -> RegionalNormals:
    """The limits that come with the package.

    Raises
    ------
    UnreadableFileError
        If their record is damaged.
    """
    return read_installed(
        REGIONAL_NORMALS_FILE,
        NORMALS_SCHEMA,
        "the normal limits of motion and thickening",
        _from_record,
    )


def _from_record(record: Mapping[str, Any]) -> RegionalNormals:
    if record["schema"] != NORMALS_SCHEMA:
        raise ValueError("normal limits of another version")
    motion, thickening = (
        {
            int(number): SegmentLimits(float(each["mean"]), float(each["sd"]))
            for number, each in record[name].items()
        }
        for name in ("motion_mm", "thickening_by_counts")
    )
    return RegionalNormals(motion, thickening, record["valid_for"])


def _motion_score(value_mm: float, limits: SegmentLimits) -> int:
    if value_mm < DYSKINETIC_MM and value_mm < limits.lowest:
        return len(MOTION_STEPS) + 2
    return _graded(value_mm, limits, MOTION_STEPS)


def _graded(value: float, limits: SegmentLimits, steps: tuple[float, ...]) -> int:
    """0 if normal, else 1 and one more for each step that the value lies below."""
    if value >= limits.lowest:
        return 0
    return 1 + sum(value < step * limits.mean for step in steps)


def _sum(scores: Mapping[int, int | None]) -> int | None:
    told = [score for score in scores.values() if score is not None]
    return sum(told) if told else None
