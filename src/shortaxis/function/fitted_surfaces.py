"""Surfaces of every slot that enclose the volumes that are told.

The middle of the wall is what the network sees best. So it stays, and the wall about it is made as
thick in every slot as the volume of the cavity asks for; from place to place it thickens as a wall
does that keeps its volume.
"""

from __future__ import annotations

import numpy as np

from shortaxis.function.beating_wall import BeatingWall
from shortaxis.function.uncorrected import conserved_thickness_mm
from shortaxis.geometry.arrays import FloatArray
from shortaxis.ventricle.integration import cavity_ml
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.valve_plane import ValvePlane
from shortaxis.ventricle.wall_network import MIN_RADIUS_MM

__all__ = ["ENCLOSED_WITHIN", "enclosing_surfaces"]

ENCLOSED_WITHIN = 0.03
"""Part of a volume by which the surfaces may miss it."""

TIMES = (0.3, 3.0)
"""Of the thickness that the network gives."""

STEPS = 12


def enclosing_surfaces(
    beating: BeatingWall, cavity: FloatArray
) -> tuple[tuple[VentricleSurfaces, ...], float]:
    """Surfaces with volumes ``cavity`` (slot,) ml, and the largest part by which one is missed."""
    valves = beating.valves
    still = beating.thickness_mm.mean(axis=0)
    kept = conserved_thickness_mm(beating.middle_mm, still, valves)
    fitted = [
        _fitted(middle, thickness, valve, wanted)
        for middle, thickness, valve, wanted in zip(
            beating.middle_mm, kept, valves, cavity.tolist(), strict=True
        )
    ]
    surfaces = beating.surfaces(np.stack([each for each, _ in fitted]))
    return surfaces, max(missed for _, missed in fitted)


def _fitted(
    middle: FloatArray, thickness: FloatArray, valve: ValvePlane, wanted_ml: float
) -> tuple[FloatArray, float]:
    """Thickness with which the cavity has a volume, by halving; the volume falls with it."""
    low, high = TIMES
    for _ in range(STEPS):
        times = (low + high) / 2
        if _cavity(middle, times * thickness, valve) > wanted_ml:
            low = times
        else:
            high = times
    fitted = (low + high) / 2 * thickness
    return fitted, abs(_cavity(middle, fitted, valve) / max(wanted_ml, 1e-6) - 1)


def _cavity(middle: FloatArray, thickness: FloatArray, valve: ValvePlane) -> float:
    return cavity_ml(np.maximum(middle - thickness / 2, MIN_RADIUS_MM), valve)
