"""Courses of patients who move while the camera counts: how far, how, and in which direction.

A course is where the patient lies at every step of the acquisition. Its distance is how far the
farthest two positions lie apart. The seed of an exam decides its course.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from shortaxis.geometry.arrays import FloatArray
from shortaxis.simulation.acquisition import PatientMotion
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.motion_course import steps_of
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import simulate

__all__ = [
    "FARTHEST_MM",
    "PatientCourse",
    "moving_exam",
    "sample_course",
    "still_scenario",
]

FARTHEST_MM = 40.0
DISTANCE_BINS = 8
"""Distances are spread evenly: seeds take turns with ranges of 5 mm, in stress and in rest."""

DIRECTIONS: Mapping[str, tuple[float, float, float]] = {
    "axial": (0.0, 0.0, 1.0),
    "lateral": (1.0, 0.0, 0.0),
    "front-back": (0.0, 1.0, 0.0),
    "oblique": (0.6, 0.2, 0.77),
}
DIRECTION_SHARES = (0.5, 0.25, 0.1, 0.15)
"""Along the table is how patients mostly move (Friedman 1989, J Nucl Med 30:1718)."""

KIND_SHARES = (0.45, 0.25, 0.15, 0.15)

STREAM = 91
"""Keeps these draws apart from all others of the same seed."""


@dataclass(frozen=True, eq=False)
class PatientCourse:
    """How a patient moves.

    Parameters
    ----------
    kind, direction : str
        One of the kinds and `DIRECTIONS`.
    distance_mm : float
        Between the farthest two positions.
    shifts_mm : (step, 3) array
        From where the patient lay at first, LPS mm.
    """

    kind: str
    direction: str
    distance_mm: float
    shifts_mm: FloatArray


def still_scenario(preset: str, seed: int) -> ExamScenario:
    """The scenario of a seed without a motion of its own."""
    scenario = sample_scenario(preset, seed, version=1)
    return replace(scenario, acquisition=replace(scenario.acquisition, motion=PatientMotion()))


def sample_course(seed: int, steps: int) -> PatientCourse:
    """The course of an exam's patient over so many steps."""
    rng = np.random.default_rng([STREAM, seed])
    width_mm = FARTHEST_MM / DISTANCE_BINS
    distance_mm = float(width_mm * ((seed + seed // DISTANCE_BINS) % DISTANCE_BINS + rng.random()))
    kind = str(rng.choice(list(KINDS), p=KIND_SHARES))
    direction = str(rng.choice(list(DIRECTIONS), p=DIRECTION_SHARES))
    sign = rng.choice([-1.0, 1.0])
    along = KINDS[kind](rng, np.arange(steps) / steps)
    along = along / max(float(np.ptp(along)), 1e-9) * distance_mm * sign
    unit = np.array(DIRECTIONS[direction]) / np.linalg.norm(DIRECTIONS[direction])
    shifts_mm: FloatArray = np.round(along[:, None] * unit, 2)
    return PatientCourse(kind, direction, distance_mm, shifts_mm)


def moving_exam(preset: str, seed: int) -> SimulatedExam:
    """The exam of a seed whose patient moves; its pose is that of the mean place."""
    scenario = still_scenario(preset, seed)
    course = sample_course(seed, steps_of(scenario.acquisition))
    return simulate(scenario, course.shifts_mm)


def _jump(rng: np.random.Generator, time: FloatArray) -> FloatArray:
    return (time >= rng.uniform(0.2, 0.8)).astype(float)


def _creep(rng: np.random.Generator, time: FloatArray) -> FloatArray:
    """From the start to some moment in the second half, slower and slower or evenly."""
    return np.clip(time / rng.uniform(0.5, 1.0), 0, 1) ** rng.uniform(0.6, 1.0)


def _small_steps(rng: np.random.Generator, time: FloatArray) -> FloatArray:
    """Three to six jumps, mostly the same way."""
    moments = np.sort(rng.uniform(0.1, 0.9, int(rng.integers(3, 7))))
    sizes = rng.normal(0.6, 0.8, len(moments))
    return np.asarray((time[:, None] >= moments) @ sizes, dtype=np.float64)


def _and_back(rng: np.random.Generator, time: FloatArray) -> FloatArray:
    start = rng.uniform(0.1, 0.6)
    return ((time >= start) & (time < start + rng.uniform(0.15, 0.4))).astype(float)


KINDS: Mapping[str, Callable[[np.random.Generator, FloatArray], FloatArray]] = {
    "jump": _jump,
    "creep": _creep,
    "small steps": _small_steps,
    "there and back": _and_back,
}
