"""Sets of normal limits as files: JSON, so that anyone can read what they compare with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from shortaxis.errors import OptionError, ShortAxisError, UnreadableFileError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, to_json_line
from shortaxis.quantification.named_normals import DEFAULT_NORMALS, FIXED_BANDS
from shortaxis.quantification.normal_group import GROUP_FACTS, NormalGroup
from shortaxis.quantification.normal_limits import NormalLimits, NormalSet
from shortaxis.quantification.polar_map import LEVELS
from shortaxis.quantification.wall_rays import ANGLES

__all__ = [
    "DEFAULT_NORMALS",
    "FIXED_BANDS",
    "INSTALLED",
    "NORMALS_SCHEMA",
    "find_normals",
    "normals_to_json",
    "read_normals",
]

NORMALS_SCHEMA = "shortaxis/normals/4"

READ_SCHEMAS = (*(f"shortaxis/normals/{number}" for number in (1, 2, 3)), NORMALS_SCHEMA)
"""The first told neither tracer nor sex apart, the second no camera; both are of traced walls. None
of the three tells where the upper part of a wall lies."""

INSTALLED = {"tracing": DEFAULT_NORMALS, "network": f"{DEFAULT_NORMALS}-network"}
"""The default by the method that found the wall: limits hold for walls found in the same way."""

FOLDER = Path(__file__).with_name("installed_normals")


def normals_to_json(normals: NormalSet) -> str:
    """The set as text, to a tenth of a per cent."""
    values = {
        "schema": NORMALS_SCHEMA,
        "name": normals.name,
        "source": normals.source,
        "wall": normals.wall,
        "statements": list(normals.statements),
        "groups": [
            {
                **asdict(limits.group),
                "exams": limits.exams,
                "mean_percent": np.round(limits.mean_percent, 1).tolist(),
                "sd_percent": np.round(limits.sd_percent, 2).tolist(),
                "upper_ratio": None if limits.upper_ratio is None else round(limits.upper_ratio, 4),
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
        return NormalSet(
            name,
            str(values["source"]),
            limits,
            str(values.get("wall", "tracing")),
            tuple(map(str, values.get("statements", ()))),
        )
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
        expected=f"{DEFAULT_NORMALS}, {FIXED_BANDS}, none, or a file",
        found=name,
        cause="a spelling mistake, or a file that is elsewhere; shortaxis normals build makes one",
    )


@lru_cache(maxsize=2)
def _installed(name: str) -> NormalSet:
    return read_normals(FOLDER / f"{name}.json")


def _limits(name: str, values: Mapping[str, Any]) -> NormalLimits:
    told = {fact: str(values.get(fact, "")) for fact in GROUP_FACTS}
    # Always there, in all versions.
    group = NormalGroup(
        **{**told, "condition": str(values["condition"]), "correction": str(values["correction"])}
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
    ratio = values.get("upper_ratio")
    if ratio is not None and not 0.5 < float(ratio) < 2:
        raise ValueError(f"an upper ratio of {ratio}")
    upper = None if ratio is None else float(ratio)
    return NormalLimits(name, group, int(values["exams"]), mean, sd, upper)
