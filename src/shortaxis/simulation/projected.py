"""Exams of parallel-hole cameras: project, count, reconstruct, filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from shortaxis.camera.detector_binning import rebin_projections
from shortaxis.camera.fbp import reconstruct_fbp
from shortaxis.camera.noise import sample_counts, scale_to_maximum
from shortaxis.camera.osem import OrderedSubsets
from shortaxis.camera.projector import SpectProjector
from shortaxis.camera.rotation import ParallelProjection
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.phantom.drawing import PhantomMaps, draw_myocardium, draw_phantom
from shortaxis.simulation.camera_facts import window_kev
from shortaxis.simulation.filtering import filtered
from shortaxis.simulation.gated_slots import gated
from shortaxis.simulation.motion_course import shifted
from shortaxis.simulation.parallel_camera import (
    ParallelCamera,
    body_voxels,
    camera_around,
    cropped_to_detector,
    grid_of,
)
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
    acquired = _acquire(scenario, course_mm)
    camera = acquired.camera
    reconstruct = _reconstruction(scenario, camera, acquired.attenuation_per_cm)
    volumes, counted = [], []
    for expected, scatter in zip(acquired.expected, acquired.scatter, strict=True):
        counts = sample_counts(expected.clamp(min=0), rng)
        counted.append(counts)
        volume = reconstruct(counts, scatter)
        post_filter = scenario.reconstruction.post_filter
        smooth = filtered(volume, camera.detector.voxel_mm, post_filter)
        volumes.append((smooth * len(counts)).clamp(min=0))
    return ProjectedExam(volumes, camera.detector_grid, _stored_views(scenario, camera, counted))


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


@dataclass(frozen=True, eq=False)
class _Acquired:
    """Expected counts and known scatter of every time slot, in the detector's bins."""

    camera: ParallelCamera
    attenuation_per_cm: Tensor
    expected: list[Tensor]
    scatter: list[Tensor | None]


def _acquire(scenario: ExamScenario, course_mm: FloatArray) -> _Acquired:
    """Project every time slot. The projector, which is large, ends here."""
    body = body_voxels(scenario)
    grid = grid_of(body, scenario)
    first = _draw(scenario, grid, 0)
    camera = camera_around(scenario, body, first.attenuation_per_cm)
    projector = SpectProjector(
        body, camera.orbit, first.attenuation_per_cm, camera.collimator, camera.scatter
    )
    share = 0.0
    expected, scatter = [], []
    for slot in range(max(scenario.time_slots, 1)):
        activity = first.activity if slot == 0 else _draw(scenario, grid, slot).activity
        wide = _along_course(course_mm, projector, activity, body)
        share = share or _scale(scenario, camera, wide) / max(scenario.time_slots, 1)
        expected.append(rebin_projections(wide * share, body, camera.detector))
        scatter.append(_known_scatter(scenario, camera, projector, activity * share))
    attenuation = cropped_to_detector(first.attenuation_per_cm, camera)
    expected, scatter = gated(scenario.gating, expected), gated(scenario.gating, scatter)
    return _Acquired(camera, attenuation, expected, scatter)


def _draw(scenario: ExamScenario, grid: Grid, slot: int) -> PhantomMaps:
    return draw_phantom(
        scenario.phantom,
        grid,
        energy_kev=scenario.acquisition.energy_kev,
        time_slot=slot if scenario.time_slots else None,
        n_time_slots=max(scenario.time_slots, 1),
    )


def _along_course(
    course_mm: FloatArray, projector: SpectProjector, activity: Tensor, body: TransaxialGrid
) -> Tensor:
    """Expected counts of views that see the activity where it lies by then.

    All heads take their views at the same time; the attenuation stays where it is.
    """
    heads = projector.out_shape[0] // len(course_mm)
    places, place_of = np.unique(np.tile(course_mm, (heads, 1)), axis=0, return_inverse=True)
    expected = torch.zeros(projector.out_shape, dtype=projector.dtype)
    for number, place in enumerate(places):
        views = np.flatnonzero(place_of.ravel() == number).tolist()
        seen = shifted(activity, place, body.voxel_mm)
        expected[views] = projector.subset(views).apply(seen)
    return expected


def _scale(scenario: ExamScenario, camera: ParallelCamera, expected: Tensor) -> float:
    """Factor from activity to counts: the hottest bin of the myocardium is to have `counts`."""
    muscle = draw_myocardium(scenario.phantom, camera.body_grid)
    seen = ParallelProjection(camera.body, camera.orbit.angles_deg).apply(muscle)
    scaled = scale_to_maximum(expected, scenario.acquisition.counts, seen)
    return float(scaled.max() / expected.max())


def _known_scatter(
    scenario: ExamScenario, camera: ParallelCamera, projector: SpectProjector, activity: Tensor
) -> Tensor | None:
    """Scatter as a perfect estimate from neighbouring energy windows would give it."""
    if not scenario.reconstruction.scatter_corrected:
        return None
    return rebin_projections(projector.expected_scatter(activity), camera.body, camera.detector)


def _reconstruction(
    scenario: ExamScenario, camera: ParallelCamera, attenuation_per_cm: Tensor
) -> Callable[[Tensor, Tensor | None], Tensor]:
    """From the counts of a time slot and its known scatter to a volume that is not filtered yet."""
    settings = scenario.reconstruction
    if settings.method == "fbp":
        return lambda counts, scatter: reconstruct_fbp(counts, camera.detector, camera.orbit)
    model = SpectProjector(
        camera.detector,
        camera.orbit,
        attenuation_per_cm if settings.attenuation_corrected else None,
        camera.collimator if settings.resolution_modelled else None,
    )
    subsets = min(settings.subsets, camera.orbit.angular_views // 2)
    return OrderedSubsets(model, settings.iterations, subsets).reconstruct
