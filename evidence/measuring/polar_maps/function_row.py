"""One exam of the result `function`: what is found, the truth, and what changes on repetition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evidence.measuring.polar_maps.gated_exams import GatedExam
from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.function.phase import circular_mean_and_sd
from shortaxis.function.segment_means import WallPlaces, wall_places
from shortaxis.function.ventricle_shape import VentricleShape, ventricle_shape
from shortaxis.geometry.arrays import FloatArray
from shortaxis.simulation.exam_truth import ExamTruth
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.valve_plane import ValvePlane

__all__ = ["Row", "row_of", "true_phases"]

LEAST_AMPLITUDE = 0.2


@dataclass(frozen=True)
class Row:
    """One exam: what is found, and the truth; volumes in ml, fractions of 1, angles in degrees."""

    preset: str
    seed: int
    technique: str
    end_diastolic: float
    end_systolic: float
    ejection: float
    wall: float
    true_end_diastolic: float
    true_end_systolic: float
    true_ejection: float
    true_wall: float
    bounds: dict[str, float]
    is_flagged: bool
    is_axes_flagged: bool
    slots_off: list[int]
    is_phase_told: bool
    phase_sd: float
    true_phase_sd: float
    segments: list[dict[str, float]]
    shape: dict[str, float]


def row_of(exam: GatedExam, found: LeftVentricularFunction) -> Row:
    truth, curve = exam.stored.known_truth, found.curve
    volumes = truth.cavity_ml
    true_places, true_phase, is_counted = true_phases(truth, exam)
    _, true_sd = circular_mean_and_sd(true_phase, np.where(is_counted, true_places.areas_mm2, 0.0))
    return Row(
        exam.preset,
        exam.seed,
        exam.stored.scenario.acquisition.technique,
        curve.end_diastolic_ml,
        curve.end_systolic_ml,
        curve.ejection_fraction,
        found.wall_ml,
        truth.end_diastolic_ml,
        truth.end_systolic_ml,
        truth.ejection_fraction,
        float(truth.wall_ml.mean()),
        dict(found.bounds),
        bool(found.reasons),
        bool(exam.estimate.quality.reasons),
        [
            apart(curve.end_diastolic_slot - 1, int(volumes.argmax()), volumes.size),
            apart(curve.end_systolic_slot - 1, int(volumes.argmin()), volumes.size),
        ],
        found.phase.is_told,
        found.phase.sd_deg,
        true_sd,
        segment_rows(found, truth, true_places),
        shape_row(found.end_diastolic_shape, truth, exam),
    )


def apart(one: int, other: int, slots: int) -> int:
    off = abs(one - other)
    return min(off, slots - off)


def true_phases(truth: ExamTruth, exam: GatedExam) -> tuple[WallPlaces, FloatArray, Any]:
    """Places of the true wall, the moment of the greatest thickness, and where it has one."""
    whole = slice(None)
    places = wall_places(true_surfaces(truth, exam, whole), exam.stored.pose)
    wave = np.conj(np.fft.rfft(truth.thickness_mm, axis=0)[1]) / truth.thickness_mm.sum(axis=0)
    amplitude = np.abs(wave)
    is_counted = amplitude >= LEAST_AMPLITUDE * places.mean(amplitude)
    phase: FloatArray = np.degrees(np.angle(wave)).astype(np.float64) % 360
    return places, phase, is_counted


def true_surfaces(truth: ExamTruth, exam: GatedExam, slots: slice) -> VentricleSurfaces:
    """The true wall along the true pose, the mean of some slots."""
    inner, outer, center, normal = (
        each[slots].mean(axis=0).astype(np.float64)
        for each in (
            truth.endocardium_mm, truth.epicardium_mm, truth.valve_center_mm, truth.valve_normal,
        )
    )  # fmt: skip
    is_wall = np.array(truth.is_wall[slots].all(axis=0))
    return VentricleSurfaces(
        exam.stored.pose, inner, outer, np.zeros((2, *inner.shape)), is_wall, is_wall,
        ValvePlane(center, normal), "truth",
    )  # fmt: skip


def shape_row(found: VentricleShape, truth: ExamTruth, exam: GatedExam) -> dict[str, float]:
    """Shape at end-diastole, found and true; none where no ellipsoid fits."""
    largest = int(truth.cavity_ml.argmax())
    true = ventricle_shape(true_surfaces(truth, exam, slice(largest, largest + 1)))
    values = {
        "sphericity": found.sphericity,
        "true_sphericity": true.sphericity,
        "eccentricity": found.eccentricity,
        "true_eccentricity": true.eccentricity,
    }
    told = {name: value for name, value in values.items() if value is not None}
    return told if len(told) == len(values) else {}


def segment_rows(
    found: LeftVentricularFunction, truth: ExamTruth, places: WallPlaces
) -> list[dict[str, float]]:
    """Of every segment: true delay and amplitude, and found phase and thickening."""
    delay = truth.contraction_delay.astype(np.float64)
    delays = places.segment_means(delay - places.mean(delay))
    amplitudes = places.segment_means(truth.contraction_amplitude.astype(np.float64))
    rows = []
    for number in range(1, 18):
        phase = found.phase.segments[number]
        values = {
            "delay": delays[number],
            "amplitude": amplitudes[number],
            "phase": None if phase is None else (phase - found.phase.mean_deg + 180) % 360 - 180,
            "by_counts": found.regional.segment_brightening[number],
            "thickening": found.regional.segment_thickening[number],
            "motion": found.regional.segment_motion_mm[number],
            "told": float(found.phase.is_told),
        }
        told = {name: value for name, value in values.items() if value is not None}
        if len(told) == len(values):
            rows.append(told)
    return rows
