"""Pictures of raw views on which motion is seen: cine, sinogram, linogram."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.geometry.arrays import CountsArray
from shortaxis.reconstruction.motion.course import MotionFound
from shortaxis.spect.projections import Projections

__all__ = ["MotionDisplays", "displays_of"]


@dataclass(frozen=True, eq=False)
class MotionDisplays:
    """What is looked at; time runs from the first view of the first head to the last of the last.

    Parameters
    ----------
    cine : (angular_view, row, bin) array
        The views of the photopeak, summed over time slots.
    sinogram : (angular_view, bin) array
        Sum over the rows of the heart's third: lateral motion is a step in it.
    linogram : (angular_view, row) array
        Sum over the bins: vertical motion is a step in it.
    marked_views : tuple of int
        First view after each jump, for every head.
    """

    cine: CountsArray
    sinogram: CountsArray
    linogram: CountsArray
    marked_views: tuple[int, ...]


def displays_of(projections: Projections, found: MotionFound) -> MotionDisplays:
    """Cine, sinogram and linogram, with the jumps of `found` marked."""
    raise NotImplementedError
