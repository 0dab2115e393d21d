"""Rows of a table with the results of ShortAxis that they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from shortaxis.agreement.exams.columns import CONDITION, KEYS, wrong_cell
from shortaxis.agreement.exams.compared_exam import ComparedExam
from shortaxis.agreement.exams.results import FoundResult
from shortaxis.agreement.exams.table import ExamRow

__all__ = ["JoinedExams", "join"]

SAID = ("stress", "rest")


@dataclass(frozen=True)
class JoinedExams:
    """Exams with our numbers, and how many results no row names."""

    exams: tuple[ComparedExam, ...]
    unused: int


def join(path: Path, rows: Sequence[ExamRow], results: Sequence[FoundResult]) -> JoinedExams:
    """Find the result of every row.

    Raises
    ------
    OptionError
        Naming row and column: where a row names no result, several, one that another row has, or
        one of the other condition.
    """
    taken: dict[str, int] = {}
    exams = []
    for each in rows:
        column, result = _result_of(path, each, results)
        row = each.exam.row
        if result.key in taken:
            expected, found = "a result that no earlier row has", f"that of row {taken[result.key]}"
            raise wrong_cell(path, row, column, expected, found)
        taken[result.key] = row
        if result.condition in SAID and result.condition != each.exam.condition:
            raise wrong_cell(
                path, row, CONDITION, f"{result.condition}, as the header of the study says",
                each.exam.condition, "correct the row; if the header is wrong, state the condition "
                "when the study is quantified",
            )  # fmt: skip
        exams.append(
            replace(
                each.exam,
                values={**each.exam.values, **result.values},
                is_flagged=result.is_flagged,
                is_function_flagged=result.is_function_flagged,
                failure=result.failure,
            )
        )
    return JoinedExams(tuple(exams), len(results) - len(taken))


def _result_of(
    path: Path, each: ExamRow, results: Sequence[FoundResult]
) -> tuple[str, FoundResult]:
    """The one result that every name in a row fits; the first name tells errors apart."""
    row = each.exam.row
    if not each.names:
        raise wrong_cell(path, row, KEYS[0], f"one of {', '.join(KEYS)}", "empty cells")
    column = next(iter(each.names))
    fitting = [
        result
        for result in results
        if all(_fits(name, text, result, path.parent) for name, text in each.names.items())
    ]
    if len(fitting) > 1:
        same = [result for result in fitting if result.condition == each.exam.condition]
        fitting = same or fitting
    if not fitting:
        raise wrong_cell(
            path, row, column, "a study that the results have", "none of theirs",
            "run shortaxis batch over the study, too, or take the row out",
        )  # fmt: skip
    if len(fitting) > 1:
        raise wrong_cell(
            path, row, column, "a name of one result", f"{len(fitting)} that it fits",
            "name it by key: the name of its folder in studies",
        )  # fmt: skip
    return column, fitting[0]


def _fits(name: str, text: str, result: FoundResult, folder: Path) -> bool:
    if name == "key":
        return text == result.key
    if name == "study_uid":
        return text == result.study_uid
    # A path that the batch was given may be relative to where it ran.
    wanted = _resolved(folder / text)
    return bool(result.file) and any(
        each == wanted or wanted in each.parents
        for each in (_resolved(Path(result.file)), _resolved(folder / result.file))
    )


@cache
def _resolved(path: Path) -> Path:
    """Asked of every row and result."""
    return path.resolve()
