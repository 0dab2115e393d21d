"""Exams as the wall's training sees them: the neighbourhood of the heart, and its true wall."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from shortaxis.evaluation.walls.true_wall import TrueWall, true_wall
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.simulation.exam_files import StoredExam
from shortaxis.training.exams import SeedRange, is_learnt_from
from shortaxis.ventricle.sharpness import PowerSpectrum, power_spectrum

__all__ = ["WallExam", "load_wall_exams", "wall_exam"]

REACH_MM = 115.0
"""From the heart's centre: what the longest ray of a shifted frame meets, and of small hearts."""

THICK_MM, SMALL_ML = 11.0, 45.0
OFTEN = 2.0
"""How many times as often exams with thick walls, and those with small cavities, are shown."""


@dataclass(frozen=True, eq=False)
class WallExam:
    """Counts around the heart, and the truth in the frame of the true pose.

    `index_from_cardiac` takes cardiac mm to indices of `counts`; `weight` is how often it is shown,
    relative to others.
    """

    counts: CountsArray
    index_from_cardiac: FloatArray
    spectrum: PowerSpectrum
    wall: TrueWall
    weight: float


def load_wall_exams(ranges: Iterable[SeedRange], threads: int = 1) -> list[WallExam]:
    """Read exams of all ranges, without those whose patient moved much.

    Raises
    ------
    OptionError
        If any is missing, another one, or was stored without its true wall.
    """

    def loaded(one: SeedRange, seed: int, path: Path) -> WallExam | None:
        exam = one.exam(seed, path)
        return wall_exam(exam) if is_learnt_from(exam.strata) else None

    with ThreadPoolExecutor(threads) as pool:
        return [
            exam
            for one in ranges
            for exam in pool.map(partial(loaded, one), one.seeds, one.paths)
            if exam is not None
        ]


def wall_exam(exam: StoredExam) -> WallExam:
    """Cut out what rays can meet."""
    index_from_patient = invert_affine(exam.volume.patient_from_index)
    center = apply_affine(index_from_patient, exam.pose.center_mm)
    reach = np.ceil(REACH_MM / exam.volume.spacing_mm)
    low = np.maximum(np.floor(center - reach), 0).astype(int)
    high = np.minimum(np.ceil(center + reach) + 1, exam.volume.shape).astype(int)
    window = exam.volume.counts[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    index_from_cardiac = index_from_patient @ exam.pose.matrix
    index_from_cardiac[:3, 3] -= low
    wall = true_wall(exam.known_truth)
    counts = window / np.float32(max(float(window.max()), 1e-6)) * np.float32(1000)
    return WallExam(
        np.ascontiguousarray(counts),
        index_from_cardiac,
        power_spectrum(exam.volume, exam.pose),
        wall,
        _weight(wall),
    )


def _weight(wall: TrueWall) -> float:
    is_thick = wall.mean_thickness_mm > THICK_MM
    is_small = wall.cavity_ml < SMALL_ML
    return (OFTEN if is_thick else 1.0) * (OFTEN if is_small else 1.0)
