"""Exams of parallel-hole cameras that PyTomography projects and reconstructs.

Phantom, orbit, collimator, counts and post-filter are those of the scenario. What differs from
``shortaxis.simulation``: the projector (bilinear rotation, sampled Gaussian kernels), which sees
voxels half as wide as the detector's pixels, so that nothing is reconstructed with the voxels it
was projected with; and OSEM, which also takes the place of filtered back projection. PyTomography
has no analytic model of scatter: the same estimate as in ``shortaxis.camera`` is added to its
projections, and known to its reconstruction where the scenario corrects for it.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool3d

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pytomography.algorithms import OSEM
    from pytomography.likelihoods import PoissonLogLikelihood
    from pytomography.metadata.SPECT import SPECTObjectMeta, SPECTProjMeta, SPECTPSFMeta
    from pytomography.projectors.SPECT import SPECTSystemMatrix
    from pytomography.transforms.SPECT import SPECTAttenuationTransform, SPECTPSFTransform

from shortaxis.camera.collimator import FWHM_PER_SIGMA, Collimator
from shortaxis.camera.detector_binning import rebin_projections
from shortaxis.camera.noise import sample_counts, scale_to_maximum
from shortaxis.camera.orbits import Orbit
from shortaxis.camera.projector import SpectProjector
from shortaxis.camera.rotation import ParallelProjection
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.drawing import draw_myocardium, draw_phantom
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.filtering import filtered
from shortaxis.simulation.parallel_camera import (
    ParallelCamera,
    body_voxels,
    camera_around,
    cropped_to_detector,
    grid_of,
)
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import exam_of_volumes

__all__ = ["simulate_by_pytomography"]

FINER = 2
"""Pixels of the projected voxels in one of the detector's; slices are as thick as the detector's.

A projection takes 2 to 6 s on one core; with slices half as thick it would take 7 to 17 s."""

RADIUS_STEP_MM = 4.0
"""PyTomography makes kernels anew for each radius: radii are rounded. 2 mm change the response
by 0.1 mm."""

KERNEL_SIGMAS = 3.0


def simulate_by_pytomography(scenario: ExamScenario) -> SimulatedExam:
    """Simulate an ungated exam of parallel holes, during which the patient lies still."""
    rng = np.random.default_rng([scenario.number, 5, scenario.exam_seed])
    body = body_voxels(scenario)
    fine = replace(body, pixels=body.pixels * FINER, pixel_mm=body.pixel_mm / FINER)
    maps = draw_phantom(
        scenario.phantom, grid_of(fine, scenario), energy_kev=scenario.acquisition.energy_kev
    )
    activity, attenuation = _coarse(maps.activity) * FINER**2, _coarse(maps.attenuation_per_cm)
    camera = camera_around(scenario, body, attenuation)
    matrix = _system(fine, camera.orbit, maps.attenuation_per_cm, camera.collimator)
    primary = rebin_projections(_project(matrix, maps.activity), fine, body)
    scatter = _scatter(camera, activity, attenuation)
    share = _share(scenario, camera, primary + scatter)
    expected, known = (
        rebin_projections(counts * share, body, camera.detector)
        for counts in (primary + scatter, scatter)
    )
    counts = sample_counts(expected.clamp(min=0), rng)
    volume = _reconstruct(scenario, camera, counts, cropped_to_detector(attenuation, camera), known)
    return exam_of_volumes(scenario, [volume], camera.detector_grid)


def _coarse(volume: Tensor) -> Tensor:
    return avg_pool3d(volume[None], (1, FINER, FINER))[0]


def _scatter(camera: ParallelCamera, activity: Tensor, attenuation_per_cm: Tensor) -> Tensor:
    """Scattered counts by our own model, ``(angular_view, slice, bin)`` in the body's voxels."""
    projector = SpectProjector(
        camera.body, camera.orbit, attenuation_per_cm, camera.collimator, camera.scatter
    )
    return projector.expected_scatter(activity)


def _share(scenario: ExamScenario, camera: ParallelCamera, expected: Tensor) -> float:
    """Factor from activity to counts: the hottest bin of the myocardium is to have `counts`."""
    muscle = draw_myocardium(scenario.phantom, camera.body_grid)
    seen = ParallelProjection(camera.body, camera.orbit.angles_deg).apply(muscle)
    scaled = scale_to_maximum(expected, scenario.acquisition.counts, seen)
    return float(scaled.max() / expected.max())


def _reconstruct(
    scenario: ExamScenario,
    camera: ParallelCamera,
    counts: Tensor,
    attenuation_per_cm: Tensor,
    scatter: Tensor,
) -> Tensor:
    settings = scenario.reconstruction
    matrix = _system(
        camera.detector,
        camera.orbit,
        attenuation_per_cm if settings.attenuation_corrected else None,
        camera.collimator if settings.resolution_modelled else None,
    )
    known = _to_theirs(scatter) if settings.scatter_corrected else None
    likelihood = PoissonLogLikelihood(matrix, _to_theirs(counts), known)
    subsets = min(settings.subsets, len(counts) // 2)
    volume = OSEM(likelihood)(settings.iterations, subsets).permute(2, 1, 0).contiguous()
    smooth = filtered(volume, camera.detector.voxel_mm, settings.post_filter)
    return smooth.clamp(min=0)


def _project(matrix: SPECTSystemMatrix, activity: Tensor) -> Tensor:
    counts: Tensor = matrix.forward(activity.permute(2, 1, 0).contiguous())
    return counts.permute(0, 2, 1).contiguous()


def _to_theirs(projections: Tensor) -> Tensor:
    return projections.permute(0, 2, 1).contiguous()


def _system(
    grid: TransaxialGrid,
    orbit: Orbit,
    attenuation_per_cm: Tensor | None,
    collimator: Collimator | None,
) -> SPECTSystemMatrix:
    """PyTomography's system matrix; its volumes are (x, y, z), its angles turned by 180 degrees."""
    transforms = []
    if attenuation_per_cm is not None:
        theirs = attenuation_per_cm.permute(2, 1, 0).contiguous()
        transforms.append(SPECTAttenuationTransform(theirs))
    if collimator is not None:
        transforms.append(SPECTPSFTransform(_response(collimator)))
    size_cm = [grid.pixel_mm / 10, grid.pixel_mm / 10, grid.slice_mm / 10]
    angles = [(angle + 180) % 360 for angle in orbit.angles_deg]
    radii = np.round(np.array(orbit.radial_position_mm) / RADIUS_STEP_MM) * RADIUS_STEP_MM / 10
    return SPECTSystemMatrix(
        transforms,
        [],
        SPECTObjectMeta(size_cm, [grid.pixels, grid.pixels, grid.slices]),
        SPECTProjMeta((grid.pixels, grid.slices), size_cm[1:], angles, radii=radii),
    )


def _response(collimator: Collimator) -> SPECTPSFMeta:
    def sigma_cm(distance_cm: FloatArray) -> FloatArray:
        fwhm_mm = collimator.fwhm_mm(torch.from_numpy(10 * np.asarray(distance_cm)))
        return np.asarray(fwhm_mm / FWHM_PER_SIGMA / 10, dtype=np.float64)

    return SPECTPSFMeta((), sigma_cm, min_sigmas=KERNEL_SIGMAS)
