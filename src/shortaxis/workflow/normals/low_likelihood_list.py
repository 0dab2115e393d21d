"""The list of healthy patients: which files are meant, and what their headers do not say."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shortaxis.errors import OptionError, ShortAxisError, UnreadableFileError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.quantification.normal_group import FACT_VALUES, NormalGroup

__all__ = ["COLUMNS", "ListedExam", "read_list"]

FILE, AGE = "file", "age"

COLUMNS: dict[str, str] = {
    FILE: "path of the exam: a file or a folder with one exam, counted from FOLDER",
    **{fact: f"optional: {', '.join(words)}" for fact, words in FACT_VALUES.items()},
    AGE: "optional: years",
}
"""Columns of a list, and what they hold. Other columns are an error: a misspelt one would be
lost."""

OLDEST = 120.0


@dataclass(frozen=True)
class ListedExam:
    """One row: where the exam lies, and what is stated of it; `row` counts as editors do."""

    row: int
    path: Path
    stated: NormalGroup
    age: float | None = None

    @property
    def label(self) -> str:
        """What the exam is called where no patient may be named."""
        return f"row {self.row}"


def read_list(path: Path, folder: Path) -> list[ListedExam]:
    """Read a list.

    Raises
    ------
    UnreadableFileError
        If it is no table, or lacks the column `file`.
    OptionError
        For a file that is not there, a row that is there twice, and a word that is not known: the
        error names row and column.
    """
    try:
        reader = csv.DictReader(io.StringIO(read_side_file(path, encoding="utf-8-sig"), newline=""))
        names, rows = list(reader.fieldnames or ()), list(reader)
    except ShortAxisError:
        raise
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFileError(
            "cannot be read as a list",
            path=path,
            expected="a CSV file in UTF-8",
            found=getattr(error, "strerror", None) or "other bytes",
        ) from error
    _require_columns(path, names)
    listed: list[ListedExam] = []
    for number, row in enumerate(rows, start=2):
        exam = _exam(path, number, row, folder)
        earlier = next((each for each in listed if each.path == exam.path), None)
        if earlier is not None:
            raise _wrong(
                path, number, FILE, "an exam that no earlier row has", f"that of row {earlier.row}"
            )
        listed.append(exam)
    return listed


def _require_columns(path: Path, names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if FILE not in names or unknown:
        raise UnreadableFileError(
            "is no list of exams",
            path=path,
            expected=f"columns {', '.join(COLUMNS)}; only {FILE} must be there",
            found=", ".join(names) or "no columns",
            cause="another separator than the comma, no header row, or a misspelt column",
        )


def _exam(path: Path, number: int, row: Mapping[str, str | None], folder: Path) -> ListedExam:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if None in row:
        raise _wrong(path, number, "the last one", f"{len(row) - 1} cells", "more of them")
    place = folder / cells[FILE]
    if not cells[FILE] or not place.exists():
        # The name may be a patient's: the row is enough to find it.
        found = "a path that is not there" if cells[FILE] else "an empty cell"
        raise _wrong(path, number, FILE, f"a file or folder in {folder}", found)
    for fact, words in FACT_VALUES.items():
        if cells[fact] and cells[fact] not in words:
            raise _wrong(path, number, fact, f"{', '.join(words)}, or nothing", cells[fact])
    stated = NormalGroup(**{fact: cells[fact] for fact in FACT_VALUES})
    return ListedExam(number, place.resolve(), stated, _age(path, number, cells[AGE]))


def _age(path: Path, number: int, text: str) -> float | None:
    if not text:
        return None
    try:
        age = float(text)
    except ValueError:
        age = math.nan
    if not 0 <= age <= OLDEST:
        raise _wrong(path, number, AGE, f"years, 0 to {OLDEST:g}", text)
    return age


def _wrong(path: Path, row: int, column: str, expected: str, found: str) -> OptionError:
    return OptionError(
        f"row {row}, column {column}: cannot be used",
        path=path,
        expected=expected,
        found=found,
        way_on="correct the row in the list, or take it out",
    )
