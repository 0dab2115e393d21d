"""Exams of parallel-hole cameras: project, count, reconstruct, filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from shortaxis.camera.noise import sample_counts
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.simulation.camera_facts import window_kev
from shortaxis.simulation.expected_counts import expected_counts
from shortaxis.simulation.parallel_camera import ParallelCamera
from shortaxis.simulation.reconstructed import reconstructed
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.spect.projections import Projections

__all__ = ["ProjectedExam", "project_and_reconstruct"]


@dataclass(frozen=True, eq=False)
class ProjectedExam:
    """Reconstructions of every time slot (one if ungated) on `grid`, and what was counted."""

    volumes: list[Tensor]
    grid: Grid
    projections: Projections


def project_and_reconstruct(
    scenario: ExamScenario, rng: np.random.Generator, course_mm: FloatArray
) -> ProjectedExam:
    """Simulate the acquisition of one exam.

    `rng` gives the counting noise, `course_mm` where the patient lies at every step, ``(step, 3)``
    LPS mm; everything else follows from the scenario.
    """
    expected = expected_counts(scenario, course_mm)
    camera = expected.camera
    counts = [sample_counts(each.clamp(min=0), rng) for each in expected.counts]
    volumes = reconstructed(
        scenario, camera, expected.attenuation_per_cm, counts, expected.known_scatter
    )
    return ProjectedExam(volumes, camera.detector_grid, _stored_views(scenario, camera, counts))


def _stored_views(
    scenario: ExamScenario, camera: ParallelCamera, counted: list[Tensor]
) -> Projections:
    """Counts of the photopeak as a camera stores them: rows from head to feet."""
    counts = torch.stack(counted)[None].flip(-2).numpy().astype(np.float32)
    x, y, z = camera.detector_grid.center_mm.tolist()
    detector = camera.detector
    return Projections(
        counts=counts,
        angles_deg=camera.orbit.angles_deg,
        radial_position_mm=camera.orbit.radial_position_mm,
        pixel_mm=(detector.slice_mm, detector.pixel_mm),
        axis_mm=(x, y, z),
        windows_kev=(window_kev(scenario),),
        heads=scenario.acquisition.heads,
        is_gated=scenario.time_slots > 0,
    )
