"""Pictures of raw views on which motion is seen: cine, sinogram, linogram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.geometry.arrays import CountsArray
from shortaxis.reconstruction.checks import photopeak_views
from shortaxis.reconstruction.motion.course import MotionFound
from shortaxis.spect.projections import Projections

__all__ = ["MotionDisplays", "displays_of"]


@dataclass(frozen=True, eq=False)
class MotionDisplays:
    """What is looked at; views follow each other as stored, head by head.

    Parameters
    ----------
    cine : (angular_view, row, bin) array
        Counts of the photopeak, summed over time slots.
    sinogram : (angular_view, bin) array
        Counts of the middle half of the rows: motion across the body is a step in it.
    linogram : (angular_view, row) array
        Counts over all bins: motion along the body is a step in it.
    marked_views : tuple of int
        First view after each jump, for every head.
    """

    cine: CountsArray
    sinogram: CountsArray
    linogram: CountsArray
    marked_views: tuple[int, ...]


def displays_of(projections: Projections, found: MotionFound) -> MotionDisplays:
    """Cine, sinogram and linogram, with the jumps of `found` marked."""
    cine = photopeak_views(projections)
    rows = cine.shape[1]
    middle = cine[:, rows // 4 : max(rows - rows // 4, rows // 4 + 1)]
    marked = sorted(run[jump.step] for run in projections.views_of_heads for jump in found.jumps)
    return MotionDisplays(
        cine,
        np.asarray(middle.sum(axis=1), dtype=np.float32),
        np.asarray(cine.sum(axis=2), dtype=np.float32),
        tuple(marked),
    )
