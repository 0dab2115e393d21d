"""Uptake of drawn surfaces: the hottest counts between endo- and epicardium, along every ray."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.surfaces import VentricleSurfaces

__all__ = ["uptake_on_rays"]

DEPTHS = np.linspace(0.1, 0.9, 5)
"""Of the wall, 0 endocardium and 1 epicardium: a neighbour that touches it stays outside."""


def uptake_on_rays(
    surfaces: VentricleSurfaces, volume: SpectVolume, level_100: float
) -> FloatArray:
    """Per cent (row, angle) of the counts that a polar map calls 100."""
    points = np.stack([surfaces.points_mm(depth) for depth in DEPTHS])
    index = apply_affine(invert_affine(volume.patient_from_index), surfaces.pose.to_patient(points))
    counts: FloatArray = ndimage.map_coordinates(
        volume.counts, np.moveaxis(index, -1, 0), order=1, cval=0.0, output=np.float64
    )
    uptake: FloatArray = 100 * counts.max(axis=0) / level_100
    return uptake
