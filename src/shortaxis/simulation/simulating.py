"""``simulate(scenario)``: everything after the draw, the same every time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.resampling import resample
from shortaxis.simulation.acquisition import Technique
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.exam_truth import ExamTruth
from shortaxis.simulation.imaged import ImagedExam, image_multi_pinhole, image_pet
from shortaxis.simulation.mirroring import mirrored_counts, mirrored_pose
from shortaxis.simulation.motion_course import course_of
from shortaxis.simulation.projected import ProjectedExam, project_and_reconstruct
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.stored_voxels import are_upright, on_stored_voxels
from shortaxis.simulation.strata import strata_of
from shortaxis.simulation.truth import truth_of
from shortaxis.spect.volume import SpectVolume

__all__ = ["exam_of_volumes", "simulate", "true_pose"]

COUNTING, WINDOWS = 4, 7
"""Second part of the seeds of counting noise: of the exam, and of its scatter windows. Others are
in `shortaxis.simulation.presets`."""

LEVEL = 1000.0
"""Counts of the 99.5th percentile of an exam: whole numbers keep its noise apart from its steps."""


def simulate(
    scenario: ExamScenario,
    course_mm: FloatArray | None = None,
    *,
    scatter_windows: bool = False,
    moves_body: bool = False,
) -> SimulatedExam:
    """Simulate one exam.

    Parameters
    ----------
    scenario : ExamScenario
        Everything about it; see `shortaxis.simulation.presets.sample_scenario`.
    course_mm : (step, 3) array or None
        Where the patient lies, from the phantom's pose, LPS mm, at every step of the acquisition
        (`steps_of`); None for the scenario's own motion.
    scatter_windows : bool
        Whether projections hold the energy windows beside the photopeak, too.
    moves_body : bool
        Parallel holes: whether the attenuation goes along the course with the activity, as when
        somebody turns or slides, or stays, as when breathing lifts the heart. What presets draw
        stays.

    Returns
    -------
    SimulatedExam
        The volume that the camera stores, with its exact pose. The same scenario gives the same
        exam, up to rounding in the last digit between processors.
    """
    with _one_thread():
        course = course_of(scenario.acquisition) if course_mm is None else course_mm
        made = _reconstructed(
            scenario, course, scatter_windows=scatter_windows, moves_body=moves_body
        )
        exam = exam_of_volumes(scenario, made.volumes, made.grid, course.mean(axis=0))
        projections = made.projections if isinstance(made, ProjectedExam) else None
        return replace(exam, projections=projections)


def exam_of_volumes(
    scenario: ExamScenario,
    volumes: Sequence[Tensor],
    grid: Grid,
    mean_shift_mm: Sequence[float] | FloatArray = (0.0, 0.0, 0.0),
) -> SimulatedExam:
    """The exam that a camera stores of what was reconstructed.

    Parameters
    ----------
    scenario : ExamScenario
        What was simulated.
    volumes : sequence of (slice, row, column) tensors
        Reconstructions of every time slot, one if ungated.
    grid : Grid
        Where their voxels lie.
    mean_shift_mm : (3,) array-like
        How far the patient lay from the phantom's pose, on average, LPS mm.
    """
    pose = true_pose(scenario, mean_shift_mm)
    stored = scenario.field_of_view.grid
    gates = _stored(scenario, volumes, grid, stored)
    if scenario.mirror:
        gates = mirrored_counts(gates, scenario.mirror)
    gates *= LEVEL / max(float(np.percentile(gates.sum(axis=0), 99.5)), 1e-6)
    return SimulatedExam(
        scenario=scenario,
        volume=SpectVolume(gates.sum(axis=0), stored.patient_from_index),
        gates=gates if scenario.time_slots else None,
        pose=pose,
        strata=strata_of(scenario, pose),
        truth=_truth(scenario),
    )


def true_pose(
    scenario: ExamScenario, mean_shift_mm: Sequence[float] | FloatArray | None = None
) -> RigidPose:
    """The pose that an exam shows, which is known before anything is simulated.

    `mean_shift_mm` as in `exam_of_volumes`; None for the scenario's own motion.
    """
    if mean_shift_mm is None:
        mean_shift_mm = course_of(scenario.acquisition).mean(axis=0)
    still = scenario.phantom.pose
    pose = RigidPose(still.patient_from_cardiac, still.center_mm + np.asarray(mean_shift_mm))
    if scenario.mirror:
        pose = mirrored_pose(pose, scenario.mirror, scenario.field_of_view.grid.center_mm)
    return pose


def _truth(scenario: ExamScenario) -> ExamTruth | None:
    """What is known of the heart; version 1 was published without it."""
    if scenario.preset_version == 1:
        return None
    return truth_of(scenario.phantom.heart, scenario.time_slots)


def _reconstructed(
    scenario: ExamScenario, course_mm: FloatArray, *, scatter_windows: bool, moves_body: bool
) -> ProjectedExam | ImagedExam:
    """Volumes of the time slots, and the grid they lie on."""
    rng = _generator(scenario, COUNTING)
    technique = Technique[scenario.acquisition.technique]
    if technique is not Technique.PARALLEL_HOLES:
        return _IMAGERS[technique](scenario, rng, course_mm)
    window_rng = _generator(scenario, WINDOWS) if scatter_windows else None
    return project_and_reconstruct(scenario, rng, course_mm, window_rng, moves_body=moves_body)


def _generator(scenario: ExamScenario, part: int) -> np.random.Generator:
    return np.random.default_rng([scenario.number, part, scenario.exam_seed])


_IMAGERS: Mapping[
    Technique, Callable[[ExamScenario, np.random.Generator, FloatArray], ImagedExam]
] = {
    Technique.MULTI_PINHOLE: image_multi_pinhole,
    Technique.PET: image_pet,
}


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums of several threads are rounded differently, which tips a count here and there."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _stored(
    scenario: ExamScenario, volumes: Sequence[Tensor], grid: Grid, stored: Grid
) -> CountsArray:
    """Time slots on the grid of the file: as they are where the grids agree, else interpolated."""
    slots = np.stack([volume.numpy() for volume in volumes]).astype(np.float32)
    if slots.shape[1:] == stored.shape and np.allclose(
        grid.patient_from_index, stored.patient_from_index, atol=1e-6
    ):
        return slots
    if scenario.preset_version > 1 and are_upright(grid, stored):
        return np.maximum(on_stored_voxels(slots, grid, stored), 0)
    affine = grid.patient_from_index
    return np.maximum(np.stack([resample(each, affine, stored, "cubic") for each in slots]), 0)
