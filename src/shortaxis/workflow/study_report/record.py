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
from shortaxis.quantification.severity import segment_uptakes
from shortaxis.workflow.quantify.record import NOT_INTERCHANGEABLE, build_quantification
from shortaxis.workflow.studies.record import NOTICE
from shortaxis.workflow.study_report.exams.pairing import (
    QuantifiedExam,
    QuantifiedPair,
    StudyDifference,
)

__all__ = ["STUDY_REPORT_SCHEMA", "build_study_report", "pair_segments_csv"]

STUDY_REPORT_SCHEMA = "shortaxis/study-report/1"

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
        "pose_rule": pair.rule.value,
        "rest_from_stress": None if pair.moved is None else _rounded(asdict(pair.moved)),
        "exams": [_exam(each) for each in pair.exams],
        "difference": None if difference is None else _difference(difference),
        "gated": [
            {
                "shown_as": each.title.lower(),
                "mid_wall_volumes_ml": [
                    None if isnan(volume) else volume for volume in ventricle.volumes_ml
                ],
                "end_diastolic_slot": ventricle.end_diastolic_slot,
                "end_systolic_slot": ventricle.end_systolic_slot,
            }
            for each, ventricle in pair.gated
        ],
        "left_out": [
            {"file": item.path.name, "reason": item.reason, "exam_not_read": item.is_exam}
            for item in pair.left_out
        ],
        "files": list(files),
    }


def _exam(each: QuantifiedExam) -> dict[str, Any]:
    record = build_quantification(each.quantified)
    kept = {name: value for name, value in record.items() if name not in SAID_ONCE}
    return {"shown_as": each.title.lower(), **kept}


def _difference(difference: StudyDifference) -> dict[str, Any]:
    deficit = difference.total_perfusion_deficit
    scores = difference.segment_scores
    return {
        "segments": {str(number): score for number, score in scores.items()},
        "summed": difference.summed_score,
        "territories": territory_sums(scores),
        "total_perfusion_deficit": None if deficit is None else round(deficit, 4),
        "mid_wall_volume_ratio": round(difference.volume_ratio, 3),
        "uptake_percent": np.round(difference.uptake_percent, 1).tolist(),
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
        columns[f"{prefix}_score_fixed_bands"] = list(exam.fixed_bands.segment_scores.values())
        by_limits = exam.by_limits
        scores = [""] * len(SEGMENTS) if by_limits is None else by_limits.segment_scores.values()
        columns[f"{prefix}_score_normal_limits"] = list(scores)
    if pair.difference is not None:
        columns["difference_score"] = list(pair.difference.segment_scores.values())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()
