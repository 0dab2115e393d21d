"""Normal limits: what the uptake of healthy hearts is at every place of the polar map.

They hold only for what they were made from, which the correction of attenuation, the tracer, the
patient's sex and the study condition tell apart. They are stored as JSON, so that anyone can read
what they compare with.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from shortaxis.errors import OptionError, ShortAxisError, UnreadableFileError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, to_json_line
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.polar_map import LEVELS, PolarMap
from shortaxis.quantification.wall_rays import ANGLES

__all__ = [
    "DEFAULT_NORMALS",
    "MIN_EXAMS",
    "NORMALS_SCHEMA",
    "NormalGroup",
    "NormalLimits",
    "NormalSet",
    "find_normals",
    "limits_of",
    "normals_to_json",
    "read_normals",
]

NORMALS_SCHEMA = "shortaxis/normals/2"

READ_SCHEMAS = ("shortaxis/normals/1", NORMALS_SCHEMA)
"""The first told neither tracer nor sex apart."""

DEFAULT_NORMALS = "simulated-clinical"
FOLDER = Path(__file__).with_name("installed_normals")

MIN_SD_PERCENT = 2.0
"""A deviation below the noise of any exam is chance: it would make small changes abnormal."""

MIN_EXAMS = 20
"""Fewer give no standard deviation to rely on: its error is a sixth with twenty."""


@dataclass(frozen=True)
class NormalGroup:
    """Exams that are alike in what changes the uptake; empty: not told apart by it.

    `condition` is ``stress`` or ``rest``, `correction` ``AC`` or ``none`` (of attenuation),
    `tracer` the nuclide as `shortaxis.spect.nuclides` names it, and `sex` ``F`` or ``M``.
    """

    condition: str = ""
    correction: str = ""
    tracer: str = ""
    sex: str = ""

    def holds(self, other: NormalGroup) -> bool:
        """Whether an exam of the other group is one of this group."""
        pairs = zip(asdict(self).values(), asdict(other).values(), strict=True)
        return all(own in ("", theirs) for own, theirs in pairs)

    @property
    def words(self) -> str:
        """What they have in common, e.g. "stress, attenuation corrected, Tc-99m, women"."""
        told = (FACT_WORDS.get(value, value) for value in asdict(self).values())
        return ", ".join(filter(None, told)) or "all exams"

    @property
    def rank(self) -> int:
        """How narrow it is; what changes the uptake most counts most."""
        return sum(2**place for place, fact in enumerate(RANKED_FACTS) if getattr(self, fact))


RANKED_FACTS = ("condition", "sex", "tracer", "correction")
"""From what changes the uptake of healthy hearts least to what does most.

Of the variance of the uptake in the 429 healthy exams of the installed set, correction explains
8 %, tracer 2 %, sex 1.5 %, and condition nothing that can be told from chance."""

FACT_WORDS = {"AC": "attenuation corrected", "none": "not corrected", "F": "women", "M": "men"}


@dataclass(frozen=True, eq=False)
class NormalLimits:
    """Mean and deviations of the uptake, per cent, at ``(level, angle)``.

    Parameters
    ----------
    name : str
        Of the set that they belong to.
    group : NormalGroup
        Exams for which they hold.
    exams : int
        How many they were made from.
    mean_percent, sd_percent : (level, angle) arrays
        Mean and standard deviation of `PolarMap.uptake_percent`, maps scaled to the same mean.
    """

    name: str
    group: NormalGroup
    exams: int
    mean_percent: FloatArray
    sd_percent: FloatArray

    def lowest_percent(self, deviations: float) -> FloatArray:
        """Uptake (level, angle) that lies so many standard deviations below the mean."""
        lowest: FloatArray = self.mean_percent - deviations * self.sd_percent
        return lowest


@dataclass(frozen=True, eq=False)
class NormalSet:
    """Limits of several groups, and where they come from."""

    name: str
    source: str
    limits: tuple[NormalLimits, ...]

    def for_exam(self, exam: NormalGroup) -> NormalLimits | None:
        """Limits of the narrowest group that an exam is of; None if it is of none."""
        fitting = [limits for limits in self.limits if limits.group.holds(exam)]
        return max(fitting, key=lambda each: each.group.rank, default=None)

    def tells_apart_by(self, fact: str) -> bool:
        """Whether any group of the set has a value of this field of `NormalGroup`."""
        return any(getattr(limits.group, fact) for limits in self.limits)


def limits_of(name: str, group: NormalGroup, maps: Iterable[PolarMap]) -> NormalLimits:
    """Limits from polar maps of healthy hearts.

    Each map is scaled first, so that the mean of the wall is the same in all: what is the hottest
    twentieth of one wall is chance, and would widen the limits everywhere.

    Raises
    ------
    OptionError
        If there are fewer than `MIN_EXAMS`.
    """
    exams = list(maps)
    if len(exams) < MIN_EXAMS:
        raise OptionError(
            "too few exams for normal limits",
            expected=f"at least {MIN_EXAMS} of {group}",
            found=str(len(exams)),
        )
    walls = np.array([each.mean_uptake_percent for each in exams])
    stacked = np.stack(
        [
            each.uptake_percent * (walls.mean() / wall)
            for each, wall in zip(exams, walls, strict=True)
        ]
    )
    deviations = np.maximum(stacked.std(axis=0, ddof=1), MIN_SD_PERCENT)
    return NormalLimits(name, group, len(exams), stacked.mean(axis=0), deviations)


def normals_to_json(normals: NormalSet) -> str:
    """The set as text, to a tenth of a per cent."""
    values = {
        "schema": NORMALS_SCHEMA,
        "name": normals.name,
        "source": normals.source,
        "groups": [
            {
                **asdict(limits.group),
                "exams": limits.exams,
                "mean_percent": np.round(limits.mean_percent, 1).tolist(),
                "sd_percent": np.round(limits.sd_percent, 2).tolist(),
            }
            for limits in normals.limits
        ],
    }
    return to_json_line(values, compact=True) + "\n"


def read_normals(path: Path) -> NormalSet:
    """Read a set of normal limits.

    Raises
    ------
    UnreadableFileError
        If it is none.
    """
    try:
        values = json.loads(read_side_file(path))
        if values["schema"] not in READ_SCHEMAS:
            raise ValueError(f"schema {values['schema']}")
        name = str(values["name"])
        limits = tuple(_limits(name, group) for group in values["groups"])
        return NormalSet(name, str(values["source"]), limits)
    except ShortAxisError:
        raise
    except (OSError, *OF_ANOTHER_SHAPE) as error:
        raise UnreadableFileError(
            "is no set of normal limits",
            path=path,
            expected=f"JSON of schema {' or '.join(READ_SCHEMAS)}",
            found=f"{type(error).__name__}: {error}",
        ) from error


def find_normals(name: str) -> NormalSet:
    """Installed normal limits by name, or those in a file.

    Raises
    ------
    OptionError
        If there is neither.
    UnreadableFileError
        If the file is none.
    """
    if Path(name).name == name and (FOLDER / f"{name}.json").is_file():
        return _installed(name)
    if Path(name).is_file():
        return read_normals(Path(name))
    raise OptionError(
        "unknown normal limits",
        expected=f"{DEFAULT_NORMALS} or a file",
        found=name,
        cause="a spelling mistake, or a file that is elsewhere; shortaxis normals build makes one",
    )


@lru_cache(maxsize=2)
def _installed(name: str) -> NormalSet:
    return read_normals(FOLDER / f"{name}.json")


def _limits(name: str, values: Mapping[str, Any]) -> NormalLimits:
    group = NormalGroup(
        condition=str(values["condition"]),
        correction=str(values["correction"]),
        tracer=str(values.get("tracer", "")),
        sex=str(values.get("sex", "")),
    )
    mean, sd = (
        np.array(values[field], dtype=np.float64) for field in ("mean_percent", "sd_percent")
    )
    if (
        mean.shape != (LEVELS, ANGLES)
        or sd.shape != mean.shape
        or not (np.isfinite(mean) & (sd > 0)).all()
    ):
        raise ValueError(f"mean of shape {mean.shape} and deviations of shape {sd.shape}")
    return NormalLimits(name, group, int(values["exams"]), mean, sd)
