"""Where a patient's shift moves the content of each view, and views moved by it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.projections import Projections, view_axes

__all__ = ["pixels_from_patient", "shifted_views", "steps_of_views"]

STILL = 1e-6
"""Pixels: less is no shift."""


def pixels_from_patient(projections: Projections) -> FloatArray:
    """``(view, 2, 3)``: pixels towards higher rows and bins, for a shift in LPS mm."""
    row_mm, bin_mm = projections.pixel_mm
    matrices = np.zeros((len(projections.angles_deg), 2, 3))
    for matrix, angle in zip(matrices, projections.angles_deg, strict=True):
        bins, _ = view_axes(angle)
        matrix[0, 2] = -1 / row_mm
        matrix[1] = bins / bin_mm
    return matrices


def steps_of_views(projections: Projections) -> NDArray[np.int64]:
    """Step of the acquisition at which each view was taken: all heads count at the same time."""
    return np.concatenate([np.arange(len(run)) for run in projections.views_of_heads])


def shifted_views(views: CountsArray, pixels: FloatArray) -> CountsArray:
    """Content ``(..., view, row, bin)`` moved by ``(view, 2)`` pixels: cubic, edges repeated."""
    moved = np.array(views, dtype=np.float32)
    for view, shift in enumerate(pixels):
        if np.abs(shift).max() <= STILL:
            continue
        # One image at a time: together, windows and slots would be padded like rows.
        for others in np.ndindex(*views.shape[:-3]):
            place = (*others, view)
            moved[place] = ndimage.shift(views[place], shift, mode="nearest")
    return moved
