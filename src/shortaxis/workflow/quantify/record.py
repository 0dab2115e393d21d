"""``quantification.json`` and ``segments.csv``: what a polar map says, without identifiers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from shortaxis._version import __version__
from shortaxis.anatomy.segments import SEGMENTS, territory_sums
from shortaxis.quantification.drawn_surfaces import TRACED_WALL
from shortaxis.quantification.limits_comparison import ABNORMAL_SD
from shortaxis.quantification.scored_map import ScoredMap
from shortaxis.quantification.severity import (
    ABSENT_PART,
    FIXED_BANDS_PERCENT,
    SCAR_PERCENT,
    segment_uptakes,
)
from shortaxis.reorientation.pose_record import record_in_study
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy
from shortaxis.workflow.quantify.wall_record import wall_record
from shortaxis.workflow.quantify.wording import BY_BANDS, basal_scar_percent
from shortaxis.workflow.studies.record import NOTICE, source_values

__all__ = [
    "NOT_INTERCHANGEABLE",
    "QUANTIFICATION_SCHEMA",
    "build_quantification",
    "scored_record",
    "scores_record",
    "segments_csv",
]

QUANTIFICATION_SCHEMA = "shortaxis/quantification/2"

NOT_INTERCHANGEABLE = "Values are not interchangeable with those of other software."


def build_quantification(quantified: QuantifiedStudy, files: Sequence[str] = ()) -> dict[str, Any]:
    """Plain values: source, pose, traced ventricle, polar map, segments and scores."""
    study, estimate, traced = quantified.study, quantified.estimate, quantified.traced
    polar_map, ends = traced.polar_map, traced.ends
    return {
        "schema": QUANTIFICATION_SCHEMA,
        "notice": f"{NOTICE} {NOT_INTERCHANGEABLE}",
        "software": {"name": "shortaxis", "version": __version__},
        "source": source_values(study),
        "pose": record_in_study(estimate, study),
        "traced_with": {
            "axes": "of the slices" if quantified.is_short_axis else "of the pose",
            "roll": "of the slices" if quantified.is_short_axis else quantified.options.roll.value,
            "patient_from_cardiac": quantified.pose.patient_from_cardiac.tolist(),
            "center_mm": quantified.pose.center_mm.tolist(),
        },
        "quality": {
            "flag": estimate.quality.flag.value,
            "reasons": list(estimate.quality.reasons),
        },
        "notes": list(quantified.all_notes),
        "left_ventricle": {
            "length_mm": round(traced.length_mm, 1),
            "mid_wall_radius_mm": round(traced.radius_mm, 1),
            "mid_wall_volume_ml": round(traced.volume_ml, 1),
            "valve_directions_part": round(ends.directions_part, 3),
            "base_doubt": quantified.base_doubt,
        },
        "lung_heart_ratio": _rounded(quantified.lung_heart_ratio),
        **_wall_section(quantified),
        "uptake_percent": {
            "100_percent_counts": polar_map.level_100,
            "segments": _by_segment(segment_uptakes(polar_map), 1),
            "wall": _wall_statistics(quantified),
        },
        "scores": scores_record(quantified),
        "polar_map": {
            "heights": np.round(polar_map.heights, 4).tolist(),
            "angles_deg": polar_map.angles_deg.tolist(),
            "uptake_percent": np.round(polar_map.uptake_percent, 1).tolist(),
            "area_mm2": np.round(polar_map.area_mm2, 2).tolist(),
        },
        "files": list(files),
    }


def _rounded(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 3)


def _wall_section(quantified: QuantifiedStudy) -> dict[str, Any]:
    """Surfaces, where a method drew them."""
    # Those of a tracing lie half a usual wall off its middle, which is no measurement.
    if quantified.options.wall == TRACED_WALL:
        return {}
    return {"wall": wall_record(quantified.wall.surfaces)}


def scores_record(quantified: QuantifiedStudy) -> dict[str, Any] | None:
    """Scores and what they are by; None where nothing is scored."""
    severity = quantified.severity
    if severity is None:
        return None
    scores = scored_record(severity)
    compared, limits = severity.comparison, quantified.limits
    if compared is None or limits is None:
        del scores["total_perfusion_deficit"]  # a deficit is one of limits
        return {"by": BY_BANDS, "bands_percent": list(FIXED_BANDS_PERCENT), **scores}
    return {
        "by": "normal limits",
        "limits": {
            "name": limits.name,
            "group": asdict(limits.group),
            "exams": limits.exams,
            "uptake_times": round(compared.uptake_times, 4),
            "abnormal_sd": ABNORMAL_SD,
            "absent_part": ABSENT_PART,
        },
        **scores,
        "mean_severity": round(severity.mean_severity, 3),
        "scar_burden": {
            "below_percent_of_normal_part": SCAR_PERCENT,
            "part_of_wall": round(severity.scar_burden or 0.0, 4),
            "basal_part_of_wall": round((basal_scar_percent(severity) or 0.0) / 100, 4),
        },
        "deviations": np.round(compared.deviations, 2).tolist(),
    }


def scored_record(scored: ScoredMap) -> dict[str, Any]:
    """Segments, sums and parts of the wall of a map that is scored."""
    scores = scored.segment_scores
    return {
        "segments": {str(number): score for number, score in scores.items()},
        "summed": scored.summed_score,
        "percent_myocardium": round(scored.percent_myocardium, 1),
        "extent": round(scored.extent, 4),
        "territories": territory_sums(scores),
        "total_perfusion_deficit": round(scored.total_perfusion_deficit, 4),
    }


def segments_csv(quantified: QuantifiedStudy) -> str:
    """One row a segment: number, name, SNOMED CT code, territory, uptake, score if there is one."""
    uptakes = segment_uptakes(quantified.traced.polar_map)
    scores = quantified.severity.segment_scores if quantified.severity else {}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(SEGMENT_COLUMNS)
    for each in SEGMENTS:
        writer.writerow(
            [
                each.number,
                each.name,
                each.sct,
                each.territory.label,
                f"{uptakes[each.number]:.1f}",
                scores.get(each.number, ""),
            ]
        )
    return text.getvalue()


SEGMENT_COLUMNS = (
    "segment", "name", "sct", "territory", "uptake_percent", "score",
)  # fmt: skip


def _by_segment(values: dict[int, float], digits: int) -> dict[str, float]:
    return {str(number): round(value, digits) for number, value in values.items()}


def _wall_statistics(quantified: QuantifiedStudy) -> dict[str, float]:
    polar_map = quantified.traced.polar_map
    uptake, area = polar_map.uptake_percent, polar_map.area_mm2
    mean = float(np.average(uptake, weights=area))
    spread = float(np.sqrt(np.average((uptake - mean) ** 2, weights=area)))
    values = {"mean": mean, "sd": spread, "lowest": float(uptake.min())}
    return {name: round(value, 1) for name, value in values.items()}
