"""Exams of cameras that are simulated in the image domain: multi-pinhole SPECT, and PET."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from torch import Tensor

from shortaxis.camera.filters import Gaussian
from shortaxis.camera.hot_rim import HotRim
from shortaxis.camera.image_domain import (
    CZT_GRID,
    PINHOLE_ANGLES_DEG,
    MultiPinholeCamera,
    PetCamera,
)
from shortaxis.camera.image_noise import (
    ImageNoise,
    sample_blotches,
    sample_noisy_image,
    sample_texture,
    with_waves,
)
from shortaxis.camera.resolution import SpatialResolution
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.phantom.torso import half_width_with_arms_mm
from shortaxis.simulation.acquisition import FieldOfView
from shortaxis.simulation.drawn_slots import DrawnSlots
from shortaxis.simulation.filtering import filtered
from shortaxis.simulation.gated_slots import gated
from shortaxis.simulation.motion_course import averaged_over
from shortaxis.simulation.scenario import ExamScenario

__all__ = ["ImagedExam", "image_multi_pinhole", "image_pet"]

RIM_BLOTCH_MM = 32.0
UNEVEN_MM = 30.0
SCATTER_FWHM_MM = 90.0
"""How wide the rim's blotches, the plaques and the haze of `PinholeEffects` are."""

DETECTORS_DEG = sum(PINHOLE_ANGLES_DEG) / len(PINHOLE_ANGLES_DEG)

NOISE_TO_FILTER = 1.25
"""Width of the noise over that of the filter: iterations stop before the finest noise has grown."""

PET_VOXEL_MM = 4.0
MARGIN_SLICES = 6
"""What is simulated beyond the field, for blur and rim."""

WALL_PART = 0.6
"""Voxels that are this much myocardium give its level."""

PINHOLE_NOISE_KNEE, PET_NOISE_KNEE = 0.05, 0.05


@dataclass(frozen=True, eq=False)
class ImagedExam:
    """Images of every time slot (one if ungated) on `grid`."""

    volumes: list[Tensor]
    grid: Grid


def image_multi_pinhole(
    scenario: ExamScenario, rng: np.random.Generator, course_mm: FloatArray
) -> ImagedExam:
    """Simulate an exam of a Discovery NM 530c: round field of view, hot rim, 4 mm voxels.

    `course_mm` is where the patient lies at every step, ``(step, 3)`` LPS mm: all views are taken
    all the time, so what they show is averaged.
    """
    field, filter_ = scenario.field_of_view, scenario.reconstruction.post_filter
    effects = scenario.acquisition.pinhole
    body = _body_around(scenario, CZT_GRID.pixel_mm, CZT_GRID.slices, CZT_GRID.pixels)
    grid = _centered(body, field.center_mm)
    slots = DrawnSlots(scenario, grid)
    maps = iter(slots)
    first = next(maps)
    camera = _pinhole_camera(scenario, body, first.attenuation_per_cm, rng)
    uneven = ImageNoise(effects.unevenness, window=Gaussian(UNEVEN_MM), knee_per_cm=0.0)
    plaques = sample_texture(CZT_GRID.shape, CZT_GRID.voxel_mm, uneven, rng)
    muscle = slots.myocardium()[_camera_box(body)].clone()
    noise = ImageNoise(
        relative_sd=1 / np.sqrt(scenario.acquisition.counts),
        window=Gaussian(NOISE_TO_FILTER * max(filter_.fwhm_mm, 5.0)),
        knee_per_cm=PINHOLE_NOISE_KNEE,
    )
    haze = SpatialResolution(body, SCATTER_FWHM_MM)

    def imaged(still: Tensor) -> Tensor:
        activity = averaged_over(still, course_mm, body.voxel_mm)
        image = camera.apply(activity + effects.scatter_part * haze.apply(activity))
        smooth = filtered(image, CZT_GRID.voxel_mm, filter_)
        shown = torch.where(image > 0, smooth.clamp(min=1e-6), image)
        return with_waves(shown, plaques, uneven, _wall_level(shown, muscle))

    # One after the other: all slots of a wide body are larger than all of their images.
    phases = [imaged(each.activity) for each in chain([first], maps)]
    volumes = [
        _noisy(image, CZT_GRID, noise, muscle, rng, len(phases))
        for image in gated(scenario.gating, phases)
    ]
    return ImagedExam(volumes, _centered(CZT_GRID, field.center_mm))


def _pinhole_camera(
    scenario: ExamScenario,
    body: TransaxialGrid,
    attenuation_per_cm: Tensor,
    rng: np.random.Generator,
) -> MultiPinholeCamera:
    """The camera around one patient, with the blotches that its rim happens to have."""
    effects = scenario.acquisition.pinhole
    blotches = sample_blotches(
        CZT_GRID.shape, CZT_GRID.voxel_mm, effects.rim_spread, rng, RIM_BLOTCH_MM
    ) * HotRim.away_from(CZT_GRID, DETECTORS_DEG, effects.rim_steepness)
    return MultiPinholeCamera.of_body(
        body,
        attenuation_per_cm * effects.attenuation_part,
        _first_voxel(body),
        effects.rim_strength,
        blotches.to(torch.float32),
    )


def _first_voxel(body: TransaxialGrid) -> tuple[int, int, int]:
    """Voxel of the body that is the camera's first: both have the same middle."""
    slices, rows, columns = (
        (around - within) // 2 for around, within in zip(body.shape, CZT_GRID.shape, strict=True)
    )
    return slices, rows, columns


def _camera_box(body: TransaxialGrid) -> tuple[slice, ...]:
    return tuple(
        slice(first, first + size)
        for first, size in zip(_first_voxel(body), CZT_GRID.shape, strict=True)
    )


def image_pet(
    scenario: ExamScenario, rng: np.random.Generator, course_mm: FloatArray
) -> ImagedExam:
    """Simulate a PET exam: even resolution, attenuation corrected, lower noise.

    `course_mm` as in `image_multi_pinhole`.
    """
    field = scenario.field_of_view
    slices = int(np.ceil(field.slices * field.slice_mm / PET_VOXEL_MM))
    pixels = 2 * int(np.ceil(field.matrix * field.pixel_mm / PET_VOXEL_MM / 2))
    body = TransaxialGrid(slices + 2 * MARGIN_SLICES, pixels, PET_VOXEL_MM, PET_VOXEL_MM)
    grid = _centered(body, field.center_mm)
    camera = PetCamera(body, scenario.reconstruction.post_filter.fwhm_mm)
    noise = ImageNoise(
        relative_sd=1 / np.sqrt(scenario.acquisition.counts),
        window=Gaussian(scenario.reconstruction.post_filter.fwhm_mm * 1.3),
        knee_per_cm=PET_NOISE_KNEE,
    )
    slots = DrawnSlots(scenario, grid)
    phases = [
        camera.apply(averaged_over(drawn.activity, course_mm, body.voxel_mm)) for drawn in slots
    ]
    muscle = slots.myocardium()
    volumes = [
        _noisy(image, body, noise, muscle, rng, len(phases))
        for image in gated(scenario.gating, phases)
    ]
    return ImagedExam(volumes, grid)


def _noisy(
    image: Tensor,
    grid: TransaxialGrid,
    noise: ImageNoise,
    muscle: Tensor,
    rng: np.random.Generator,
    time_slots: int,
) -> Tensor:
    """Add noise relative to the level of the wall; each of several gates has its share of it."""
    reference = _wall_level(image, muscle)
    spread = ImageNoise(
        noise.relative_sd * np.sqrt(time_slots), noise.exponent, noise.window, noise.knee_per_cm
    )
    noisy = sample_noisy_image(image, grid.voxel_mm, spread, reference, rng)
    return noisy / (reference * time_slots)


def _wall_level(image: Tensor, muscle: Tensor) -> float:
    wall = image[muscle > WALL_PART]
    return float(wall.quantile(0.8)) if wall.numel() else float(image.max())


def _body_around(
    scenario: ExamScenario, pixel_mm: float, slices: int, pixels: int
) -> TransaxialGrid:
    """Voxels around the camera's field that take in the whole width of the body."""
    torso, field = scenario.phantom.torso, scenario.field_of_view
    off_mm = np.abs(np.array(field.center_mm) - np.array(scenario.phantom.body_center_mm))
    reach_mm = max(
        off_mm[0] + half_width_with_arms_mm(torso), off_mm[1] + 1.05 * torso.body.half_depth_mm
    )
    wide = max(pixels, 2 * int(np.ceil(reach_mm / pixel_mm)))
    wide += (wide - pixels) % 2
    return TransaxialGrid(slices + 2 * MARGIN_SLICES, wide, pixel_mm, pixel_mm)


def _centered(body: TransaxialGrid, center_mm: tuple[float, float, float]) -> Grid:
    return FieldOfView(body.slices, body.pixels, body.pixel_mm, body.slice_mm, center_mm).grid
