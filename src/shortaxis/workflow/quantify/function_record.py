"""``function.json`` and two tables: what the time slots tell, without identifiers."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from shortaxis._version import __version__
from shortaxis.anatomy.segments import SEGMENTS
from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.function.phase import PhaseAnalysis
from shortaxis.function.stress_against_rest import FunctionChange
from shortaxis.function.ventricle_shape import VentricleShape
from shortaxis.function.volume_curve import VolumeCurve
from shortaxis.spect.told_beats import ToldBeats
from shortaxis.workflow.quantify.function_study import StudyFunction
from shortaxis.workflow.studies.record import NOTICE

__all__ = [
    "FUNCTION_SCHEMA",
    "NOT_ON_PATIENTS",
    "function_change_record",
    "function_csv",
    "function_numbers_csv",
    "function_record",
    "rounded",
]

FUNCTION_SCHEMA = "shortaxis/function/1"

NOT_ON_PATIENTS = "Function is calibrated on simulated hearts alone, not validated on patients."


def function_record(function: StudyFunction) -> dict[str, Any]:
    """Plain values; volumes in ml, angles in degrees of the cycle from the R wave."""
    head = {
        "schema": FUNCTION_SCHEMA,
        "notice": f"{NOTICE} {NOT_ON_PATIENTS}",
        "software": {"name": "shortaxis", "version": __version__},
        "quality": {"flag": function.flag, "reasons": list(function.reasons)},
    }
    measured = function.measured
    if measured is None:
        return {**head, "measured": False}
    return {
        **head,
        "measured": True,
        "notes": list(function.notes),
        "time_slots": {
            "count": int(measured.slots.is_used.size),
            "used": (np.flatnonzero(measured.slots.is_used) + 1).tolist(),
            "harmonics": measured.curve.harmonics,
        },
        **_volumes(measured),
        **_rates_in_time(measured.curve, function.cycle_s),
        "beats": _beats(function.beats),
        "segments": _segments(measured),
        "summed_motion_score": measured.scores.summed_motion,
        "summed_thickening_score": measured.scores.summed_thickening,
        "scored_by": measured.scores.valid_for,
        "phase": _phase(measured.phase),
    }


def rounded(value: float, digits: int) -> float:
    """A value for readers; a zero has no sign."""
    return round(value, digits) + 0.0


def _volumes(measured: LeftVentricularFunction) -> dict[str, Any]:
    curve = measured.curve
    bounds = measured.bounds
    largest, smallest = (
        rounded(each, 1) for each in (curve.end_diastolic_ml, curve.end_systolic_ml)
    )
    return {
        "end_diastolic_ml": largest,
        "end_systolic_ml": smallest,
        "stroke_ml": rounded(largest - smallest, 1),
        "ejection_fraction_percent": rounded(100 * curve.ejection_fraction, 1),
        "mass_g": rounded(measured.mass_g, 1),
        **_shape("", measured.end_diastolic_shape),
        **_shape("end_systolic_", measured.end_systolic_shape),
        "bounds_90": {
            "end_diastolic_ml": rounded(bounds["end_diastolic_ml"], 1),
            "end_systolic_ml": rounded(bounds["end_systolic_ml"], 1),
            "ejection_fraction_percent": rounded(100 * bounds["ejection_fraction"], 1),
            "mass_g": rounded(measured.mass_bound_g, 1),
        },
        "end_diastolic_slot": curve.end_diastolic_slot,
        "end_systolic_slot": curve.end_systolic_slot,
        "end_systole_percent_of_cycle": rounded(100 * curve.from_r_wave(curve.end_systole), 1),
        "peak_emptying_rate_edv_per_cycle": rounded(curve.peak_emptying_rate, 2),
        "peak_filling_rate_edv_per_cycle": rounded(curve.peak_filling_rate, 2),
        "time_to_peak_filling_percent_of_cycle": rounded(100 * curve.time_to_peak_filling, 1),
        "volumes_ml": [rounded(each, 1) for each in curve.cavity_ml.tolist()],
    }


def _rates_in_time(curve: VolumeCurve, cycle_s: float | None) -> dict[str, float | None]:
    """Rates of the curve by the clock; None where the length of the cycle is not told."""
    if cycle_s is None:
        return dict.fromkeys(TIMED_VALUES)
    values = (
        rounded(curve.peak_emptying_rate / cycle_s, 2),
        rounded(curve.peak_filling_rate / cycle_s, 2),
        rounded(1000 * curve.time_to_peak_filling * cycle_s, 0),
    )
    return dict(zip(TIMED_VALUES, values, strict=True))


def _beats(beats: ToldBeats | None) -> dict[str, Any] | None:
    """What the header tells of the beats; None where it is silent."""
    if beats is None:
        return None
    numbers = {
        "heart_rate_per_min": beats.heart_rate_per_min,
        "rr_interval_ms": beats.interval_ms,
        "slot_ms": beats.slot_ms,
        "cycle_ms": beats.cycle_ms,
    }
    return {
        "told_by": "header",
        **{name: None if each is None else rounded(each, 2) for name, each in numbers.items()},
        "cycle_by": beats.cycle_is_told_by or None,
        "accepted_rr_ms": None if beats.accepted_ms is None else list(beats.accepted_ms),
        "accepted": beats.accepted,
        "rejected": beats.rejected,
        "windows": beats.windows,
    }


def _shape(moment: str, shape: VentricleShape) -> dict[str, float | None]:
    eccentricity = shape.eccentricity
    return {
        f"{moment}sphericity": rounded(shape.sphericity, 3),
        f"{moment}eccentricity": None if eccentricity is None else rounded(eccentricity, 3),
    }


def _segments(measured: LeftVentricularFunction) -> dict[str, Any]:
    regional = measured.regional
    return {
        "motion_mm": _by_segment(regional.segment_motion_mm, 1.0, 1),
        "thickening_percent": _by_segment(regional.segment_thickening, 100.0, 0),
        "thickening_by_counts_percent": _by_segment(regional.segment_brightening, 100.0, 0),
        "phase_deg": _by_segment(measured.phase.segments, 1.0, 0),
        "motion_score": _scored(measured.scores.motion),
        "thickening_score": _scored(measured.scores.thickening),
    }


def _phase(phase: PhaseAnalysis) -> dict[str, Any]:
    return {
        "convention": phase.convention.name,
        "counts": phase.convention.words,
        "is_told": phase.is_told,
        "mean_deg": rounded(phase.mean_deg, 1),
        "sd_deg": rounded(phase.sd_deg, 1) if phase.is_told else None,
        "bandwidth_deg": rounded(phase.bandwidth_deg, 1) if phase.is_told else None,
        "entropy": rounded(phase.entropy, 3) if phase.is_told else None,
        "noise_deg": rounded(phase.noise_deg, 1),
        "territories_deg": {
            label: None if value is None else rounded(value, 1)
            for label, value in phase.territories.items()
        },
        "histogram": {
            "bin_deg": phase.convention.bin_deg,
            "parts": np.round(phase.histogram, 4).tolist(),
        },
    }


def _scored(scores: Mapping[int, int | None]) -> dict[str, float | None]:
    return {str(number): score for number, score in scores.items()}


def _by_segment(
    values: Mapping[int, float | None], times: float, digits: int
) -> dict[str, float | None]:
    return {
        str(number): None if value is None else rounded(times * value, digits)
        for number, value in values.items()
    }


def function_change_record(change: FunctionChange | None) -> dict[str, Any] | None:
    """Stress against rest, plain values; None where there is nothing to compare."""
    if change is None:
        return None
    return {
        "ejection_fraction_points": rounded(100 * change.ejection_fraction, 1),
        "ejection_fraction_bound_90": rounded(100 * change.ejection_fraction_bound, 1),
        "is_fall_beyond_bound": change.is_fall,
        "end_diastolic_ratio": rounded(change.end_diastolic_ratio, 3),
        "end_diastolic_ratio_bound_90": rounded(change.end_diastolic_bound, 3),
        "is_dilation_beyond_bound": change.is_dilation,
        "end_systolic_ratio": rounded(change.end_systolic_ratio, 3),
    }


def function_csv(function: StudyFunction) -> str:
    """One row a segment; empty cells where nothing was measured."""
    measured = function.measured
    columns = {} if measured is None else _segments(measured)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("segment", "name", "sct", "territory", *SEGMENT_VALUES))
    for each in SEGMENTS:
        values = [columns.get(name, {}).get(str(each.number)) for name in SEGMENT_VALUES]
        told = ["" if value is None else value for value in values]
        writer.writerow([each.number, each.name, each.sct, each.territory.label, *told])
    return text.getvalue()


def function_numbers_csv(function: StudyFunction) -> str:
    """One row a number of the whole ventricle, with its bound where it has one.

    Names and values are those of the record; cells are empty where nothing was measured.
    """
    record = function_record(function)
    phases, bounds = record.get("phase", {}), record.get("bounds_90", {})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("number", "value", "bound_90"))
    for name in WHOLE_VALUES:
        writer.writerow((name, record.get(name), bounds.get(name)))
    for name in PHASE_VALUES:
        writer.writerow((f"phase_{name}", phases.get(name), None))
    for name in BEAT_VALUES:
        writer.writerow((f"beats_{name}", (record.get("beats") or {}).get(name), None))
    writer.writerow(("flag", function.flag, None))
    return text.getvalue()


WHOLE_VALUES = (
    "end_diastolic_ml", "end_systolic_ml", "stroke_ml", "ejection_fraction_percent", "mass_g",
    "sphericity", "eccentricity", "end_systolic_sphericity", "end_systolic_eccentricity",
    "end_diastolic_slot", "end_systolic_slot", "end_systole_percent_of_cycle",
    "peak_emptying_rate_edv_per_cycle", "peak_filling_rate_edv_per_cycle",
    "time_to_peak_filling_percent_of_cycle", "peak_emptying_rate_edv_per_s",
    "peak_filling_rate_edv_per_s", "time_to_peak_filling_ms",
    "summed_motion_score", "summed_thickening_score",
)  # fmt: skip

TIMED_VALUES = (
    "peak_emptying_rate_edv_per_s", "peak_filling_rate_edv_per_s", "time_to_peak_filling_ms",
)  # fmt: skip
"""By the clock, where the header tells how long a beat is."""

BEAT_VALUES = ("heart_rate_per_min", "cycle_ms", "accepted", "rejected")

PHASE_VALUES = ("convention", "mean_deg", "sd_deg", "bandwidth_deg", "entropy", "noise_deg")

SEGMENT_VALUES = (
    "motion_mm", "thickening_percent", "thickening_by_counts_percent", "phase_deg", "motion_score",
    "thickening_score",
)  # fmt: skip
