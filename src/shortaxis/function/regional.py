"""How each place of the wall moves and thickens between end-diastole and end-systole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shortaxis.function.harmonics import BeatFit
from shortaxis.function.segment_means import WallPlaces
from shortaxis.function.volume_curve import VolumeCurve
from shortaxis.function.wall_counts import WallCounts
from shortaxis.geometry.arrays import FloatArray
from shortaxis.ventricle.surfaces import VentricleSurfaces

__all__ = ["RegionalFunction", "regional_function"]

SegmentValues = Mapping[int, float | None]


@dataclass(frozen=True, eq=False)
class RegionalFunction:
    """Values from end-diastole to end-systole of the whole heart, (row, angle) and by segment.

    Parameters
    ----------
    motion_mm : (row, angle) array
        Of the endocardium along the rays, inwards.
    thickening : (row, angle) array
        Of the drawn wall, as a part of its end-diastolic thickness.
    brightening : (row, angle) array
        Of the counts of the wall, as a part of the end-diastolic ones: thickening by counts.
    segment_motion_mm, segment_thickening, segment_brightening : mappings
        By the number of the segment; None where no wall is.
    """

    motion_mm: FloatArray
    thickening: FloatArray
    brightening: FloatArray
    segment_motion_mm: SegmentValues
    segment_thickening: SegmentValues
    segment_brightening: SegmentValues


def regional_function(
    surfaces: Sequence[VentricleSurfaces],
    curve: VolumeCurve,
    counts: WallCounts,
    places: WallPlaces,
) -> RegionalFunction:
    """Compare the two moments, read from the harmonics of all slots."""
    fit = BeatFit(np.ones(len(surfaces), dtype=bool), curve.harmonics)
    ends = np.array([curve.end_diastole, curve.end_systole])

    def at_ends(values: FloatArray) -> FloatArray:
        return fit.at(fit.coefficients(values), ends)

    inner = at_ends(np.stack([each.endocardium_mm for each in surfaces]))
    thick = at_ends(np.stack([each.thickness_mm for each in surfaces]))
    motion = inner[0] - inner[1]
    thickening = thick[1] / np.maximum(thick[0], 1.0) - 1
    turn = np.exp(-2j * np.pi * ends)
    diastolic, systolic = (np.real(counts.wave * each) for each in turn)
    brightening = (1 + systolic) / np.maximum(1 + diastolic, 0.3) - 1
    return RegionalFunction(
        motion,
        thickening,
        brightening,
        places.segment_means(motion),
        places.segment_means(thickening),
        places.segment_means(brightening),
    )
