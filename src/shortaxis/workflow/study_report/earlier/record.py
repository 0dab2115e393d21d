"""What a comparison with an earlier exam is in ``study_report.json``, and its table of segments."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from shortaxis.anatomy.segments import SEGMENTS
from shortaxis.quantification.reversibility import CHANGED_SD, PAIR_SD
from shortaxis.quantification.severity import segment_uptakes
from shortaxis.workflow.quantify.record import build_quantification, scored_record
from shortaxis.workflow.study_report.earlier.change import LEAST_CHANGE, ChangeOverTime
from shortaxis.workflow.study_report.earlier.comparing import (
    ComparedExam,
    compared_exams,
    comparison_doubts,
)
from shortaxis.workflow.study_report.earlier.numbers import ComparedNumber, compared_numbers
from shortaxis.workflow.study_report.earlier.words import compared_words, uncalled_words
from shortaxis.workflow.study_report.exams.pairing import QuantifiedPair

__all__ = ["compared_segments_csv", "comparison_record"]

SAID_ONCE = ("schema", "notice", "software", "files")


def comparison_record(pair: QuantifiedPair) -> dict[str, Any] | None:
    """Plain values without dates and patient identifiers; None where nothing is compared.

    As with the exams in hand, `source` of an earlier exam has the UIDs of its objects.
    """
    if pair.earlier is None:
        return None
    compared = compared_exams(pair)
    return {
        "words": compared_words(pair),
        "not_called": list(uncalled_words(pair)),
        "days_before": pair.earlier.days_before,
        "reasons_to_doubt": list(comparison_doubts(pair)),
        "notes": list(pair.earlier.notes),
        "pair_sd": PAIR_SD,
        "changed_sd": CHANGED_SD,
        "least_change_percent": 100 * LEAST_CHANGE,
        "earlier_exams": [_exam(each) for each in compared],
        "numbers": [_number(row) for row in compared_numbers(pair)],
        "changes": {each.title.lower(): _change(each.change) for each in compared},
    }


def _exam(each: ComparedExam) -> dict[str, Any]:
    record = build_quantification(each.earlier.quantified)
    kept = {name: value for name, value in record.items() if name not in SAID_ONCE}
    return {"shown_as": each.title.lower(), **kept}


def _number(row: ComparedNumber) -> dict[str, Any]:
    return {
        "of": row.of.lower(),
        "name": row.name,
        "unit": row.unit,
        "earlier": round(row.earlier, row.digits),
        "now": round(row.now, row.digits),
        "difference": round(row.difference, row.digits),
        "bound": None if row.bound is None else round(row.bound, row.digits),
        "is_beyond": row.is_beyond,
    }


def _change(change: ChangeOverTime | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "change_percent": np.round(100 * change.change_part, 1).tolist(),
        "segments_percent": {
            str(number): round(100 * value, 1) for number, value in change.segment_changes.items()
        },
        "worse": {"is_called": change.is_worse, **scored_record(change.worse)},
        "better": {"is_called": change.is_better, **scored_record(change.better)},
    }


def compared_segments_csv(pair: QuantifiedPair) -> str:
    """One row a segment: uptake and scores of both exams, and the change between them."""
    columns: dict[str, list[Any]] = {
        "segment": [each.number for each in SEGMENTS],
        "name": [each.name for each in SEGMENTS],
        "sct": [each.sct for each in SEGMENTS],
        "territory": [each.territory.label for each in SEGMENTS],
    }
    for each in compared_exams(pair):
        columns |= _columns(each)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()


def _columns(each: ComparedExam) -> dict[str, list[Any]]:
    prefix, empty = each.title.lower(), [""] * len(SEGMENTS)
    columns: dict[str, list[Any]] = {}
    for when, exam in (("earlier", each.earlier.quantified), ("now", each.now.quantified)):
        uptakes, severity = segment_uptakes(exam.traced.polar_map), exam.severity
        scores = empty if severity is None else [*severity.segment_scores.values()]
        columns[f"{prefix}_{when}_uptake_percent"] = [f"{value:.1f}" for value in uptakes.values()]
        columns[f"{prefix}_{when}_score"] = scores
    change = each.change
    if change is None:
        return columns
    changes = change.segment_changes.values()
    return {
        **columns,
        f"{prefix}_change_percent_of_normal": [f"{100 * value:.1f}" for value in changes],
        f"{prefix}_worse_score": [*change.worse.segment_scores.values()],
        f"{prefix}_better_score": [*change.better.segment_scores.values()],
    }
