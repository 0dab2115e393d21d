"""Table 1 of the paper: a column a method, and below its rows what the paper does not give.

Rows of the paper (Zhu et al., arXiv 2208.03752, Table 1): r of the six parameters, number of
parameters, minutes of training for an epoch, seconds for an exam. Correlations depend on the spread
of the truth; errors in degrees and millimetres do not, and stand below. Of methods that
were trained on several folds, each test exam counts once a fold. Intervals of 95 % are those of
`shortaxis.training.paper.resampled`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shortaxis.evaluation.document.blocks import Table
from shortaxis.geometry.arrays import FloatArray
from shortaxis.training.paper.experiment import PARAMETERS
from shortaxis.training.paper.methods import METHODS
from shortaxis.training.paper.predictions import ERRORS, Predictions
from shortaxis.training.paper.resampled import (
    Estimate,
    interval_of,
    patient_weights,
    weighted_correlations,
    weighted_medians,
)

__all__ = ["MethodColumn", "column_of", "method_table", "table_csv"]

TAIL_PERCENT = 95

ERROR_WORDS = {
    "long_axis_deg": ("long axis", "°"),
    "roll_deg": ("roll", "°"),
    "center_mm": ("centre", " mm"),
}

UNKNOWN = "-"

COSTS = {
    "parameters": ("parameters", "{:,.0f}"),
    "minutes_per_epoch": ("training, minutes for an epoch", "{:.2f}"),
    "prediction_s": ("prediction, seconds for an exam", "{:.4f}"),
}
"""As ``timing.json`` names them, in words, and their format."""


@dataclass(frozen=True)
class MethodColumn:
    """One method on the exams of one purpose.

    Parameters
    ----------
    method : str
        Of `METHODS`.
    folds, exams, not_found : int
        Trainings, different exams, and predictions without a pose.
    correlations : dict of str to Estimate or None
        r by the name of the parameter; None where it is constant.
    medians : dict of str to Estimate or None
        Median errors, degrees and mm, by `ERRORS`; None where the roll is a convention.
    tails : dict of str to float
        Their 95th percentiles.
    costs : dict
        Of ``timing.json``, what is known.
    """

    method: str
    folds: int
    exams: int
    not_found: int
    correlations: dict[str, Estimate | None]
    medians: dict[str, Estimate | None]
    tails: dict[str, float | None]
    costs: Mapping[str, float | None]


def column_of(found: Predictions, costs: Mapping[str, Any]) -> MethodColumn:
    """Numbers of one method.

    Parameters
    ----------
    found : Predictions
        Of one purpose.
    costs : mapping
        Its facts in ``timing.json``; may be empty.
    """
    kept = found.is_found
    weights = patient_weights(found.patients[kept])
    pairs = [values[kept].T for values in (found.truths, found.estimates)]
    correlations = {
        name: _interval(weighted_correlations(true, estimate, weights))
        for name, true, estimate in zip(PARAMETERS, *pairs, strict=True)
    }
    errors = dict(zip(ERRORS, found.errors[kept].T, strict=True))
    known = {name: values for name, values in errors.items() if np.isfinite(values).all()}
    return MethodColumn(
        found.method,
        found.folds,
        found.exams,
        int((~kept).sum()),
        correlations,
        {
            name: _interval(weighted_medians(known[name], weights)) if name in known else None
            for name in ERRORS
        },
        {
            name: float(np.percentile(known[name], TAIL_PERCENT)) if name in known else None
            for name in ERRORS
        },
        {name: costs.get(name) for name in COSTS},
    )


def _interval(draws: FloatArray | None) -> Estimate | None:
    return None if draws is None or not len(draws) else interval_of(draws)


def method_table(columns: Sequence[MethodColumn]) -> Table:
    """The columns as a table of words, in the paper's order of rows."""
    rows = [
        *(
            (f"r of {name}", *(_estimate(each.correlations[name], 3) for each in columns))
            for name in PARAMETERS
        ),
        *((words, *(_cost(each, name) for each in columns)) for name, (words, _) in COSTS.items()),
        *((_error_name(name), *(_error(each, name) for each in columns)) for name in ERRORS),
        ("exams", *(str(each.exams) for each in columns)),
        ("folds", *(str(each.folds) for each in columns)),
        ("no heart found", *(str(each.not_found) for each in columns)),
    ]
    return Table(("", *(METHODS[each.method].title for each in columns)), tuple(rows))


def _error_name(name: str) -> str:
    words, unit = ERROR_WORDS[name]
    return f"{words}, median (interval), 95th percentile, {unit.strip()}"


def _estimate(found: Estimate | None, digits: int) -> str:
    if found is None:
        return UNKNOWN
    value, low, high = (f"{each:.{digits}f}" for each in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"


def _error(column: MethodColumn, name: str) -> str:
    tail = column.tails[name]
    if tail is None:
        return UNKNOWN
    return f"{_estimate(column.medians[name], 1)}, {tail:.1f}"


def _cost(column: MethodColumn, name: str) -> str:
    value = column.costs[name]
    return UNKNOWN if value is None else COSTS[name][1].format(value)


def table_csv(columns: Mapping[str, Sequence[MethodColumn]]) -> str:
    """All digits, one line a method and purpose.

    Parameters
    ----------
    columns : mapping of str to columns
        By purpose.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [*(f"r_{name}" for name in PARAMETERS), *(f"{name}_median" for name in ERRORS)]
    bounds = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
    tails = [f"{name}_95th" for name in ERRORS]
    writer.writerow(["method", "purpose", "folds", "exams", "not_found", *bounds, *tails, *COSTS])
    for purpose, some in columns.items():
        for each in some:
            known = [*each.correlations.values(), *each.medians.values()]
            cells = [cell for found in known for cell in _cells(found)]
            counted = (each.folds, each.exams, each.not_found)
            rest = (*each.tails.values(), *each.costs.values())
            writer.writerow(
                [each.method, purpose, *counted, *cells, *("" if v is None else v for v in rest)]
            )
    return text.getvalue()


def _cells(found: Estimate | None) -> tuple[float | str, ...]:
    return ("", "", "") if found is None else (found.value, found.low, found.high)
