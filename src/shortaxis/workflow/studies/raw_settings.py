"""A file of raw settings: how a laboratory reconstructs, stated once and for every verb.

It is the ``reconstruction.json`` of an earlier reconstruction, whose options are used again, or a
TOML file with the tables ``[reconstruction]`` and ``[acquisition]``.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from shortaxis.errors import OptionError, UnreadableFileError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.spect.stated_acquisition import StatedAcquisition
from shortaxis.spect.stated_reconstruction import StatedReconstruction
from shortaxis.workflow.studies.finding import nothing_at
from shortaxis.workflow.studies.stated_making import require_possible

__all__ = ["RAW_SETTINGS", "read_raw_settings"]

RAW_SETTINGS = "raw_settings"
"""Key of a ``reconstruction.json`` that holds the options again."""

TABLES: dict[str, type] = {"reconstruction": StatedReconstruction, "acquisition": StatedAcquisition}

WORDS: dict[Any, str] = {
    str: "a word", int: "a whole number", float: "a number", bool: "true or false",
    ...: "a list of numbers",
}  # fmt: skip

Stated = TypeVar("Stated")


def read_raw_settings(path: Path) -> tuple[StatedReconstruction, StatedAcquisition]:
    """How studies are reconstructed, and what their projections lack.

    Raises
    ------
    InputNotFoundError
        If nothing is there.
    UnreadableFileError
        If it is neither JSON of a reconstruction nor TOML.
    OptionError
        For keys or values that mean nothing; the file is named.
    """
    tables = _tables_of(path)
    try:
        unknown = sorted(set(tables) - set(TABLES))
        if unknown:
            raise OptionError(
                "unknown table", expected=" or ".join(TABLES), found=", ".join(unknown)
            )
        stated = _made(StatedReconstruction, tables.get("reconstruction", {}))
        acquisition = _made(StatedAcquisition, tables.get("acquisition", {}))
        require_possible(stated)
    except OptionError as error:
        error.path = error.path or str(path)
        raise
    return stated, acquisition


def _tables_of(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        raise nothing_at(path)
    text = read_side_file(path)
    try:
        if path.suffix.lower() != ".json":
            return tomllib.loads(text)
        return _of_record(json.loads(text), path)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise UnreadableFileError(
            "is no file of raw settings",
            path=path,
            expected="reconstruction.json, or TOML with [reconstruction] and [acquisition]",
            found="text that cannot be read as either",
            cause="another file, or one that was damaged",
            way_on="name the reconstruction.json that shortaxis reconstruct wrote",
        ) from error


def _of_record(record: object, path: Path) -> Mapping[str, Any]:
    said = record.get(RAW_SETTINGS) if isinstance(record, dict) else None
    if not isinstance(said, dict):
        raise UnreadableFileError(
            "holds no raw settings",
            path=path,
            expected=f"{RAW_SETTINGS} of a reconstruction.json",
            found="JSON without it",
            cause="another record, such as report.json, or one of an earlier version",
            way_on="name the reconstruction.json that shortaxis reconstruct wrote",
        )
    if said.get("attenuation_map"):
        raise OptionError(
            "these settings correct attenuation",
            path=path,
            expected="settings that hold for every study",
            found="a map, which belongs to one study",
            way_on="reconstruct each study with its own map: shortaxis reconstruct "
            "--attenuation-map, and give the slices to the other verbs",
        )
    return {name: table for name, table in said.items() if name in TABLES}


def _made(kind: type[Stated], values: object) -> Stated:
    """A frozen record of plain values, each of the type that it has in Python."""
    types = get_type_hints(kind)
    known = [each.name for each in fields(kind)]  # type: ignore[arg-type]  # two dataclasses
    if not isinstance(values, dict):
        raise OptionError("a table is none", expected=", ".join(known), found=str(values)[:40])
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise OptionError("unknown setting", expected=", ".join(known), found=", ".join(unknown))
    return kind(**{name: _value(name, given, types[name]) for name, given in values.items()})


def _value(name: str, given: object, kind: object) -> object:
    """The value as it is taken: whole numbers are numbers, and lists rows of them."""
    kinds = get_args(kind) or (kind,)
    if kind == tuple[float, ...]:
        if isinstance(given, list) and all(map(_is_number, given)):
            return tuple(map(float, given))
    elif float in kinds and _is_number(given):
        return float(given)  # type: ignore[arg-type]  # a number
    elif type(given) in kinds:
        return given
    named = [WORDS[each] for each in kinds if each in WORDS and (each is ... or ... not in kinds)]
    words = " or ".join(named)
    raise OptionError(f"{name} is of another kind", expected=words, found=str(given)[:40])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
