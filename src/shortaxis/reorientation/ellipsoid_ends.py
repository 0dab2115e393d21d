"""Where the left ventricle ends: the epicardial apex and the valve plane.

The valve plane is where the wall's counts fall to half of what they are halfway down the
ventricle, in each direction around the axis; a blurred step is at half its height exactly where
the sharp step is. The membranous septum ends earlier than the lateral wall, so the plane
is oblique, and a plane is fitted to those ends robustly. The apex is where the counts fall
fastest outside the wall.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.anatomy.heart_sizes import VALVE_BEHIND_WIDEST
from shortaxis.geometry.arrays import FloatArray
from shortaxis.reorientation.ellipsoid_fit import WallFit
from shortaxis.reorientation.ellipsoid_surface import perpendicular_axes
from shortaxis.reorientation.ellipsoid_wall import PHI, RAY_MM
from shortaxis.reorientation.myocardium_field import WallField

__all__ = ["VentricleEnds", "find_ends"]

VALVE_LEVELS = (0.5, 0.4, 0.6)
"""Parts of the wall's level; the first places the valve plane, the others give its spread."""
SEEN_WALL = 0.5
"""A wall fainter than this part of the brighter walls is a defect and cannot show its end."""
MIN_DIRECTIONS = 5
"""A plane has three unknowns; with fewer directions than this its fit means nothing."""
HUBER_MM = 5.0
WALK_STEP_MM = 2.0
ACROSS_MM: FloatArray = np.arange(-8.0, 8.1, 2.0)
ACROSS_SIGMA_MM = 10.0
CAP_NODES = 3
"""Nodes within 27 degrees of the apex: the cap that closes the ventricle."""
RIDGE_TO_EPICARDIUM_MM = (4.0, 14.0)
"""Half a wall, 8-12 mm thick; more where a filled small cavity draws the ridge inwards."""
LID_AXIAL: FloatArray = np.linspace(-0.45, -1.0, 8)
"""Discs behind the widest place, in axial semi-axes: where a second cap would close it."""
LID_RADIAL = 0.4
LID_EDGE_MM = 16.0
"""Nearer to the edge of the field of view the hot rim is seen, not the ventricle."""


@dataclass(frozen=True, eq=False)
class VentricleEnds:
    """Ends along the axis, mm from the ellipsoid's centre, both positive outwards.

    `valve_spread_mm` is the standard deviation of the plane's place over sectors and levels,
    `valve_directions` (0-1) the part of the directions that showed an end. `cap` and `lid` are
    the wall counts across the apical and the basal end, in parts of the wall's level:
    about 1 and 0 for a heart the right way round.
    """

    apex_mm: float
    valve_mm: float
    valve_spread_mm: float
    valve_directions: float
    cap: float
    lid: float


def find_ends(field: WallField, fit: WallFit) -> VentricleEnds:
    """Apex, valve plane, and the evidence for which is which."""
    along = np.arange(0.5 * fit.surface.axial_mm, -1.25 * fit.surface.axial_mm, -WALK_STEP_MM)
    walls = _walk(field, fit, along)
    valves = [_valve_plane(fit, along, walls, level) for level in VALVE_LEVELS]
    valve, sector_spread, seen = valves[0]
    spread = float(np.hypot(sector_spread, np.std([place for place, _, _ in valves])))
    cap = float(np.median(fit.reading.intensity[:CAP_NODES])) / fit.reading.level
    apex = fit.surface.axial_mm + _ridge_to_epicardium_mm(field, fit)
    return VentricleEnds(apex, valve, spread, seen, cap, _lid(field, fit))


def _valve_plane(
    fit: WallFit, along: FloatArray, walls: FloatArray, level: float
) -> tuple[float, float, float]:
    """Place of the plane on the axis, its standard error, and the part of directions seen."""
    ends = _wall_ends_mm(along, walls, level)
    seen = np.isfinite(ends)
    part = float(seen.mean())
    if seen.sum() < MIN_DIRECTIONS:
        return VALVE_BEHIND_WIDEST * fit.surface.axial_mm, np.nan, part
    rows = np.stack([np.ones_like(PHI), np.cos(PHI), np.sin(PHI)], axis=1)[seen]
    weight = np.ones(len(rows))
    for _ in range(6):
        # A little stiffness keeps a plane seen on one side only from tilting freely.
        normal = rows.T @ (rows * weight[:, None]) + np.diag([0.0, 0.5, 0.5])
        plane = np.linalg.solve(normal, rows.T @ (weight * ends[seen]))
        residual = ends[seen] - rows @ plane
        weight = np.minimum(1.0, HUBER_MM / np.maximum(np.abs(residual), 1e-6))
    error = np.sqrt(np.linalg.inv(normal)[0, 0] * (weight * residual**2).mean())
    return float(plane[0]), float(error), part


def _wall_ends_mm(along: FloatArray, walls: FloatArray, level: float) -> FloatArray:
    """Distance behind the ellipsoid's centre at which each wall falls to `level`, else NaN.

    `walls` are the counts (place, direction) at the places `along` the axis.
    """
    reference = np.median(walls[along >= 0], axis=0)
    excess = walls / np.maximum(reference, 1e-12) - level
    ends = np.full(PHI.size, np.nan)
    usable = reference >= SEEN_WALL * np.percentile(reference, 75)
    for direction in np.flatnonzero(usable):
        below = np.flatnonzero((excess[:, direction] < 0) & (along < 0))
        if below.size:
            last, first = excess[below[0] - 1, direction], excess[below[0], direction]
            part = np.clip(last / max(last - first, 1e-12), 0, 1)
            ends[direction] = -(along[below[0] - 1] - WALK_STEP_MM * part)
    return ends


def _walk(field: WallField, fit: WallFit, along: FloatArray) -> FloatArray:
    """Wall counts (place, direction) from mid-ventricle to beyond the base."""
    surface = fit.surface
    relative = along / surface.axial_mm
    # Basal walls run more nearly parallel than an ellipsoid that closes again.
    basal = np.sqrt(np.maximum(1 - (0.8 * relative) ** 2, 0.35))
    radius = surface.radial_mm * np.where(
        relative > 0, np.sqrt(np.maximum(1 - relative**2, 0)), basal
    )
    across = radius[:, None] + ACROSS_MM
    outward = fit.reading.nodes.outward
    points = (
        surface.origin_mm
        + along[:, None, None, None] * surface.apex_direction
        + across[:, None, :, None] * outward[None, :, None, :]
    )
    near = np.exp(-0.5 * (ACROSS_MM / ACROSS_SIGMA_MM) ** 2)
    walls: FloatArray = (field.sample(field.counts, points) * near).max(axis=-1)
    return walls


def _ridge_to_epicardium_mm(field: WallField, fit: WallFit) -> float:
    """From the mid-wall apex to the epicardium: where the counts fall fastest outside.

    Two effects of blurring (sigma about 6.5 mm) cancel there: it moves the edge of a 5-10 mm
    wall outwards by 2-4 mm, and the edge of a cap of curvature radius 17 mm inwards by
    ``sigma^2 / radius``, 2.5 mm.
    """
    nodes = fit.reading.nodes
    places = fit.surface.origin_mm + nodes.from_origin[:CAP_NODES]
    rays = places[:, :, None] + RAY_MM[:, None] * nodes.normals[:CAP_NODES, :, None]
    counts = np.median(field.sample(field.counts, rays).reshape(-1, RAY_MM.size), axis=0)
    fall = -np.gradient(counts)
    outside = RAY_MM.size // 2 + 1
    steepest = outside + int(fall[outside:-1].argmax())
    before, there, after = fall[steepest - 1 : steepest + 2]
    # Vertex of the parabola through three samples, where they bend downwards.
    bend = before - 2 * there + after
    part = np.clip(0.5 * (before - after) / bend, -0.5, 0.5) if bend < 0 else 0.0
    edge = RAY_MM[steepest] + part * (RAY_MM[1] - RAY_MM[0])
    return float(np.clip(edge, *RIDGE_TO_EPICARDIUM_MM))


def _lid(field: WallField, fit: WallFit) -> float:
    """Highest counts of any disc across the basal end of the cavity, relative to the wall."""
    surface = fit.surface
    first, second = perpendicular_axes(surface.apex_direction)
    ring = np.cos(PHI)[:, None] * first + np.sin(PHI)[:, None] * second
    disc = np.concatenate([ring, 0.5 * ring[::2], np.zeros((1, 3))]) * LID_RADIAL
    along = LID_AXIAL * surface.axial_mm
    points = (
        surface.origin_mm + along[:, None, None] * surface.apex_direction + surface.radial_mm * disc
    )
    discs = field.sample(field.counts, points).mean(axis=-1)
    inner = field.sample(field.edge_distance_mm, points[:, -1]) >= LID_EDGE_MM
    return float(discs.max(initial=0.0, where=inner)) / fit.reading.level
