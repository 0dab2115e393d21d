"""From the counts of every time slot to volumes, as the scenario reconstructs and filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from shortaxis.camera.fbp import reconstruct_fbp
from shortaxis.camera.osem import OrderedSubsets
from shortaxis.camera.projector import SpectProjector
from shortaxis.camera.stacked_projector import StackedProjector
from shortaxis.simulation.acquisition import Reconstruction
from shortaxis.simulation.filtering import filtered
from shortaxis.simulation.parallel_camera import ParallelCamera
from shortaxis.simulation.scenario import ExamScenario

__all__ = ["reconstructed"]

Reconstruct = Callable[[Tensor, Tensor | None], Tensor]
"""From counts and known scatter to a volume that is not filtered yet."""


def reconstructed(
    scenario: ExamScenario,
    camera: ParallelCamera,
    attenuation_per_cm: Tensor,
    counts: Sequence[Tensor],
    scatter: Sequence[Tensor | None],
) -> list[Tensor]:
    """Filtered reconstructions of every time slot, ``(slice, row, column)``, none below zero.

    Parameters
    ----------
    attenuation_per_cm : (slice, row, column) tensor
        On the voxels of the detector.
    counts, scatter : sequences of (angular_view, slice, bin) tensors
        Of every time slot, in the detector's bins; scatter that is not known is None.
    """
    settings = scenario.reconstruction
    if scenario.slots_at_once:
        volumes = _at_once(settings, camera, attenuation_per_cm, counts, scatter)
    else:
        reconstruct = _reconstruction(settings, camera, attenuation_per_cm, 1)
        volumes = [reconstruct(*each) for each in zip(counts, scatter, strict=True)]
    views = camera.orbit.angular_views
    voxel_mm = camera.detector.voxel_mm
    return [
        (filtered(volume, voxel_mm, settings.post_filter) * views).clamp(min=0)
        for volume in volumes
    ]


def _at_once(
    settings: Reconstruction,
    camera: ParallelCamera,
    attenuation_per_cm: Tensor,
    counts: Sequence[Tensor],
    scatter: Sequence[Tensor | None],
) -> list[Tensor]:
    """All time slots in one, one above the other."""
    reconstruct = _reconstruction(settings, camera, attenuation_per_cm, len(counts))
    known = [each for each in scatter if each is not None]
    volume = reconstruct(torch.cat(list(counts), dim=1), torch.cat(known, dim=1) if known else None)
    return list(volume.chunk(len(counts)))


def _reconstruction(
    settings: Reconstruction, camera: ParallelCamera, attenuation_per_cm: Tensor, volumes: int
) -> Reconstruct:
    """For one volume, or for several at once that lie one above the other."""
    stacked = replace(camera.detector, slices=volumes * camera.detector.slices)
    if settings.method == "fbp":
        return lambda counts, scatter: reconstruct_fbp(counts, stacked, camera.orbit)
    attenuation = attenuation_per_cm if settings.attenuation_corrected else None
    collimator = camera.collimator if settings.resolution_modelled else None
    model: SpectProjector | StackedProjector
    if volumes == 1 or (attenuation is None and collimator is None):
        # Sums along straight lines leave slices apart: more of them are a taller volume.
        model = SpectProjector(stacked, camera.orbit, attenuation, collimator)
    else:
        model = StackedProjector(camera.detector, volumes, camera.orbit, attenuation, collimator)
    subsets = min(settings.subsets, camera.orbit.angular_views // 2)
    return OrderedSubsets(model, settings.iterations, subsets).reconstruct
