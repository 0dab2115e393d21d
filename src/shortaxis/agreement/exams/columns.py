"""Columns of a table of exams: what they are called and hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from shortaxis.agreement.exams.compared_exam import OWN, REST, STRESS
from shortaxis.agreement.exams.quantities import ABNORMAL, QUANTITIES, TERRITORIES
from shortaxis.errors import OptionError, UnreadableFileError

__all__ = [
    "ANGIOGRAPHY",
    "CONDITION",
    "FLAG",
    "FUNCTION_FLAG",
    "KEYS",
    "LOW_LIKELIHOOD",
    "NONE",
    "PATIENT_COLUMN",
    "PLAIN_COLUMNS",
    "TRUTHS",
    "cell_of",
    "is_of_source",
    "require_columns",
    "wrong_cell",
]

PATIENT_COLUMN, CONDITION, LOW_LIKELIHOOD, NOTE = "patient", "condition", "low_likelihood", "note"

KEYS = ("key", "study_uid", "file")
"""What tells which result of ShortAxis a row is of."""

ANGIOGRAPHY = "angiography"

TRUTHS: dict[str, str] = {
    ANGIOGRAPHY: "patient",
    **{f"{ANGIOGRAPHY}_{name}": name for name in TERRITORIES},
}
"""Columns of angiography, and the place that each speaks of."""

PLAIN_COLUMNS: dict[str, str] = {
    PATIENT_COLUMN: "what the patient is called in tables: a pseudonym",
    CONDITION: f"{STRESS} or {REST}",
    **dict.fromkeys(KEYS, "which result of ShortAxis is meant"),
    **dict.fromkeys(TRUTHS, "yes or no: the stenosis that counts as disease"),
    LOW_LIKELIHOOD: "yes or no: less than 5 % before any test",
    NOTE: "anything; it is not read",
}

FLAG, FUNCTION_FLAG = "flag", "function_flag"

OWN_COLUMNS = (FLAG, FUNCTION_FLAG)
"""Of ShortAxis alone, where its numbers stand in the table."""

NONE = "-"
"""Says that there is no value. An empty cell may have been forgotten."""

SOURCE = re.compile(r"[\w.+-]{1,40}", re.ASCII)


def is_of_source(name: str) -> bool:
    """Whether a column holds numbers of a source: ``SOURCE:QUANTITY``."""
    source, _, quantity = name.partition(":")
    if source == OWN and quantity in OWN_COLUMNS:
        return True
    return bool(SOURCE.fullmatch(source)) and quantity in (*QUANTITIES, ABNORMAL)


def require_columns(path: Path, names: Sequence[str], *, joined: bool) -> None:
    """Refuse a head that lacks a column, has one twice, or one that nobody reads.

    Raises
    ------
    UnreadableFileError
    """
    wanted = [PATIENT_COLUMN, CONDITION]
    missing = [name for name in wanted if name not in names]
    if joined and not set(KEYS) & set(names):
        missing.append(f"one of {', '.join(KEYS)}")
    unknown = [name for name in names if name not in PLAIN_COLUMNS and not is_of_source(name)]
    twice = sorted({name for name in names if names.count(name) > 1})
    ours = [name for name in names if joined and name.partition(":")[0] == OWN]
    found = [
        *[f"no column {name}" for name in missing],
        *[f"column {name!r}, which means nothing" for name in unknown],
        *[f"column {name} twice" for name in twice],
        *[f"column {name} beside --results" for name in ours],
    ]
    if found:
        raise UnreadableFileError(
            "is no table of exams",
            path=path,
            expected=f"columns {', '.join(PLAIN_COLUMNS)}, or SOURCE:QUANTITY such as "
            f"reader_1:summed_score, with {', '.join([*QUANTITIES][:9])}, segment_1 to segment_17 "
            f"or {ABNORMAL}; {PATIENT_COLUMN} and {CONDITION} must be there",
            found="; ".join(found),
            cause="another separator than the comma, no header row, or a misspelt column",
            way_on="correct the first row; what is not to be read goes into a column note",
        )


def wrong_cell(
    path: Path, row: int, column: str, expected: str, found: str, way_on: str = ""
) -> OptionError:
    """An error that names the cell, and none of what may be a patient's."""
    return OptionError(
        f"row {row}, column {column}: cannot be used",
        path=path,
        expected=expected,
        found=found,
        way_on=way_on or "correct the row, or take it out",
    )


def cell_of(row: Mapping[str, str | None], name: str) -> str:
    """Text of a cell, without what surrounds it."""
    return (row.get(name) or "").strip()
