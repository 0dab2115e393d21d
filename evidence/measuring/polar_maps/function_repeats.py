"""How much the function of an exam changes when it is measured again without an operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evidence.measuring.polar_maps.gated_exams import GatedExam
from shortaxis.errors import OptionError
from shortaxis.function.harmonics import HARMONICS
from shortaxis.function.measuring import LeftVentricularFunction, measure_function
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.motions import sample_motion
from shortaxis.reorientation.methods import DEFAULT_METHOD, estimate_pose
from shortaxis.reorientation.moved_volumes import with_moved_counts
from shortaxis.spect.volume import SpectVolume

__all__ = ["IN_STEP_DEG", "repeated", "repetition", "with_noise_again"]

MAX_TURN_DEG, MAX_SHIFT_MM = 10.0, 8.0

IN_STEP_DEG = 5.0
"""True phase SD below which a heart contracts in step."""

Changes = dict[str, float]


def repeated(exam: GatedExam, first: LeftVentricularFunction, rng: np.random.Generator) -> Changes:
    """Changes when the patient lies elsewhere, and when the noise of the slots is drawn again.

    Nobody looks on: the pose is estimated again each time.
    """
    motion = sample_motion(rng, exam.estimate.pose.center_mm, MAX_TURN_DEG, MAX_SHIFT_MM)
    affine = exam.stored.volume.patient_from_index
    moved = np.stack(
        [with_moved_counts(SpectVolume(each, affine), motion).counts for each in exam.gates]
    )
    changes: Changes = {}
    for name, gates in (("moved", moved), ("counted", with_noise_again(exam.gates, rng))):
        volume = SpectVolume(gates.sum(axis=0), affine)
        pose = estimate_pose(volume, DEFAULT_METHOD).pose
        try:
            again = measure_function(gates, volume, pose)
        except OptionError:
            changes[f"{name}_refused"] = 1.0
            continue
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


def repetition(rows: Sequence[tuple[Changes, float]]) -> dict[str, Any]:
    """Standard deviations of one measurement, of changes and the true phase SD of each exam.

    Of two places both have the error of place, so its part is the root of a half; noise that was
    added is the error of one.
    """
    groups = {
        "": [each for each, _ in rows],
        "_in_step": [each for each, true in rows if true < IN_STEP_DEG],
        "_out_of_step": [each for each, true in rows if true >= IN_STEP_DEG],
    }
    result: dict[str, Any] = {"exams": len(rows)}
    for name in ("moved_refused", "counted_refused"):
        result[name] = sum(name in each for each, _ in rows)
    for name, share in (("moved_ejection", 0.5), ("counted_ejection", 1.0)):
        told = [each[name] for each, _ in rows if name in each]
        result[f"{name}_sd"] = _root_mean_square(told, share)
    for name, share in (("moved_phase_sd", 0.5), ("counted_phase_sd", 1.0)):
        for group, every in groups.items():
            told = [each[name] for each in every if name in each]
            result[f"{name}_sd{group}"] = _root_mean_square(told, share)
            result[f"{name}_exams{group}"] = len(told)
    return result


def _root_mean_square(values: Sequence[float], share: float) -> float | None:
    return round(float(np.sqrt(share * np.mean(np.square(values)))), 2) if values else None
