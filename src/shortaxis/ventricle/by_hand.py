"""What an operator sets of a wall: valve plane, apex, places that a surface passes, neighbours.

Everything is kept in the patient (LPS, mm), so that it stays where it was set whatever the pose
becomes, and is applied to whatever wall was found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shortaxis.anatomy.hybrid_grid import grid_places, grid_points_mm, ray_points_mm
from shortaxis.errors import GeometryError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.seen_from import sampled_on_grid
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.valve_plane import ValvePlane

__all__ = [
    "PUSHED_SURFACES",
    "Neighbour",
    "Point",
    "PushedPlace",
    "WallByHand",
    "with_hand",
    "without_neighbours",
]

Point = tuple[float, float, float]

PUSHED_SURFACES = {"endocardium": 0.0, "middle": 0.5, "epicardium": 1.0}
"""What can be pushed, and its depth in the wall. The middle takes both surfaces along."""

REACH_MM = 12.0
"""Over which a push fades out (standard deviation): two rays of the body."""

FAR_MM = 100.0
"""Nobody sets a wall so far from the one that was found: it is that of another study or pose."""

LEAST_WALL_MM = 1.0
"""A surface that is pushed takes the other one along before the wall is thinner."""

LEAST_RADIUS_MM = 0.5

RIM = 1.4
"""The counts that take the place of a neighbour's are those of a shell around it, so thick."""


@dataclass(frozen=True)
class PushedPlace:
    """A point that a surface passes, LPS mm; a name in `PUSHED_SURFACES`."""

    surface: str
    point_mm: Point


@dataclass(frozen=True)
class Neighbour:
    """A ball around a hot organ, LPS mm, whose counts are no wall's."""

    center_mm: Point
    radius_mm: float


@dataclass(frozen=True)
class WallByHand:
    """What was set; what is None or empty was not.

    Parameters
    ----------
    valve_center_mm, valve_normal : (3,) or None
        A point of the valve plane and its normal, of either sense, LPS; both or neither.
    apex_mm : (3,) or None
        The epicardial apex.
    pushed : tuple of PushedPlace
        In the order in which they were set; a later one has the last word.
    neighbours : tuple of Neighbour
        Masks.
    """

    valve_center_mm: Point | None = None
    valve_normal: Point | None = None
    apex_mm: Point | None = None
    pushed: tuple[PushedPlace, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()

    @property
    def what(self) -> tuple[str, ...]:
        """What was set, in words."""
        named = {
            "valve plane": self.valve_center_mm is not None,
            "apex": self.apex_mm is not None,
            "contours": bool(self.pushed),
            "neighbours masked": bool(self.neighbours),
        }
        return tuple(name for name, is_set in named.items() if is_set)


def with_hand(surfaces: VentricleSurfaces, hand: WallByHand) -> VentricleSurfaces:
    """The wall as an operator set it.

    Bounds are those of what a method found, and are dropped with the first thing that is set.

    Raises
    ------
    GeometryError
        If the valve plane lies along the long axis of the pose, or its centre, the apex or a pushed
        place is `FAR_MM` or more from the wall that was found.
    """
    if not hand.what:
        return surfaces
    made = surfaces
    if hand.apex_mm is not None:
        made = _moved(made, np.array(hand.apex_mm), depth=1.0, takes_both=True)
    for each in hand.pushed:
        depth = PUSHED_SURFACES[each.surface]
        made = _moved(made, np.array(each.point_mm), depth, takes_both=depth == 0.5)
    if hand.valve_center_mm is not None and hand.valve_normal is not None:
        made = _closed_at(made, np.array(hand.valve_center_mm), np.array(hand.valve_normal))
    return replace(made, bounds=None, set_by_hand=hand.what)


def without_neighbours(volume: SpectVolume, hand: WallByHand) -> SpectVolume:
    """The volume with the counts around each masked neighbour in its place.

    They are the lower quartile of a shell around it: what lies there once the organ is gone.
    """
    if not hand.neighbours:
        return volume
    counts = volume.counts.copy()
    index = np.moveaxis(np.indices(volume.shape), 0, -1)
    points = apply_affine(volume.patient_from_index, index)
    for each in hand.neighbours:
        away = np.linalg.norm(points - np.array(each.center_mm), axis=-1)
        shell = (away > each.radius_mm) & (away <= RIM * each.radius_mm)
        if shell.any():
            level = np.percentile(volume.counts[shell], 25)
            inside = away <= each.radius_mm
            counts[inside] = np.minimum(counts[inside], np.float32(level))
    return replace(volume, counts=counts)


def _moved(
    surfaces: VentricleSurfaces, point_mm: FloatArray, depth: float, *, takes_both: bool
) -> VentricleSurfaces:
    """Push the surface at a depth along its rays so that it passes a point, LPS mm."""
    point = surfaces.pose.to_cardiac(point_mm[None])
    _refuse_far(surfaces, point)
    row, angle, radius = grid_places(point)
    inner, outer = surfaces.endocardium_mm, surfaces.epicardium_mm
    here = sampled_on_grid(inner + depth * (outer - inner), row, angle)
    away = np.linalg.norm(surfaces.points_mm(depth) - grid_points_mm(row, angle, here), axis=-1)
    fade = np.exp(-0.5 * (away / REACH_MM) ** 2)
    # The point lies between rays: what is read between them must reach it, too.
    way = (radius - here) / sampled_on_grid(fade, row, angle) * fade
    if depth < 0.5 or takes_both:
        inner = np.maximum(inner + way, LEAST_RADIUS_MM)
    if depth > 0.5 or takes_both:
        outer = np.maximum(outer + way, LEAST_RADIUS_MM + LEAST_WALL_MM)
    # The one that is pushed has the last word.
    if depth > 0.5:
        inner = np.maximum(np.minimum(inner, outer - LEAST_WALL_MM), LEAST_RADIUS_MM)
    return replace(
        surfaces, endocardium_mm=inner, epicardium_mm=np.maximum(outer, inner + LEAST_WALL_MM)
    )


def _refuse_far(surfaces: VentricleSurfaces, point_mm: FloatArray) -> None:
    """Of a cardiac point, mm."""
    away_mm = float(np.linalg.norm(surfaces.points_mm(0.5) - point_mm, axis=-1).min())
    if away_mm < FAR_MM:
        return
    raise GeometryError(
        "what was set by hand lies far from the wall",
        expected=f"places within {FAR_MM:g} mm of the wall that was found",
        found=f"one {away_mm:.0f} mm away",
        cause="it was set on another study, or along another pose",
        way_on="set the wall again on the review page of this study",
    )


def _closed_at(
    surfaces: VentricleSurfaces, center_mm: FloatArray, normal: FloatArray
) -> VentricleSurfaces:
    """Cut the wall by another valve plane; wall that comes to lie below it is wall, not seen."""
    pose = surfaces.pose
    center = pose.to_cardiac(center_mm)
    _refuse_far(surfaces, center)
    towards = pose.patient_from_cardiac.T @ normal
    # A plane has no sense: the base is where the wall ends.
    valve = ValvePlane(center, towards * (-1.0 if towards[2] < 0 else 1.0))
    middle = ray_points_mm(surfaces.middle_mm)
    was_beyond = surfaces.valve.above_mm(middle) > 0
    is_wall = (valve.above_mm(middle) <= 0) & (surfaces.is_wall | was_beyond)
    return replace(surfaces, valve=valve, is_wall=is_wall, is_seen=surfaces.is_seen & is_wall)
