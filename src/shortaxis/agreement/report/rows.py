"""A comparison as rows of one statistic each, for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from shortaxis.agreement.comparisons.comparing import Comparison
from shortaxis.agreement.comparisons.pairings import Pairing
from shortaxis.agreement.measures.limits_of_agreement import Estimate
from shortaxis.evaluation.scores.intervals import Correlation, Proportion

__all__ = ["ROW_COLUMNS", "comparison_rows", "rows_as_csv"]

ROW_COLUMNS: dict[str, str] = {
    "about": "quantity; `segments`, `verdict`; or `detection of` a place",
    "test": "for detection and normalcy: the number that decides",
    "condition": "`stress` or `rest`",
    "group": "`all`, `accepted` or `flagged` exams",
    "first": "source",
    "second": "other source: differences are first less second",
    "exams": "how many the statistic is of",
    "without": "how many lack a number that the statistic needs",
    "statistic": "what it is",
    "value": "empty where too few exams tell nothing",
    "low": "lower end of its 95 % interval",
    "high": "upper end",
}
"""Columns of ``agreement.csv``, and what they hold."""

DIGITS = 6

Row = dict[str, Any]


def comparison_rows(found: Comparison) -> list[Row]:
    """Every statistic, with the names of `ROW_COLUMNS`; what is not known is None."""
    return [
        dict.fromkeys(ROW_COLUMNS) | row
        for rows in (_pairs(found), _gradings(found), _detections(found), _normalcies(found))
        for row in rows
    ]


def rows_as_csv(rows: list[Row]) -> str:
    """The rows as a table with a head."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(ROW_COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _paired(about: str, pairing: Pairing, exams: int, without: int) -> Row:
    return {
        "about": about,
        "condition": pairing.condition,
        "group": pairing.group,
        "first": pairing.first,
        "second": pairing.second,
        "exams": exams,
        "without": without,
    }


def _pairs(found: Comparison) -> Iterator[Row]:
    for each in found.pairs:
        head = _paired(each.quantity, each.pairing, each.exams, each.without)
        limits = each.limits
        for name in ("bias", "lower", "upper", "slope"):
            yield head | _valued(name, None if limits is None else getattr(limits, name))
        yield head | _valued("sd", None if limits is None else Estimate(limits.sd, None))
        yield head | _valued("pearson_r", _of_correlation(each.correlation))
        yield head | _valued("icc", each.icc)


def _gradings(found: Comparison) -> Iterator[Row]:
    for each in found.gradings:
        head = _paired(each.what, each.pairing, each.exams, each.without)
        kappa = each.kappa
        yield head | _valued("kappa", None if kappa is None else kappa.kappa)
        yield head | _valued("same_grade", None if kappa is None else Estimate(kappa.equal, None))


def _detections(found: Comparison) -> Iterator[Row]:
    for each in found.detections:
        head = {
            "about": f"detection of {each.place}",
            "test": each.test,
            "condition": "stress",
            "group": each.group,
            "first": each.source,
            "exams": each.tested,
            "without": each.without,
        }
        yield head | _valued("diseased", Estimate(each.diseased, None))
        yield head | _valued("auc", each.area)
        yield head | _valued("cut", Estimate(each.cut, None))
        for name in ("sensitivity", "specificity", "worst_sensitivity", "worst_specificity"):
            yield head | _valued(name, _of_proportion(getattr(each, name)))
        for other, difference in each.differences.items():
            yield head | {"second": other} | _valued("auc_difference", difference)


def _normalcies(found: Comparison) -> Iterator[Row]:
    for each in found.normalcies:
        yield {
            "about": "normalcy",
            "test": each.test,
            "condition": "stress",
            "group": "all",
            "first": each.source,
            "exams": each.normal.total,
            "without": each.without,
            **_valued("normalcy", _of_proportion(each.normal)),
        }


def _valued(name: str, estimate: Estimate | None) -> Row:
    if estimate is None:
        return {"statistic": name}
    low, high = estimate.interval or (None, None)
    values = {"value": estimate.value, "low": low, "high": high}
    return {
        "statistic": name,
        **{key: None if each is None else round(each, DIGITS) for key, each in values.items()},
    }


def _of_correlation(correlation: Correlation | None) -> Estimate | None:
    return None if correlation is None else Estimate(correlation.r, correlation.interval)


def _of_proportion(proportion: Proportion) -> Estimate | None:
    return None if proportion.part is None else Estimate(proportion.part, proportion.interval)
