"""The table of exams that a user has made: read, and refused by row and column."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shortaxis.agreement.exams.columns import (
    CONDITION,
    FLAG,
    FUNCTION_FLAG,
    KEYS,
    LOW_LIKELIHOOD,
    NONE,
    PATIENT_COLUMN,
    TRUTHS,
    cell_of,
    is_of_source,
    require_columns,
    wrong_cell,
)
from shortaxis.agreement.exams.compared_exam import OWN, REST, STRESS, ComparedExam
from shortaxis.agreement.exams.quantities import ABNORMAL, QUANTITIES, SEGMENTS, SUMMED
from shortaxis.errors import InputNotFoundError, ShortAxisError, UnreadableFileError
from shortaxis.files.inputs.side_files import read_side_file

__all__ = ["ExamRow", "read_table"]

YES_NO = {"yes": True, "no": False}
FLAGS = {"accept": False, "review": True}
FORGOTTEN = f"write {NONE} where there is no value"


@dataclass(frozen=True)
class ExamRow:
    """One row, and what names its result: the column of `KEYS` and its text."""

    exam: ComparedExam
    names: Mapping[str, str]


def read_table(path: Path, *, joined: bool) -> list[ExamRow]:
    """Read a table.

    Parameters
    ----------
    path : Path
        CSV in UTF-8.
    joined : bool
        Whether the numbers of ShortAxis come from elsewhere, so that rows must name their result.

    Raises
    ------
    UnreadableFileError
        If it is no table, or has other columns.
    InputNotFoundError
        If it has no row.
    OptionError
        For a cell that is empty or cannot be used, and for a row that is there twice.
    """
    names, lines = _lines(path)
    require_columns(path, names, joined=joined)
    rows: list[ExamRow] = []
    for number, line in enumerate(lines, start=2):
        if not any(cell_of(line, name) for name in names):
            continue
        rows.append(_row(path, number, line, names))
        _refuse_doubled(path, rows)
    if not rows:
        raise InputNotFoundError(
            "has no exams", path=path, expected="a row for each exam", found="none"
        )
    _refuse_two_truths(path, [each.exam for each in rows])
    return rows


def _lines(path: Path) -> tuple[list[str], list[Mapping[str, str | None]]]:
    try:
        reader = csv.DictReader(io.StringIO(read_side_file(path, encoding="utf-8-sig"), newline=""))
        return [name.strip() for name in reader.fieldnames or ()], _stripped(reader)
    except ShortAxisError:
        raise
    except FileNotFoundError as error:
        raise InputNotFoundError("is not there", path=path, expected="a CSV file") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFileError(
            "cannot be read as a table",
            path=path,
            expected="a CSV file in UTF-8",
            found=getattr(error, "strerror", None) or "other bytes",
            way_on="save it as CSV in UTF-8, with commas between cells",
        ) from error


def _stripped(reader: csv.DictReader[str]) -> list[Mapping[str, str | None]]:
    return [{(name or "").strip(): text for name, text in row.items() if name} for row in reader]


def _row(path: Path, number: int, line: Mapping[str, str | None], names: Sequence[str]) -> ExamRow:
    for name in names:
        optional = name in (*KEYS, "note")
        if not cell_of(line, name) and not optional:
            raise wrong_cell(path, number, name, "a value", "an empty cell", FORGOTTEN)
    condition = cell_of(line, CONDITION)
    if condition not in (STRESS, REST):
        raise wrong_cell(path, number, CONDITION, f"{STRESS} or {REST}", "another word")
    truths = {
        place: found
        for column, place in TRUTHS.items()
        if (found := _word(path, number, line, column, YES_NO)) is not None
    }
    values = {
        (source, quantity): value
        for source, _, quantity in (name.partition(":") for name in names if is_of_source(name))
        if quantity not in (FLAG, FUNCTION_FLAG)
        and (value := _value(path, number, line, f"{source}:{quantity}")) is not None
    }
    exam = ComparedExam(
        row=number,
        patient=cell_of(line, PATIENT_COLUMN),
        condition=condition,
        values=values,
        is_flagged=_word(path, number, line, f"{OWN}:{FLAG}", FLAGS),
        is_function_flagged=_word(path, number, line, f"{OWN}:{FUNCTION_FLAG}", FLAGS),
        diseased=truths,
        is_low_likelihood=bool(_word(path, number, line, LOW_LIKELIHOOD, YES_NO)),
    )
    _refuse_other_sums(path, exam)
    return ExamRow(exam, {name: cell for name in KEYS if (cell := cell_of(line, name))})


def _word(
    path: Path, row: int, line: Mapping[str, str | None], column: str, words: Mapping[str, bool]
) -> bool | None:
    text = cell_of(line, column).lower()
    if text in ("", NONE):
        return None
    if text not in words:
        raise wrong_cell(path, row, column, f"{' or '.join(words)}, or {NONE}", "another word")
    return words[text]


def _value(path: Path, row: int, line: Mapping[str, str | None], column: str) -> float | None:
    quantity = column.partition(":")[2]
    if quantity == ABNORMAL:
        said = _word(path, row, line, column, YES_NO)
        return None if said is None else float(said)
    text = cell_of(line, column)
    if text == NONE:
        return None
    wanted = QUANTITIES[quantity]
    whole = "a whole number" if wanted.is_whole else "a number"
    expected = f"{whole} from {wanted.low:g} to {wanted.high:g} {wanted.unit}".strip()
    try:
        value = float(text)
    except ValueError:
        found = "no number" + (", but a comma in it" if "," in text else "")
        raise wrong_cell(path, row, column, expected, found, FORGOTTEN) from None
    is_fit = wanted.low <= value <= wanted.high and not (wanted.is_whole and value % 1)
    if not math.isfinite(value) or not is_fit:
        raise wrong_cell(path, row, column, expected, f"{value:g}")
    return value


def _refuse_other_sums(path: Path, exam: ComparedExam) -> None:
    for (source, quantity), value in exam.values.items():
        total = exam.segment_sum(source, SEGMENTS) if quantity == SUMMED else None
        if total is not None and total != value:
            raise wrong_cell(
                path,
                exam.row,
                f"{source}:{quantity}",
                f"{total:g}, the sum of the segments in the row",
                f"{value:g}",
            )


def _refuse_doubled(path: Path, rows: Sequence[ExamRow]) -> None:
    """The last row against those before it."""
    *earlier, last = rows
    exam = last.exam
    for each in earlier:
        if (each.exam.patient, each.exam.condition) == (exam.patient, exam.condition):
            raise wrong_cell(
                path,
                exam.row,
                PATIENT_COLUMN,
                "a patient and condition that no earlier row has",
                f"those of row {each.exam.row}",
            )


def _refuse_two_truths(path: Path, exams: Sequence[ComparedExam]) -> None:
    """Angiography is of the patient: rows of one patient cannot differ."""
    known: dict[tuple[str, str], ComparedExam] = {}
    for exam in exams:
        for column, place in TRUTHS.items():
            if place not in exam.diseased:
                continue
            first = known.setdefault((exam.patient, place), exam)
            if first.diseased[place] != exam.diseased[place]:
                raise wrong_cell(
                    path, exam.row, column, f"that of row {first.row}, the same patient", "another"
                )
