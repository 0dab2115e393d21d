"""``study_report.json`` and ``segments.csv`` of a report: plain values without identifiers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from math import isnan
from typing import Any

import numpy as np

from shortaxis._version import __version__
from shortaxis.anatomy.segments import SEGMENTS, territory_sums
from shortaxis.quantification.reversibility import CHANGED_SD, PAIR_SD
from shortaxis.quantification.severity import segment_uptakes
from shortaxis.workflow.quantify.function_record import function_change_record, function_record
from shortaxis.workflow.quantify.record import (
    NOT_INTERCHANGEABLE,
    build_quantification,
    scored_record,
    scores_record,
)
from shortaxis.workflow.studies.record import NOTICE, source_values
from shortaxis.workflow.study_report.earlier.record import comparison_record
from shortaxis.workflow.study_report.exams.pairing import (
    QuantifiedExam,
    QuantifiedPair,
    StudyDifference,
)
from shortaxis.workflow.study_report.exams.positions import BothPositions
from shortaxis.workflow.study_report.impression import COMPUTED, impression_of

__all__ = ["STUDY_REPORT_SCHEMA", "build_study_report", "pair_segments_csv"]

STUDY_REPORT_SCHEMA = "shortaxis/study-report/2"

SAID_ONCE = ("schema", "notice", "software", "files")
"""Of the records of the exams: the report says it for both."""


def build_study_report(pair: QuantifiedPair, files: Sequence[str] = ()) -> dict[str, Any]:
    """Plain values: both exams as ``quantification.json`` has them, and what lies between them."""
    difference = pair.difference
    return {
        "schema": STUDY_REPORT_SCHEMA,
        "notice": f"{NOTICE} {NOT_INTERCHANGEABLE}",
        "software": {"name": "shortaxis", "version": __version__},
        "quality": {"flag": pair.quality.flag.value, "reasons": list(pair.quality.reasons)},
        "notes": list(pair.notes),
        "impression": {"words": impression_of(pair), "by": COMPUTED},
        "conclusion": None if pair.conclusion is None else asdict(pair.conclusion),
        "pose_rule": pair.rule.value,
        "rest_from_stress": None if pair.moved is None else _rounded(asdict(pair.moved)),
        "exams": [_exam(each) for each in pair.exams],
        "difference": None if difference is None else _difference(difference),
        "function_change": function_change_record(pair.function_change),
        "compared_with_earlier": comparison_record(pair),
        "gated": [
            {
                "shown_as": each.title.lower(),
                "mid_wall_volumes_ml": [
                    None if isnan(volume) else volume for volume in ventricle.volumes_ml
                ],
                "end_diastolic_slot": ventricle.end_diastolic_slot,
                "end_systolic_slot": ventricle.end_systolic_slot,
                "function": _function(each),
            }
            for each, ventricle in pair.gated
        ],
        "left_out": [
            {"file": item.path.name, "reason": item.reason, "exam_not_read": item.is_exam}
            for item in pair.left_out
        ],
        "files": list(files),
    }


def _function(each: QuantifiedExam) -> dict[str, Any] | None:
    function = each.quantified.function
    if function is None:
        return None
    record = function_record(function)
    return {name: value for name, value in record.items() if name not in SAID_ONCE[1:]}


def _exam(each: QuantifiedExam) -> dict[str, Any]:
    record = build_quantification(each.quantified)
    kept = {name: value for name, value in record.items() if name not in SAID_ONCE}
    return {"shown_as": each.title.lower(), **kept, "positions": _positions(each.positions)}


def _positions(both: BothPositions | None) -> dict[str, Any] | None:
    """What two positions of the patient show together; None where there is one alone."""
    if both is None:
        return None
    found, quality = both.together, both.other.estimate.quality
    return {
        "names": list(both.names),
        "other": {
            "source": source_values(both.other.study),
            "quality": {"flag": quality.flag.value, "reasons": list(quality.reasons)},
            "scores": scores_record(both.other),
        },
        "abnormal_in_both": None if found is None else scored_record(found),
    }


def _difference(difference: StudyDifference) -> dict[str, Any]:
    dilation = difference.dilation
    return {
        "scores": _scores(difference),
        "transient_dilation": {
            "ratio": round(dilation.ratio, 3),
            "volumes": dilation.volume_kind,
            "stress_ml": round(dilation.stress_ml, 1),
            "rest_ml": round(dilation.rest_ml, 1),
            "protocol": dilation.protocol or None,
            "published_limit": dilation.limit,
        },
        "uptake_percent": np.round(difference.uptake_percent, 1).tolist(),
    }


def _scores(difference: StudyDifference) -> dict[str, Any] | None:
    scores, change = difference.scored, difference.reversibility
    if scores is None:
        return None
    record: dict[str, Any] = {
        "segments": {str(number): score for number, score in scores.items()},
        "summed": difference.summed_score,
        "territories": territory_sums(scores),
    }
    if change is None:
        return {"by": "difference of the scores", **record}
    return {
        "by": "loss against rest",
        **record,
        "extent": round(change.extent, 4),
        "total_perfusion_deficit": round(change.total_perfusion_deficit, 4),
        "pair_sd": PAIR_SD,
        "changed_sd": CHANGED_SD,
        "loss_percent": np.round(100 * change.loss_part, 1).tolist(),
    }


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value is None else round(value, 2) for name, value in values.items()}


def pair_segments_csv(pair: QuantifiedPair) -> str:
    """One row a segment: what it is, uptake and scores of each exam, and the difference."""
    columns: dict[str, list[Any]] = {
        "segment": [each.number for each in SEGMENTS],
        "name": [each.name for each in SEGMENTS],
        "sct": [each.sct for each in SEGMENTS],
        "territory": [each.territory.label for each in SEGMENTS],
    }
    for each in pair.exams:
        prefix, exam = each.title.lower(), each.quantified
        uptakes = segment_uptakes(exam.traced.polar_map)
        columns[f"{prefix}_uptake_percent"] = [f"{value:.1f}" for value in uptakes.values()]
        severity = exam.severity
        scores = [""] * len(SEGMENTS) if severity is None else severity.segment_scores.values()
        columns[f"{prefix}_score"] = list(scores)
    if pair.difference is not None and pair.difference.scored is not None:
        columns["difference_score"] = list(pair.difference.scored.values())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()
