"""What was set of a wall by hand, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE
from shortaxis.ventricle.by_hand import PUSHED_SURFACES, Neighbour, Point, PushedPlace, WallByHand

__all__ = ["BY_HAND_SCHEMA", "by_hand_from_record", "by_hand_to_record"]

BY_HAND_SCHEMA = "shortaxis/wall-by-hand/1"

MOST_PLACES = 200
MOST_MM = 1e5
SMALLEST_BALL_MM, LARGEST_BALL_MM = 2.0, 150.0


def by_hand_to_record(hand: WallByHand) -> dict[str, Any]:
    """Plain values; LPS mm."""
    valve = None
    if hand.valve_center_mm is not None and hand.valve_normal is not None:
        valve = {"center_mm": list(hand.valve_center_mm), "normal": list(hand.valve_normal)}
    return {
        "schema": BY_HAND_SCHEMA,
        "valve_plane": valve,
        "apex_mm": None if hand.apex_mm is None else list(hand.apex_mm),
        "pushed": [
            {"surface": each.surface, "point_mm": list(each.point_mm)} for each in hand.pushed
        ],
        "neighbours": [
            {"center_mm": list(each.center_mm), "radius_mm": each.radius_mm}
            for each in hand.neighbours
        ],
    }


def by_hand_from_record(values: Mapping[str, Any]) -> WallByHand:
    """Read what `by_hand_to_record` gave; what is left out was not set.

    Raises
    ------
    OptionError
        If anything is of another kind or out of its range.
    """
    try:
        valve, apex = values.get("valve_plane"), values.get("apex_mm")
        pushed = [
            PushedPlace(_surface(each["surface"]), _point(each["point_mm"]))
            for each in values.get("pushed", ())
        ]
        neighbours = [
            Neighbour(_point(each["center_mm"]), _radius_mm(each["radius_mm"]))
            for each in values.get("neighbours", ())
        ]
        if len(pushed) + len(neighbours) > MOST_PLACES:
            raise ValueError(f"{len(pushed) + len(neighbours)} places, more than {MOST_PLACES}")
        return WallByHand(
            None if valve is None else _point(valve["center_mm"]),
            None if valve is None else _direction(valve["normal"]),
            None if apex is None else _point(apex),
            tuple(pushed),
            tuple(neighbours),
        )
    except OF_ANOTHER_SHAPE as error:
        raise OptionError(
            "not what a review page sets of a wall",
            expected="valve_plane, apex_mm, pushed and neighbours in LPS mm, as review.json has "
            "them under wall_by_hand",
            found=f"{type(error).__name__}: {error}",
            way_on="set the wall again on the review page",
        ) from error


def _point(values: Sequence[float]) -> Point:
    x, y, z = (float(value) for value in values)
    if not all(abs(value) < MOST_MM for value in (x, y, z)):
        raise ValueError(f"a point at {x}, {y}, {z}")
    return x, y, z


def _direction(values: Sequence[float]) -> Point:
    x, y, z = _point(values)
    if not np.hypot(np.hypot(x, y), z) > 1e-6:
        raise ValueError("a normal without a length")
    return x, y, z


def _surface(name: object) -> str:
    if name not in PUSHED_SURFACES:
        raise ValueError(f"a surface called {name}")
    return str(name)


def _radius_mm(value: float) -> float:
    if not SMALLEST_BALL_MM <= float(value) <= LARGEST_BALL_MM:
        raise ValueError(f"a ball of {value} mm")
    return float(value)
