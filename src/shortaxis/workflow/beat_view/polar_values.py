"""Motion, thickening and phase of the wall on the levels and angles of a polar map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.function.phase import PhaseAnalysis
from shortaxis.function.segment_means import WallPlaces
from shortaxis.geometry.arrays import FloatArray
from shortaxis.workflow.beat_view.phase_plot import PHASE_TICKS

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

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
    unit : str
        In words.
    ticks : tuple of int
        Values that are written beside the colours.
    is_circle : bool
        Whether both limits are the same moment, and have the same colour.
    """

    name: str
    title: str
    values: FloatArray
    segments: Mapping[int, float | None]
    limits: tuple[float, float]
    unit: str
    ticks: tuple[int, ...]
    is_circle: bool = False

    @property
    def scale_words(self) -> str:
        """What the colours mean."""
        low, high = self.limits
        circle = f", a circle: {high:.0f} is {low:.0f}" if self.is_circle else ""
        return f"colours from {low:.0f} to {high:.0f} {self.unit}{circle}"

    @property
    def doubt_words(self) -> str:
        """What a map of one value must not be taken for; empty where segments differ."""
        is_one = len(self.labels) > 1 and len(set(self.labels.values())) == 1
        return "one value: no segment differs beyond noise" if is_one else ""

    @property
    def labels(self) -> dict[int, int]:
        """Means of the segments in whole numbers; on a circle the last is the first."""
        whole = {n: round(each) for n, each in self.segments.items() if each is not None}
        turn = round(self.limits[1] - self.limits[0])
        return {n: each % turn for n, each in whole.items()} if self.is_circle else whole

    @property
    def colours(self) -> Colormap:
        """In as many steps as are told apart."""
        from shortaxis.workflow.drawing.colour_steps import MAP_STEPS, colour_circle, stepped

        return colour_circle() if self.is_circle else stepped("viridis", MAP_STEPS)


def function_maps(measured: LeftVentricularFunction) -> tuple[FunctionMap, ...]:
    """The maps that page, picture and report show; of phases only where they are told."""
    regional = measured.regional
    maps = (
        FunctionMap(
            "motion",
            "Motion (mm)",
            regional.motion_mm,
            regional.segment_motion_mm,
            (-3.0, 12.0),
            "mm, inwards",
            (-3, 0, 3, 6, 9, 12),
        ),
        FunctionMap(
            "thickening",
            "Thickening by counts (%)",
            100 * regional.brightening,
            {n: None if v is None else 100 * v for n, v in regional.segment_brightening.items()},
            (-10.0, 70.0),
            "%, brighter at end-systole",
            (-10, 10, 30, 50, 70),
        ),
    )
    return (*maps, _phase_map(measured.phase)) if measured.phase.is_told else maps


def _phase_map(phase: PhaseAnalysis) -> FunctionMap:
    return FunctionMap(
        "phase",
        "Phase (degrees)",
        phase.phase_deg,
        phase.segments,
        (0.0, 360.0),
        "degrees of the cycle",
        PHASE_TICKS,
        is_circle=True,
    )


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
