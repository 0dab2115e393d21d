"""Exams of parallel-hole cameras: project, count, reconstruct, filter."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from shortaxis.camera.collimator import (
    LEGP_72_KEV,
    LEGP_140_KEV,
    LEHR_72_KEV,
    LEHR_140_KEV,
    Collimator,
)
from shortaxis.camera.detector_binning import rebin_projections
from shortaxis.camera.fbp import reconstruct_fbp
from shortaxis.camera.noise import sample_counts, scale_to_maximum
from shortaxis.camera.orbits import RAO_DEG, Orbit, body_contour_radii_mm
from shortaxis.camera.osem import reconstruct_osem
from shortaxis.camera.projector import SpectProjector
from shortaxis.camera.rotation import ParallelProjection
from shortaxis.camera.scatter import ScatterModel
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.drawing import draw_myocardium, draw_phantom
from shortaxis.simulation.acquisition import Acquisition, FieldOfView
from shortaxis.simulation.filtering import filtered
from shortaxis.simulation.scenario import ExamScenario

__all__ = ["ProjectedExam", "moved_pose", "project_and_reconstruct"]

SMALLEST_PIXEL_MM, LARGEST_PIXEL_MM = 4.8, 7.2
"""Pixels of detectors; a study stored with smaller ones was interpolated, and so it is here."""

UNZOOMED_MM = 370.0
"""A stored field this wide is that of the detector itself."""

DETECTOR_MM = 410.0
MARGIN_SLICES = 3
"""Of the body beyond the stored slices: what the collimator blurs in from there."""

SCATTER = {True: ScatterModel(broad_to_narrow=0.65), False: ScatterModel(broad_to_narrow=0.58)}
"""By whether it is Tc-99m; the windows of Tl-201 let in more. The 0.78 of water leaves scatter
0.19 of all counts of an exam, because lungs are shallow; 0.65 makes it 0.28, which is 0.39 of the
unscattered ones (0.3 to 0.4 in a window of 20 %)."""

COLLIMATORS = {
    (True, False): LEHR_140_KEV,
    (True, True): LEGP_140_KEV,
    (False, False): LEHR_72_KEV,
    (False, True): LEGP_72_KEV,
}
"""By whether it is Tc-99m and whether the collimator is one for general purposes."""


@dataclass(frozen=True, eq=False)
class ProjectedExam:
    """Reconstructions of every time slot (one if ungated) on `grid`, and the mean shift in mm."""

    volumes: list[Tensor]
    grid: Grid
    mean_shift_mm: float


@dataclass(frozen=True, eq=False)
class Camera:
    """The camera around one patient: grids, orbit and the facts of collimator and scatter."""

    body: TransaxialGrid
    detector: TransaxialGrid
    grid: Grid
    orbit: Orbit
    collimator: Collimator
    scatter: ScatterModel


def project_and_reconstruct(scenario: ExamScenario, rng: np.random.Generator) -> ProjectedExam:
    """Simulate the acquisition of one exam.

    `rng` gives the counting noise; everything else follows from the scenario.
    """
    acquisition = scenario.acquisition
    body = _body_grid(scenario)
    grid = _grid_of(body, scenario)
    first = draw_phantom(
        scenario.phantom, grid, energy_kev=acquisition.energy_kev, time_slot=_slot(scenario, 0),
        n_time_slots=max(scenario.time_slots, 1),
    )  # fmt: skip
    camera = _camera(scenario, body, grid, first.attenuation_per_cm)
    projector = SpectProjector(
        body, camera.orbit, first.attenuation_per_cm, camera.collimator, camera.scatter
    )
    scale = None
    volumes = []
    for slot in range(max(scenario.time_slots, 1)):
        activity = first.activity if slot == 0 else _activity(scenario, grid, slot)
        expected = _with_motion(scenario, projector, activity, body)
        if scale is None:
            scale = _scale(scenario, camera, expected)
        share = scale / max(scenario.time_slots, 1)
        wide = rebin_projections(expected * share, body, camera.detector)
        counts = sample_counts(wide.clamp(min=0), rng)
        attenuation = _cropped(first.attenuation_per_cm, body, camera.detector)
        known = _known_scatter(scenario, camera, projector, activity * share)
        volumes.append(_reconstruct(scenario, camera, counts, attenuation, known))
    motion = acquisition.motion
    detector_grid = _grid_of(camera.detector, scenario)
    return ProjectedExam(volumes, detector_grid, motion.shift_mm * (1 - motion.after_part))


def _slot(scenario: ExamScenario, slot: int) -> int | None:
    return slot if scenario.time_slots else None


def _activity(scenario: ExamScenario, grid: Grid, slot: int) -> Tensor:
    return draw_phantom(
        scenario.phantom, grid, energy_kev=scenario.acquisition.energy_kev, time_slot=slot,
        n_time_slots=scenario.time_slots,
    ).activity  # fmt: skip


def _detector_pixel_mm(field: FieldOfView) -> float:
    return float(np.clip(field.pixel_mm, SMALLEST_PIXEL_MM, LARGEST_PIXEL_MM))


def _is_unzoomed(field: FieldOfView) -> bool:
    return (
        field.matrix * field.pixel_mm >= UNZOOMED_MM
        and _detector_pixel_mm(field) == field.pixel_mm
        and field.slice_mm == field.pixel_mm
    )


def _detector_grid(scenario: ExamScenario) -> TransaxialGrid:
    field = scenario.field_of_view
    pixel_mm = _detector_pixel_mm(field)
    if _is_unzoomed(field):
        return TransaxialGrid(field.slices, field.matrix, pixel_mm, pixel_mm)
    slices = int(np.ceil(field.slices * field.slice_mm / pixel_mm)) + 1
    pixels = 2 * int(np.ceil(DETECTOR_MM / pixel_mm / 2))
    return TransaxialGrid(slices, pixels, pixel_mm, pixel_mm)


def _body_grid(scenario: ExamScenario) -> TransaxialGrid:
    """As wide as the body if that is wider than the detector, and some slices longer."""
    detector = _detector_grid(scenario)
    across_mm = 2.1 * scenario.phantom.torso.body.half_width_mm + 20
    wider = max(0, int(np.ceil((across_mm / detector.pixel_mm - detector.pixels) / 2)))
    return replace(
        detector, pixels=detector.pixels + 2 * wider, slices=detector.slices + 2 * MARGIN_SLICES
    )


def _axis_mm(scenario: ExamScenario) -> tuple[float, float]:
    """Where the axis of rotation runs: the middle of an unzoomed field, else of the body."""
    field = scenario.field_of_view
    x, y, _ = field.center_mm if _is_unzoomed(field) else scenario.phantom.body_center_mm
    return x, y


def _grid_of(transaxial: TransaxialGrid, scenario: ExamScenario) -> Grid:
    x, y = _axis_mm(scenario)
    return FieldOfView(
        slices=transaxial.slices,
        matrix=transaxial.pixels,
        pixel_mm=transaxial.pixel_mm,
        slice_mm=transaxial.slice_mm,
        center_mm=(x, y, scenario.field_of_view.center_mm[2]),
    ).grid


def _camera(
    scenario: ExamScenario, body: TransaxialGrid, grid: Grid, attenuation_per_cm: Tensor
) -> Camera:
    acquisition = scenario.acquisition
    technetium = acquisition.energy_kev > 100
    return Camera(
        body=body,
        detector=_detector_grid(scenario),
        grid=grid,
        orbit=_orbit(acquisition, body, attenuation_per_cm),
        collimator=COLLIMATORS[technetium, acquisition.general_purpose],
        scatter=SCATTER[technetium],
    )


def _orbit(acquisition: Acquisition, body: TransaxialGrid, attenuation_per_cm: Tensor) -> Orbit:
    views = acquisition.angular_views
    orbit = Orbit(RAO_DEG, acquisition.scan_arc_deg, (100.0,) * views, "CW")
    radii = body_contour_radii_mm(
        attenuation_per_cm, body, orbit.angles_deg, acquisition.clearance_mm
    )
    if not acquisition.follows_body:
        radii = (max(radii),) * views
    return orbit.with_radii(radii)


def _with_motion(
    scenario: ExamScenario, projector: SpectProjector, activity: Tensor, body: TransaxialGrid
) -> Tensor:
    """Expected counts; views after the patient moved see the body shifted along itself."""
    motion = scenario.acquisition.motion
    expected = projector.apply(activity)
    if motion.shift_mm == 0:
        return expected
    moved_from = round(motion.after_part * len(expected))
    late = list(range(moved_from, len(expected)))
    if late:
        shifted = _shifted_slices(activity, motion.shift_mm / body.slice_mm)
        expected[moved_from:] = projector.subset(late).apply(shifted)
    return expected


def _shifted_slices(volume: Tensor, steps: float) -> Tensor:
    """Move the content towards higher slices by a broken number of slices, ends repeated."""
    place = torch.arange(len(volume), dtype=torch.float64) - steps
    place = place.clamp(0, len(volume) - 1)
    lower = place.floor().long()
    upper = (lower + 1).clamp(max=len(volume) - 1)
    part = (place - lower).to(volume.dtype)[:, None, None]
    return volume[lower] * (1 - part) + volume[upper] * part


def _scale(scenario: ExamScenario, camera: Camera, expected: Tensor) -> float:
    """Factor from activity to counts: the hottest bin of the myocardium is to have `counts`."""
    muscle = draw_myocardium(scenario.phantom, camera.grid)
    seen = ParallelProjection(camera.body, camera.orbit.angles_deg).apply(muscle)
    scaled = scale_to_maximum(expected, scenario.acquisition.counts, seen)
    return float(scaled.max() / expected.max())


def _known_scatter(
    scenario: ExamScenario, camera: Camera, projector: SpectProjector, activity: Tensor
) -> Tensor | None:
    """Scatter as a perfect estimate from neighbouring energy windows would give it."""
    if not scenario.reconstruction.scatter_corrected:
        return None
    without = projector.without_scatter()
    scatter = projector.apply(activity) - without.apply(activity)
    return rebin_projections(scatter, camera.body, camera.detector)


def _cropped(volume: Tensor, body: TransaxialGrid, detector: TransaxialGrid) -> Tensor:
    edge = (body.pixels - detector.pixels) // 2
    ends = slice(edge, edge + detector.pixels)
    return volume[MARGIN_SLICES : MARGIN_SLICES + detector.slices, ends, ends].contiguous()


def _reconstruct(
    scenario: ExamScenario,
    camera: Camera,
    counts: Tensor,
    attenuation_per_cm: Tensor,
    scatter: Tensor | None,
) -> Tensor:
    settings = scenario.reconstruction
    if settings.method == "fbp":
        volume = reconstruct_fbp(counts, camera.detector, camera.orbit)
    else:
        model = SpectProjector(
            camera.detector,
            camera.orbit,
            attenuation_per_cm if settings.attenuation_corrected else None,
            camera.collimator if settings.resolution_modelled else None,
        )
        subsets = min(settings.subsets, len(counts) // 2)
        volume = reconstruct_osem(counts, model, settings.iterations, subsets, scatter)
    smooth = filtered(volume, camera.detector.voxel_mm, settings.post_filter)
    return (smooth * len(counts)).clamp(min=0)


def moved_pose(pose: RigidPose, shift_mm: float) -> RigidPose:
    """The pose shifted along the body."""
    return RigidPose(pose.patient_from_cardiac, pose.center_mm + np.array([0.0, 0.0, shift_mm]))
