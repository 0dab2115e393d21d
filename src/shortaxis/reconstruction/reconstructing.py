"""Projections to volumes: the one call of this room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.reconstruction.attenuation import AttenuationMap
from shortaxis.reconstruction.blur import CollimatorBlur
from shortaxis.reconstruction.camera_voxels import CameraVoxels
from shortaxis.reconstruction.checks import notes_on, require_counts
from shortaxis.reconstruction.collimators import COLLIMATORS
from shortaxis.reconstruction.fbp import backprojected
from shortaxis.reconstruction.filtering import filtered, filtered_over_slots, require_cutoff
from shortaxis.reconstruction.osem import OrderedSubsets, subsets_possible
from shortaxis.reconstruction.projector import (
    BlurredProjector,
    LineProjector,
    Projector,
    to_rays,
    to_volume,
)
from shortaxis.reconstruction.registration import registration_of
from shortaxis.reconstruction.scatter import scatter_estimate
from shortaxis.reconstruction.settings import ReconstructionSettings
from shortaxis.spect.projections import Projections
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.volume import SpectVolume

__all__ = ["Progress", "Reconstructed", "photopeak_kev", "projector_of", "reconstruct"]

Progress = Callable[[float], None]
"""Is told the part that is done, from 0 to 1."""


@dataclass(frozen=True, eq=False)
class Reconstructed:
    """What became of projections.

    Parameters
    ----------
    volume : SpectVolume
        Ungated, or the sum of the time slots; upright in LPS: slices to the head, rows to the
        back, columns to the left, the axis of rotation in the middle. A voxel holds the counts
        that it gives to all views together.
    time_slots : tuple of SpectVolume
        One for each slot of a gated study, in order; empty if it is ungated.
    settings : ReconstructionSettings
        As used.
    notes : tuple of ReadingNote
        What was found; doubtful ones give reason to look.
    """

    volume: SpectVolume
    time_slots: tuple[SpectVolume, ...]
    settings: ReconstructionSettings
    notes: tuple[ReadingNote, ...] = ()


def reconstruct(
    projections: Projections,
    settings: ReconstructionSettings,
    *,
    attenuation: AttenuationMap | None = None,
    progress: Progress | None = None,
) -> Reconstructed:
    """Reconstruct a study, all time slots of a gated one.

    Parameters
    ----------
    attenuation : AttenuationMap, optional
        Needed, and used, if the settings correct for attenuation.
    progress : callable, optional
        Called with the part that is done, from 0 to 1.

    Raises
    ------
    OptionError
        If the settings ask for what the projections do not hold: energy windows, an arc for
        filtered backprojection, an attenuation map.
    CountsError
        If there are no counts, or some that are negative or not finite.
    """
    require_counts(projections)
    voxels = CameraVoxels.of(projections)
    require_cutoff(settings.post_filter, max(voxels.spacing_mm))
    per_cm = _attenuation_per_cm(projections, settings, voxels, attenuation)
    projector = projector_of(projections, settings, per_cm)
    settings, fewer = _with_possible_subsets(projections, settings)
    slots = _slot_volumes(projections, settings, projector, progress)
    if settings.temporal_filter and projections.is_gated:
        slots = filtered_over_slots(slots)
    for slot in slots:
        smooth = filtered(slot, voxels.spacing_mm, settings.post_filter)
        np.maximum(smooth, 0, out=slot)
    total = slots.sum(axis=0)
    notes = (*notes_on(projections), *fewer)
    if per_cm is not None:
        found = registration_of(total, per_cm, photopeak_kev(projections))
        if found.is_doubtful:
            notes += (ReadingNote(found.words, is_doubtful=True),)
    affine = voxels.grid.patient_from_index
    gated = slots if projections.is_gated else slots[:0]
    return Reconstructed(
        SpectVolume(total, affine),
        tuple(SpectVolume(each, affine) for each in gated),
        settings,
        notes,
    )


def _with_possible_subsets(
    projections: Projections, settings: ReconstructionSettings
) -> tuple[ReconstructionSettings, tuple[ReadingNote, ...]]:
    """Settings as they are used, and what is said where that is not as they were asked for."""
    views = len(projections.angles_deg)
    possible = subsets_possible(views, settings.subsets)
    if settings.method != "osem" or possible == settings.subsets:
        return settings, ()
    note = ReadingNote(
        f"{settings.subsets} subsets were asked for; {views} views allow {possible}, which were "
        "used"
    )
    return replace(settings, subsets=possible), (note,)


def photopeak_kev(projections: Projections) -> float:
    """Middle of the window that holds the photopeak."""
    lower, upper = projections.windows_kev[0]
    return (lower + upper) / 2


def projector_of(
    projections: Projections,
    settings: ReconstructionSettings,
    attenuation_per_cm: CountsArray | None = None,
) -> Projector:
    """The camera as the settings model it; attenuation is ``(slice, row, column)``, 1/cm."""
    voxels, angles = CameraVoxels.of(projections), projections.angles_deg
    if settings.collimator is None and attenuation_per_cm is None:
        return LineProjector(voxels, angles)
    blur = None
    if settings.collimator is not None:
        collimator = COLLIMATORS[settings.collimator]
        blur = CollimatorBlur(voxels, collimator, photopeak_kev(projections))
    radii = projections.radial_position_mm
    return BlurredProjector(voxels, angles, radii, blur, attenuation_per_cm)


def _attenuation_per_cm(
    projections: Projections,
    settings: ReconstructionSettings,
    voxels: CameraVoxels,
    attenuation: AttenuationMap | None,
) -> CountsArray | None:
    if not settings.attenuation_corrected:
        return None
    if attenuation is None:
        raise OptionError(
            "attenuation correction without a map",
            expected="CT or an attenuation map",
            found="none",
            way_on="give a map, or reconstruct without attenuation correction",
        )
    return attenuation.per_cm_on(voxels.grid, photopeak_kev(projections))


@dataclass
class _Ticks:
    """Tells how much is done."""

    total: int
    progress: Progress | None
    done: int = field(default=0)

    def tick(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(min(self.done / self.total, 1.0))


def _slot_volumes(
    projections: Projections,
    settings: ReconstructionSettings,
    projector: Projector,
    progress: Progress | None,
) -> CountsArray:
    """``(time_slot, slice, row, column)``, not filtered."""
    voxels, views = CameraVoxels.of(projections), len(projections.angles_deg)
    scatter = scatter_estimate(projections, settings.scatter)
    subsets = OrderedSubsets(projector, views, voxels.pixels, settings.iterations, settings.subsets)
    slots = len(projections.counts[0])
    is_osem = settings.method == "osem"
    ticks = _Ticks(slots * (subsets.updates if is_osem else 1), progress)
    volumes = np.empty((slots, *voxels.shape), dtype=np.float32)
    for slot, counts in enumerate(projections.counts[0]):
        rays = to_rays(counts)
        known = None if scatter is None else to_rays(scatter[slot])
        if is_osem:
            columns = subsets.reconstruct(rays, known, ticks.tick)
        else:
            rays = rays if known is None else rays - known
            columns = backprojected(projector, rays, projections.angles_deg)
            ticks.tick()
        volumes[slot] = to_volume(columns, voxels) * np.float32(views)
    return volumes
