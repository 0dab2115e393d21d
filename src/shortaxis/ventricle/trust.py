"""How far to trust drawn surfaces: bounds, and reasons to look, by limits of the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.reorientation.weights import BoundLaw
from shortaxis.ventricle.ray_counts import DEPTHS_MM
from shortaxis.ventricle.surfaces import BoolArray, WallBounds

__all__ = [
    "AXIS_LIMIT_DEG",
    "BOUNDED_WALL_ERRORS",
    "WallLimits",
    "WallMeasures",
    "WallTrust",
    "axis_reasons",
    "neighbour_part",
    "trust_from_record",
    "trust_to_record",
]

BOUNDED_WALL_ERRORS = ("wall_mm", "valve_mm", "valve_deg", "cavity_part", "length_mm")
"""Errors that the network expects, in the order in which it gives them; the cavity's is a part of
its volume."""

NEIGHBOUR_HOT = 0.8
"""Counts of a second peak along a ray, relative to those of the wall, that could be the wall."""

NEIGHBOUR_APART_MM = 9.0
"""From the middle of the wall: a second peak nearer than this is the same wall."""

DOUBTED_MM = 3.0
"""Expected error of a surface from which it is not known which of two peaks is the wall."""


AXIS_LIMIT_DEG = 10.0
"""Bound of the pose's long axis from which on a wall is doubted: over half a ventricle's length, 44
mm, such an axis puts the valve plane off by 8 mm, and what was drawn along it follows."""


def axis_reasons(axis_bound_deg: float | None) -> tuple[str, ...]:
    """Reasons to doubt a wall that come from the axis along which it was looked for."""
    if axis_bound_deg is None or axis_bound_deg <= AXIS_LIMIT_DEG:
        return ()
    return (f"the axis along which the wall was drawn is not sure ({axis_bound_deg:.0f} degrees)",)


@dataclass(frozen=True)
class WallMeasures:
    """What a wall is judged by.

    Parameters
    ----------
    wall_mm, valve_mm : float
        Expected errors of the mid-wall and of the valve's centre.
    neighbour_part : float
        Part of the wall that has a second peak beside it and is not sure, 0 to 1.
    """

    wall_mm: float
    valve_mm: float
    neighbour_part: float


@dataclass(frozen=True)
class WallLimits:
    """Largest measures of a wall that is accepted.

    Raises
    ------
    ValueError
        If a limit is not finite and above zero.
    """

    wall_mm: float
    valve_mm: float
    neighbour_part: float

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not 0 < value < math.inf:
                raise ValueError(f"a limit {each.name} of {value!r}")

    def reasons(self, measures: WallMeasures) -> tuple[str, ...]:
        """Reasons in words, none for a wall to be trusted."""
        checks = (
            (
                measures.wall_mm > self.wall_mm,
                f"the wall is not followed surely (expected error {measures.wall_mm:.1f} mm)",
            ),
            (
                measures.valve_mm > self.valve_mm,
                f"the valve plane is not seen (expected error {measures.valve_mm:.0f} mm)",
            ),
            (
                measures.neighbour_part > self.neighbour_part,
                "a neighbour may have been taken for the wall "
                f"({100 * measures.neighbour_part:.0f} % of it)",
            ),
        )
        return tuple(words for applies, words in checks if applies)


@dataclass(frozen=True)
class WallTrust:
    """Laws of the bounds, by the names in `BOUNDED_WALL_ERRORS`, and the limits."""

    laws: Mapping[str, BoundLaw]
    limits: WallLimits

    def bounds(self, spread: Mapping[str, float], cavity_ml: float) -> WallBounds:
        """Bounds from expected errors by name, and the volume that was found."""
        found = {name: law.bound(spread[name]) for name, law in self.laws.items()}
        part = found.pop("cavity_part")
        return WallBounds(cavity_ml=part * cavity_ml, **found)


def trust_from_record(values: Mapping[str, Any]) -> WallTrust:
    """Read what `trust_to_record` gave.

    Raises
    ------
    KeyError, TypeError, ValueError
        If anything is missing or out of its range.
    """
    laws = {
        name: BoundLaw(float(law["factor"]), float(law["power"]))
        for name, law in ((name, values["bounds"][name]) for name in BOUNDED_WALL_ERRORS)
    }
    return WallTrust(laws, WallLimits(**values["limits"]))


def trust_to_record(trust: WallTrust) -> dict[str, Any]:
    """Plain values for ``record.json``."""
    return {
        "bounds": {name: asdict(law) for name, law in trust.laws.items()},
        "limits": asdict(trust.limits),
    }


def neighbour_part(
    counts: CountsArray, middle_mm: FloatArray, spread_mm: FloatArray, is_wall: BoolArray
) -> float:
    """Part of the wall with a second peak beside it that could be the wall, where it is not sure.

    Parameters
    ----------
    counts : (depth, row, angle) array
        Along the rays, at `DEPTHS_MM`.
    middle_mm : (row, angle) array
        Where the middle of the wall was drawn.
    spread_mm : (2, row, angle) array
        Expected errors of the surfaces.
    is_wall : (row, angle) bool array
        Rays that meet muscle.
    """
    if not is_wall.any():
        return 0.0
    away = np.abs(DEPTHS_MM[:, None, None] - middle_mm[None])
    wall = np.where(away <= NEIGHBOUR_APART_MM / 2, counts, 0).max(axis=0)
    is_peak = np.zeros(counts.shape, dtype=bool)
    is_peak[1:-1] = (counts[1:-1] >= counts[:-2]) & (counts[1:-1] > counts[2:])
    other = np.where(is_peak & (away > NEIGHBOUR_APART_MM), counts, 0).max(axis=0)
    doubted = (other > NEIGHBOUR_HOT * wall) & (spread_mm.mean(axis=0) > DOUBTED_MM)
    return float(doubted[is_wall].mean())
