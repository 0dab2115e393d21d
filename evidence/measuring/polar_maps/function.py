"""How near function from gated exams lies to the truth.

``python -m evidence run function -- [--cohorts FOLDER] [--most N]`` measures simulated gated exams
of eight time slots that nothing was fitted to, along the pose that is found, and stores
``function.json``: errors of volumes and ejection fraction, whether bounds hold and flags tell, the
spread of the phases, whether late and still segments are found, how much all of it changes when the
counts are counted again or the patient lies elsewhere, and the time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evidence.measuring.polar_maps.gated_exams import GatedExam, GatedExams
from evidence.measuring.polar_maps.roc import roc_area
from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from evidence.recording.timing import medians_in_turn_s, stay_on_one_core
from shortaxis.function.harmonics import HARMONICS
from shortaxis.function.measuring import LeftVentricularFunction, measure_function
from shortaxis.function.phase import circular_mean_and_sd
from shortaxis.function.segment_means import WallPlaces, wall_places
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.motions import sample_motion
from shortaxis.reorientation.methods import DEFAULT_METHOD, estimate_pose
from shortaxis.reorientation.moved_volumes import with_moved_counts
from shortaxis.simulation.exam_truth import ExamTruth
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.valve_plane import ValvePlane

SEED = 8_200_000
TESTED = (
    GatedExams("test", "clinical", SEED, 40),
    GatedExams("test", "wide", SEED, 20),
)
SMALL_ML = 25.0
LATE = 0.06
"""Of the cycle after the mean of the wall: 20 degrees."""
STILL, MOVING = 0.3, 0.8
"""Contraction relative to a normal wall."""
WORST = 3
REPEATED = 8
"""One exam in so many is counted again and moved."""
MAX_TURN_DEG, MAX_SHIFT_MM = 10.0, 8.0
LEAST_AMPLITUDE = 0.2


@dataclass(frozen=True)
class Row:
    """One exam: what is found, and the truth; volumes in ml, fractions of 1, angles in degrees."""

    preset: str
    seed: int
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
    slots_off: tuple[int, int]
    is_phase_told: bool
    phase_sd: float
    true_phase_sd: float
    segments: list[dict[str, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    parser.add_argument("--most", type=int, default=10_000, help="Exams of each range.")
    asked = parser.parse_args()
    rows, repeats, exam = [], [], None
    rng = np.random.default_rng(SEED)
    for cohort in TESTED:
        for number, exam in enumerate(cohort.exams(asked.cohorts)):
            if number >= asked.most:
                break
            found = measured(exam)
            rows.append(row_of(exam, found))
            if number % REPEATED == 0:
                repeats.append(repeated(exam, found, rng))
    if exam is None:
        raise SystemExit("no exams")
    values = {
        "exams": len(rows),
        "presets": {each.preset: sum(row.preset == each.preset for row in rows) for each in TESTED},
        "all": summary(rows),
        "clinical": summary([row for row in rows if row.preset == "clinical"]),
        "accepted": summary([row for row in rows if not row.is_flagged]),
        "phase": phases(rows),
        "segments": segments(rows),
        "repeated": repetition(repeats),
        "worst": worst(rows),
        "seconds": seconds(exam),
    }
    print(values)
    store_result("function", values, SEED)


def measured(exam: GatedExam) -> LeftVentricularFunction:
    return measure_function(exam.gates, exam.stored.volume, exam.estimate.pose)


def row_of(exam: GatedExam, found: LeftVentricularFunction) -> Row:
    truth, curve = exam.stored.known_truth, found.curve
    volumes = truth.cavity_ml
    true_places, true_phase, is_counted = true_phases(truth, exam)
    _, true_sd = circular_mean_and_sd(true_phase, np.where(is_counted, true_places.areas_mm2, 0.0))
    return Row(
        exam.preset,
        exam.seed,
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
        (
            apart(curve.end_diastolic_slot - 1, int(volumes.argmax()), volumes.size),
            apart(curve.end_systolic_slot - 1, int(volumes.argmin()), volumes.size),
        ),
        found.phase.is_told,
        found.phase.sd_deg,
        true_sd,
        segment_rows(found, truth, true_places),
    )


def apart(one: int, other: int, slots: int) -> int:
    off = abs(one - other)
    return min(off, slots - off)


def true_phases(truth: ExamTruth, exam: GatedExam) -> tuple[WallPlaces, FloatArray, Any]:
    """Places of the true wall, the moment of the greatest thickness, and where it has one."""
    inner, outer = truth.endocardium_mm.mean(axis=0), truth.epicardium_mm.mean(axis=0)
    is_wall = np.array(truth.is_wall.all(axis=0))
    valve = ValvePlane(truth.valve_center_mm.mean(axis=0), truth.valve_normal.mean(axis=0))
    surfaces = VentricleSurfaces(
        exam.stored.pose, inner.astype(np.float64), outer.astype(np.float64),
        np.zeros((2, *inner.shape)), is_wall, is_wall, valve, "truth",
    )  # fmt: skip
    places = wall_places(surfaces, exam.stored.pose)
    wave = np.conj(np.fft.rfft(truth.thickness_mm, axis=0)[1]) / truth.thickness_mm.sum(axis=0)
    amplitude = np.abs(wave)
    is_counted = amplitude >= LEAST_AMPLITUDE * places.mean(amplitude)
    phase: FloatArray = np.degrees(np.angle(wave)).astype(np.float64) % 360
    return places, phase, is_counted


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


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Errors: volumes in parts, ejection fraction in points."""
    if not rows:
        return {"exams": 0}
    of = {name: np.array([asdict(row)[name] for row in rows]) for name in NUMBERS}
    off = 100 * (of["ejection"] - of["true_ejection"])
    parts = {
        name: of[name] / of[f"true_{name}"] - 1
        for name in ("end_diastolic", "end_systolic", "wall")
    }
    small = of["true_end_systolic"] < SMALL_ML
    flagged = np.array([row.is_flagged for row in rows])
    slots = np.array([row.slots_off for row in rows])
    return {
        "exams": len(rows),
        "flagged": int(flagged.sum()),
        "ejection": {**_bias(off), "r": _r(of["ejection"], of["true_ejection"]),
                     "median": round(float(np.median(np.abs(off))), 2)},
        "ejection_large": {**_bias(off[~small]), "exams": int((~small).sum())},
        **{name: {**_bias(100 * each), "median": round(float(np.median(np.abs(100 * each))), 1)}
           for name, each in parts.items()},
        "small": {
            "exams": int(small.sum()),
            "flagged": int((small & flagged).sum()),
            "end_systolic_of_truth": _mean(1 + parts["end_systolic"][small]),
        },
        "within_bounds": {
            "ejection_fraction": _within(rows, "ejection_fraction", off / 100),
            "end_diastolic_ml": _within(
                rows, "end_diastolic_ml", of["end_diastolic"] - of["true_end_diastolic"]
            ),
            "end_systolic_ml": _within(
                rows, "end_systolic_ml", of["end_systolic"] - of["true_end_systolic"]
            ),
        },
        "slots_right": [_mean((slots[:, k] == 0).astype(float)) for k in (0, 1)],
        "slots_within_one": [_mean((slots[:, k] <= 1).astype(float)) for k in (0, 1)],
    }  # fmt: skip


NUMBERS = (
    "end_diastolic", "end_systolic", "ejection", "wall", "true_end_diastolic", "true_end_systolic",
    "true_ejection", "true_wall",
)  # fmt: skip


def _within(rows: Sequence[Row], name: str, off: FloatArray) -> float:
    bounds = np.array([row.bounds[name] for row in rows])
    return round(float((np.abs(off) <= bounds).mean()), 3)


def _bias(off: FloatArray) -> dict[str, float]:
    spread = float(off.std(ddof=1)) if off.size > 1 else 0.0
    return {"bias": _mean(off), "sd": round(spread, 2)}


def _mean(values: FloatArray) -> float:
    return round(float(values.mean()), 3) if values.size else 0.0


def _r(one: FloatArray, other: FloatArray) -> float:
    return round(float(np.corrcoef(one, other)[0, 1]), 3)


def phases(rows: Sequence[Row]) -> dict[str, Any]:
    """How the spread of the phases lies to the truth, in hearts in step and out of step."""
    every, rows = rows, [row for row in rows if row.is_phase_told]
    found, true = (np.array([getattr(row, name) for row in rows]) for name in PHASE_SDS)
    in_step = true < 5
    return {
        "exams": len(every),
        "told": len(rows),
        "in_step": {"exams": int(in_step.sum()), "mean": _mean(found[in_step]),
                    "high": _high(found[in_step])},
        "out_of_step": {"exams": int((~in_step).sum()), **_bias((found - true)[~in_step]),
                        "true_mean": _mean(true[~in_step])},
        "off_median": round(float(np.median(np.abs(found - true))), 2) if rows else 0.0,
    }  # fmt: skip


PHASE_SDS = ("phase_sd", "true_phase_sd")


def _high(values: FloatArray) -> float:
    return round(float(np.percentile(values, 95)), 1) if values.size else 0.0


def segments(rows: Sequence[Row]) -> dict[str, Any]:
    """How well late and still segments are told, over all hearts."""
    every = [each for row in rows for each in row.segments]
    of = {name: np.array([each[name] for each in every]) for name in every[0]}
    late = of["delay"] > LATE
    still, moving = of["amplitude"] < STILL, of["amplitude"] > MOVING
    judged = still | moving
    result: dict[str, Any] = {"segments": len(every), "late": int(late.sum()),
                              "still": int(still.sum())}  # fmt: skip
    if late.any():
        result["late_auc"] = round(roc_area(of["phase"], late), 3)
    told = of["told"] > 0
    result["late_told"] = int((late & told).sum())
    if (late & told).any():
        result["late_auc_told"] = round(roc_area(of["phase"][told], late[told]), 3)
    if still.any():
        for name in ("by_counts", "thickening", "motion"):
            result[f"still_auc_{name}"] = round(roc_area(-of[name][judged], still[judged]), 3)
    return result


def repeated(
    exam: GatedExam, first: LeftVentricularFunction, rng: np.random.Generator
) -> dict[str, float]:
    """Changes when the patient lies elsewhere, and when the noise of the slots is drawn again.

    Nobody looks on: the pose is estimated again each time.
    """
    motion = sample_motion(rng, exam.estimate.pose.center_mm, MAX_TURN_DEG, MAX_SHIFT_MM)
    affine = exam.stored.volume.patient_from_index
    moved = np.stack(
        [with_moved_counts(SpectVolume(each, affine), motion).counts for each in exam.gates]
    )
    changes = {}
    for name, gates in (("moved", moved), ("counted", with_noise_again(exam.gates, rng))):
        volume = SpectVolume(gates.sum(axis=0), affine)
        pose = estimate_pose(volume, DEFAULT_METHOD).pose
        again = measure_function(gates, volume, pose)
        changes[f"{name}_ejection"] = 100 * (
            again.curve.ejection_fraction - first.curve.ejection_fraction
        )
        if again.phase.is_told and first.phase.is_told:
            changes[f"{name}_phase_sd"] = again.phase.sd_deg - first.phase.sd_deg
    return changes


def with_noise_again(gates: CountsArray, rng: np.random.Generator) -> CountsArray:
    """Slots with as much noise added as they have, of the same texture.

    What is left of the slots beside two harmonics and their mean is noise alone, and has the
    texture that counting and reconstruction give it. Its three parts are mixed at random, and one
    mixture is added to each of the five parts that a beat is read from. The difference to the first
    measurement is the noise of one measurement.
    """
    slots = len(gates)
    turns = 2 * np.pi * np.outer(np.arange(slots), np.arange(1, HARMONICS + 1)) / slots
    waves = np.concatenate([np.ones((slots, 1)), np.cos(turns), np.sin(turns)], axis=1)
    read, rest = np.split(np.linalg.qr(waves, mode="complete")[0], [waves.shape[1]], axis=1)
    noise = np.tensordot(rest.T, gates, axes=1)
    mixed = rng.normal(size=(read.shape[1], rest.shape[1]))
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    added: CountsArray = (gates + np.tensordot(read @ mixed, noise, axes=1)).astype(np.float32)
    return np.maximum(added, 0)


def repetition(rows: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Standard deviation of one measurement.

    Of two places both have the error of place, so its part is the root of a half; noise that was
    added is the error of one.
    """
    return {
        "exams": len(rows),
        **{
            f"{name}_sd": _root_mean_square([row[name] for row in rows if name in row], share)
            for name, share in (
                ("moved_ejection", 0.5), ("moved_phase_sd", 0.5), ("counted_ejection", 1.0),
                ("counted_phase_sd", 1.0),
            )
        },
    }  # fmt: skip


def _root_mean_square(values: Sequence[float], share: float) -> float | None:
    return round(float(np.sqrt(share * np.mean(np.square(values)))), 2) if values else None


def worst(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The exams of `clinical` whose ejection fraction lies farthest from the truth."""
    kept = [row for row in rows if row.preset == "clinical"]
    kept.sort(key=lambda row: -abs(row.ejection - row.true_ejection))
    return [
        {
            "preset": row.preset,
            "seed": row.seed,
            "ejection": round(100 * row.ejection, 1),
            "true_ejection": round(100 * row.true_ejection, 1),
            "true_end_systolic_ml": round(row.true_end_systolic, 1),
            "flagged": row.is_flagged,
        }
        for row in kept[:WORST]
    ]


def seconds(exam: GatedExam) -> dict[str, float]:
    """Processor time on one core, from the pose to all numbers."""
    stay_on_one_core()
    pose = exam.estimate.pose

    def measure() -> None:
        measure_function(exam.gates, exam.stored.volume, pose)

    return medians_in_turn_s({"function_s": measure}, 5, time.process_time)


if __name__ == "__main__":
    main()
