"""Motion, thickening and phase of the wall on the levels and angles of a polar map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.function.phase import PhaseAnalysis
from shortaxis.function.segment_means import WallPlaces
from shortaxis.geometry.arrays import FloatArray

__all__ = ["FunctionMap", "as_polar", "function_maps"]

POLAR_LEVELS, POLAR_ANGLES = 24, 48


@dataclass(frozen=True, eq=False)
class FunctionMap:
    """One polar map.

    Parameters
    ----------
    name, title : str
        With the unit.
    values : (row, angle) array
        On the rays of the wall.
    segments : mapping
        Mean by the number of the segment; None where nothing was measured.
    limits : (low, high)
        Of the colours.
    """

    name: str
    title: str
    values: FloatArray
    segments: Mapping[int, float | None]
    limits: tuple[float, float]


def function_maps(measured: LeftVentricularFunction) -> tuple[FunctionMap, ...]:
    """The maps that page, picture and report show; of phases only where they are told."""
    regional = measured.regional
    maps = (
        FunctionMap(
            "motion", "Motion (mm)", regional.motion_mm, regional.segment_motion_mm, (-3.0, 12.0)
        ),
        FunctionMap(
            "thickening",
            "Thickening by counts (%)",
            100 * regional.brightening,
            {n: None if v is None else 100 * v for n, v in regional.segment_brightening.items()},
            (-10.0, 70.0),
        ),
    )
    return (*maps, _phase_map(measured.phase)) if measured.phase.is_told else maps


def _phase_map(phase: PhaseAnalysis) -> FunctionMap:
    off = _turned(phase.phase_deg - phase.mean_deg)
    late = {
        number: None if value is None else float(_turned(np.array(value - phase.mean_deg)))
        for number, value in phase.segments.items()
    }
    return FunctionMap("phase", "Phase less its mean (degrees)", off, late, (-60.0, 60.0))


def _turned(angle_deg: FloatArray) -> FloatArray:
    """To -180 to 180."""
    turned: FloatArray = (angle_deg + 180) % 360 - 180
    return turned


def as_polar(values: FloatArray, places: WallPlaces) -> tuple[FloatArray, FloatArray]:
    """Values (level, angle) of a polar map, of the nearest ray of the wall, and its angles."""
    from scipy.interpolate import NearestNDInterpolator

    inside = places.areas_mm2 > 0
    turn = np.deg2rad(places.angles_deg[inside])
    radius = np.clip(places.heights[inside], 0, 1)
    known = np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)
    levels = (np.arange(POLAR_LEVELS) + 0.5) / POLAR_LEVELS
    angles = 360 * (np.arange(POLAR_ANGLES) + 0.5) / POLAR_ANGLES
    around = np.deg2rad(angles)
    wanted = np.stack([levels[:, None] * np.cos(around), levels[:, None] * np.sin(around)], axis=-1)
    found: FloatArray = NearestNDInterpolator(known, values[inside])(wanted)
    return found, angles
