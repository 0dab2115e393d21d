"""Every exam by every method as one row, for ``errors.csv``."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import fields

from shortaxis.evaluation.scores.exam_score import ERRORS, ExamScore
from shortaxis.evaluation.scores.method_evaluation import MethodEvaluation
from shortaxis.evaluation.scores.summary import PARAMETERS
from shortaxis.reorientation.estimate import PoseUncertainty

__all__ = ["error_rows", "errors_as_csv"]

Cell = str | float | int | bool | None

DIGITS = 4
"""Decimals of millimetres and degrees."""

UNCERTAINTIES = tuple(field.name for field in fields(PoseUncertainty))


def errors_as_csv(methods: Sequence[MethodEvaluation]) -> str:
    """Text of the file, with a line of names; empty cells are unknown."""
    rows = error_rows(methods)
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def error_rows(methods: Sequence[MethodEvaluation]) -> list[dict[str, Cell]]:
    """One row an exam and method, sorted by method and seed."""
    return [_row(method.method, score) for method in methods for score in method.scores]


def _row(method: str, score: ExamScore) -> dict[str, Cell]:
    estimate = score.estimate
    uncertainty = PoseUncertainty() if estimate is None else estimate.uncertainty
    row: dict[str, Cell] = {
        "method": method,
        "exam_seed": score.truth.exam_seed,
        "outcome": "pose" if score.absence is None else score.absence.value,
        "failure": score.is_failure,
        "flagged": score.is_flagged,
    }
    row |= {name: _number(getattr(score.errors, name, None)) for name in ERRORS}
    row |= {f"true_{name}": _number(getattr(score.true_parameters, name)) for name in PARAMETERS}
    row |= {name: _number(getattr(score.parameters, name, None)) for name in PARAMETERS}
    row["knows_roll"] = None if estimate is None else estimate.knows_roll
    for name in UNCERTAINTIES:
        row[f"uncertainty_{name}"] = _number(getattr(uncertainty, name))
    row["reasons"] = "" if estimate is None else "; ".join(estimate.quality.reasons)
    return row | dict(score.truth.strata)


def _number(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
