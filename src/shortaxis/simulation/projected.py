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
from shortaxis.simulation.scatter_windows import count_scatter_windows, scatter_windows_kev
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
    scenario: ExamScenario,
    rng: np.random.Generator,
    course_mm: FloatArray,
    window_rng: np.random.Generator | None = None,
    *,
    moves_body: bool = False,
) -> ProjectedExam:
    """Simulate the acquisition of one exam.

    `rng` gives the counting noise, `course_mm` where the patient lies at every step, ``(step, 3)``
    LPS mm, and `moves_body` whether attenuation goes with the activity; everything else follows
    from the scenario. `window_rng` gives the noise of the windows beside the photopeak, which are
    counted only if it is given.
    """
    expected = expected_counts(
        scenario, course_mm, with_scatter=window_rng is not None, moves_body=moves_body
    )
    camera = expected.camera
    counts = [sample_counts(each.clamp(min=0), rng) for each in expected.counts]
    volumes = reconstructed(
        scenario, camera, expected.attenuation_per_cm, counts, expected.known_scatter
    )
    windows, limits_kev = [counts], [window_kev(scenario)]
    if window_rng is not None:
        scatter = [each for each in expected.scatter if each is not None]
        windows += count_scatter_windows(scenario, expected.counts, scatter, window_rng)
        limits_kev += scatter_windows_kev(scenario)
    projections = _stored_views(scenario, camera, windows, limits_kev)
    return ProjectedExam(volumes, camera.detector_grid, projections)


def _stored_views(
    scenario: ExamScenario,
    camera: ParallelCamera,
    windows: list[list[Tensor]],
    limits_kev: list[tuple[float, float]],
) -> Projections:
    """Counts of every energy window as a camera stores them: rows from head to feet."""
    stacked = torch.stack([torch.stack(slots) for slots in windows])
    x, y, z = camera.detector_grid.center_mm.tolist()
    detector = camera.detector
    return Projections(
        counts=stacked.flip(-2).numpy().astype(np.float32),
        angles_deg=camera.orbit.angles_deg,
        radial_position_mm=camera.orbit.radial_position_mm,
        pixel_mm=(detector.slice_mm, detector.pixel_mm),
        axis_mm=(x, y, z),
        windows_kev=tuple(limits_kev),
        heads=scenario.acquisition.heads,
        is_gated=scenario.time_slots > 0,
    )
