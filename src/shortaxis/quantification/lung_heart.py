"""The lung-heart ratio: counts of the left lung beside the ventricle, over those of its wall.

More tracer in the lungs goes with a high filling pressure. The published limits are those of planar
images; in slices there is no overlap, so the ratio is another number and has no limits yet.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.tracing import TracedVentricle
from shortaxis.spect.volume import SpectVolume

__all__ = ["lung_heart_ratio"]

DIRECTIONS = 400
LEFT_UP = (0.1, 0.35)
"""Least components to the patient's left and to the head: there lies lung, whatever the heart's
axis; the great vessels lie to the right, the liver below."""

FRONT = -0.6
"""Least component to the back: further in front lies the chest wall."""

FROM_MM, TO_MM, STEP_MM = 55.0, 80.0, 5.0
"""From the ventricle's middle: beyond its wall and what blur spreads of it."""

MIN_INSIDE = 0.5
"""Part of the places that must lie in the field of view."""


def lung_heart_ratio(volume: SpectVolume, traced: TracedVentricle) -> float | None:
    """Median counts of the lung over the mean of the wall's; None if the field ends before it.

    Half of the places may be vessels, ribs or fissures without a change.
    """
    middle = (traced.ends.apex_z_mm + traced.ends.valve_z_mm) / 2
    center = traced.pose.to_patient(np.array([0.0, 0.0, middle]))
    distances = np.arange(FROM_MM, TO_MM + STEP_MM, STEP_MM)
    places = center + _directions()[:, None] * distances[:, None]
    index = apply_affine(invert_affine(volume.patient_from_index), places)
    inside = ((index >= 0) & (index <= np.array(volume.shape) - 1)).all(axis=-1)
    if inside.mean() < MIN_INSIDE:
        return None
    lung: FloatArray = ndimage.map_coordinates(
        volume.counts, index[inside].T, order=1, output=np.float64
    )
    polar_map = traced.polar_map
    wall = float(np.average(polar_map.counts, weights=polar_map.area_mm2))
    return float(np.median(lung)) / wall if wall > 0 else None


def _directions() -> FloatArray:
    """Unit vectors (direction, 3), LPS, evenly spread over the part of the sphere that is lung."""
    # A spiral of the golden angle from the feet to the head.
    number = np.arange(DIRECTIONS) + 0.5
    z = 2 * number / DIRECTIONS - 1
    turn = np.pi * (1 + np.sqrt(5)) * number
    across = np.sqrt(1 - z**2)
    every = np.stack([across * np.cos(turn), across * np.sin(turn), z], axis=-1)
    left, up = LEFT_UP
    kept: FloatArray = every[(every[:, 0] >= left) & (every[:, 1] >= FRONT) & (every[:, 2] >= up)]
    return kept
