"""Projections to volumes: the one call of this room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shortaxis.reconstruction.attenuation import AttenuationMap
from shortaxis.reconstruction.settings import ReconstructionSettings
from shortaxis.spect.projections import Projections
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.volume import SpectVolume

__all__ = ["Reconstructed", "reconstruct"]

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
    raise NotImplementedError
