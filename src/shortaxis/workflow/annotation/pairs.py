"""Pairs on disk: a folder of folders, or a table.

The folder convention: ``PAIRS/NAME/`` holds one entry whose name begins with ``transaxial`` and
one whose name begins with ``short_axis``; each is a NIfTI file, a DICOM file, or a folder with one
DICOM series. The table is a CSV file with the columns below; paths in it count from its folder.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from shortaxis.errors import InputNotFoundError, ShortAxisError, UnreadableFileError
from shortaxis.files.inputs.side_files import read_side_file

__all__ = ["COLUMNS", "FoundPairs", "Pair", "UnusablePair", "find_pairs"]

COLUMNS: dict[str, str] = {
    "name": "letters, digits, `.`, `_`, `+`, `-`; names the pair's folder of results",
    "transaxial": "file or folder of the transaxial volume",
    "short_axis": "file or folder of the short-axis slices",
    "short_axis_spacing_mm": "optional: voxel sizes of the slices, one number, or three with "
    "spaces between: slice, row, column; they replace those of the header",
}
"""Columns of a table of pairs, and what they hold. Others are left alone."""

REQUIRED = ("name", "transaxial", "short_axis")

NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,79}", re.ASCII)

TRANSAXIAL, SHORT_AXIS = "transaxial", "short_axis"

SIDE_FILES = (".txt", ".json", ".csv", ".md")
"""Ends of files that may lie beside the volumes."""


@dataclass(frozen=True)
class Pair:
    """Where the two volumes of a pair lie; `short_axis_spacing_mm` replaces that of the header."""

    name: str
    transaxial: Path
    short_axis: Path
    short_axis_spacing_mm: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class UnusablePair:
    """Folders that resemble a pair and are none, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class FoundPairs:
    """Pairs by name, and what could not be used."""

    pairs: tuple[Pair, ...]
    unusable: tuple[UnusablePair, ...] = ()


def find_pairs(path: Path) -> FoundPairs:
    """Pairs of a folder, or of a CSV file.

    Raises
    ------
    InputNotFoundError
        If the path does not exist or holds no pair.
    UnreadableFileError
        If a table lacks a column, or is no text.
    """
    if path.is_dir():
        found = _of_folder(path)
    elif path.is_file():
        found = _of_table(path)
    else:
        found = FoundPairs(())
    if found.pairs or found.unusable:
        return found
    raise InputNotFoundError(
        "holds no pair" if path.exists() else "does not exist",
        path=path,
        expected=f"folders with {TRANSAXIAL}.* and {SHORT_AXIS}.*, or a CSV file with columns "
        + ", ".join(REQUIRED),
        found="nothing of the kind",
        cause="a mistyped path, or another layout of folders",
    )


def _of_folder(path: Path) -> FoundPairs:
    pairs, unusable = [], []
    for folder in sorted(each for each in path.iterdir() if each.is_dir()):
        if folder.name.startswith("."):
            continue
        ends = {kind: _entries(folder, kind) for kind in (TRANSAXIAL, SHORT_AXIS)}
        wrong = [f"{len(found)} named {kind}*" for kind, found in ends.items() if len(found) != 1]
        if not NAME.fullmatch(folder.name):
            wrong.append("a name with other signs than letters, digits and . _ + -")
        if wrong:
            unusable.append(UnusablePair(folder.name, f"one of each is needed: {', '.join(wrong)}"))
        else:
            pairs.append(Pair(folder.name, ends[TRANSAXIAL][0], ends[SHORT_AXIS][0]))
    return FoundPairs(tuple(pairs), tuple(unusable))


def _entries(folder: Path, kind: str) -> list[Path]:
    return sorted(
        each
        for each in folder.iterdir()
        if each.name.lower().startswith(kind) and each.suffix.lower() not in SIDE_FILES
    )


def _of_table(path: Path) -> FoundPairs:
    try:
        reader = csv.DictReader(io.StringIO(read_side_file(path, encoding="utf-8-sig"), newline=""))
        missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
        rows = list(reader)
    except ShortAxisError:
        raise
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFileError(
            "cannot be read as a table",
            path=path,
            expected="a CSV file in UTF-8",
            found=getattr(error, "strerror", None) or "other bytes",
        ) from error
    if missing:
        raise UnreadableFileError(
            "is no table of pairs",
            path=path,
            expected=f"columns {', '.join(REQUIRED)}, separated by commas",
            found=f"no {', '.join(missing)}",
            cause="another separator than the comma, or no header row",
        )
    return _of_rows(rows, path.parent)


def _of_rows(rows: Iterable[Mapping[str, str]], folder: Path) -> FoundPairs:
    pairs: dict[str, Pair] = {}
    unusable = []
    for number, row in enumerate(rows, start=1):
        name = (row["name"] or "").strip()
        try:
            pair = _of_row(row, name, folder)
            if name in pairs:
                raise UnreadableFileError("a name that an earlier row has")
            pairs[name] = pair
        except ShortAxisError as error:
            detail = f": {error.found}" if error.found else ""
            unusable.append(UnusablePair(name or f"row {number}", f"{error.summary}{detail}"))
    return FoundPairs(tuple(pairs.values()), tuple(unusable))


def _of_row(row: Mapping[str, str], name: str, folder: Path) -> Pair:
    if not NAME.fullmatch(name):
        raise UnreadableFileError("a name with other signs than letters, digits and . _ + -")
    transaxial, short_axis = (
        folder / (row[kind] or "").strip() for kind in (TRANSAXIAL, SHORT_AXIS)
    )
    for path, kind in ((transaxial, TRANSAXIAL), (short_axis, SHORT_AXIS)):
        if not (row[kind] or "").strip() or not path.exists():
            raise InputNotFoundError(f"no {kind} file", found=row[kind] or "an empty cell")
    return Pair(name, transaxial, short_axis, _spacing(row.get("short_axis_spacing_mm") or ""))


def _spacing(text: str) -> tuple[float, float, float] | None:
    if not text.strip():
        return None
    try:
        numbers = [float(part) for part in text.split()]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 3) or not all(0 < number < float("inf") for number in numbers):
        raise UnreadableFileError("short_axis_spacing_mm is not one or three lengths", found=text)
    first, second, third = numbers * (3 // len(numbers))
    return first, second, third
