"""Robust fit of the mid-wall ellipsoid, after Germano 1995 (J Nucl Med 36:1107).

The surface is moved onto the wall found along its normals, the wall is read again along the
new normals, and so on. Each step is a weighted linear least-squares problem, because to
first order a node's distance to the wall changes by ``normal . motion of the node``:

``offset = n . dO + (n . a) cos(eta) dA + (n . e) sin(eta) dB + n . (w x r)``

for a shift ``dO``, changes ``dA, dB`` of the semi-axes and a small rotation ``w`` across the
axis (two components; a turn about the axis changes nothing).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shortaxis.geometry.arrays import FloatArray
from shortaxis.reorientation.ellipsoid_surface import WallEllipsoid, perpendicular_axes
from shortaxis.reorientation.ellipsoid_wall import ETA, PHI, WallReading, read_wall
from shortaxis.reorientation.myocardium_field import WallField

__all__ = ["WallFit", "fit_wall", "jackknife", "refit_wall"]

REACHES_MM = (14.0, 14.0, 14.0, 10.0, 10.0, 10.0, 7.0, 7.0, 7.0, 7.0)
"""Search widths, wide to narrow: a candidate may be off by 14 mm, a good fit by 7."""
REFIT_REACHES_MM = (7.0, 7.0, 7.0, 7.0)
OUTLIER_REACH = 1.8
"""Offsets beyond this multiple of the search width have no weight (Tukey's biweight)."""
NODE_AREA: FloatArray = np.sin(ETA) + 0.15
"""Nodes crowd at the apex; the constant keeps the cap, which alone shows where it ends."""
ASPECT = 1.95
ASPECT_SIGMA = 0.25
"""Axial by radial semi-axis: length 83 by radius 27 mm (FIELD priors) with the valve plane at
0.55 of the axial semi-axis. It only decides where few walls are seen."""
PRIOR_NODES = 0.18
"""The aspect counts like this part of the weighted nodes with a wall offset of 1 mm."""
STIFFNESS = 0.5e-3
ANGLE_LEVER_MM = 20.0
MAX_TURN_RAD = 0.3
AXIAL_RANGE_MM = (25.0, 85.0)
RADIAL_RANGE_MM = (12.0, 46.0)
"""Wider than any heart (17-42 mm), so that a fit that runs away shows in its size."""
SECTORS = 8


@dataclass(frozen=True, eq=False)
class WallFit:
    """A fitted surface and what was read on it.

    `node_weight` (n, m) is what each node's reading was worth (0-1), `weight` the same times
    its area, `residual_mm` (n, m) what the last step left,
    `system` the linear equations of the last step, kept for the jackknife.
    """

    surface: WallEllipsoid
    reading: WallReading
    node_weight: FloatArray
    weight: FloatArray
    residual_mm: FloatArray
    system: FloatArray

    @property
    def roughness_mm(self) -> float:
        """Weighted root mean square distance of the wall from the ellipsoid."""
        total = float(self.weight.sum())
        if total == 0:
            return float("inf")
        return float(np.sqrt((self.weight * self.residual_mm**2).sum() / total))


def fit_wall(field: WallField, start: WallEllipsoid) -> WallFit:
    """Fit the mid-wall ellipsoid from a candidate at most about 30 degrees off."""
    return _fit(field, start, REACHES_MM)


def refit_wall(field: WallField, start: WallEllipsoid) -> WallFit:
    """Fit again from a fit, with the narrow search only."""
    return _fit(field, start, REFIT_REACHES_MM)


def _fit(field: WallField, start: WallEllipsoid, reaches_mm: tuple[float, ...]) -> WallFit:
    surface = start
    for reach_mm in reaches_mm:
        reading = read_wall(field, surface, reach_mm)
        node_weight = _node_weight(reading, reach_mm)
        weight = node_weight * NODE_AREA[:, None]
        system = _system(surface, reading)
        step = _solve(system, reading.offset_mm, weight, surface)
        surface = _moved(surface, step)
    residual = reading.offset_mm - system @ step
    return WallFit(surface, reading, node_weight, weight, residual, system)


def jackknife(fit: WallFit) -> Iterator[WallEllipsoid]:
    """Surfaces fitted with one sector of 45 degrees left out after the other."""
    sector = np.arange(PHI.size) * SECTORS // PHI.size
    for left_out in range(SECTORS):
        weight = fit.weight * (sector != left_out)
        yield _moved(fit.surface, _solve(fit.system, fit.residual_mm, weight, fit.surface))


def _node_weight(reading: WallReading, reach_mm: float) -> FloatArray:
    scaled = reading.offset_mm / (OUTLIER_REACH * reach_mm)
    weight: FloatArray = reading.trust * np.clip(1 - scaled**2, 0, 1) ** 2
    return weight


def _system(surface: WallEllipsoid, reading: WallReading) -> FloatArray:
    """Rows (n, m, 7): d offset / d (shift x, y, z, axial, radial, first turn, second turn)."""
    nodes, normals = reading.nodes, reading.nodes.normals
    axial = (normals @ surface.apex_direction) * np.cos(nodes.eta)[:, None]
    radial = np.einsum("nmk,mk->nm", normals, nodes.outward) * np.sin(nodes.eta)[:, None]
    # (axis x r) . n = axis . (r x n)
    moments = _cross(nodes.from_origin, normals)
    turns = [moments @ axis for axis in perpendicular_axes(surface.apex_direction)]
    return np.concatenate([normals, np.stack([axial, radial, *turns], axis=-1)], axis=-1)


def _cross(first: FloatArray, second: FloatArray) -> FloatArray:
    """Cross products of ``(..., 3)``; the library's own moves axes about first."""
    x, y, z = (first[..., axis] for axis in range(3))
    a, b, c = (second[..., axis] for axis in range(3))
    return np.stack([y * c - z * b, z * a - x * c, x * b - y * a], axis=-1)


def _solve(
    system: FloatArray, offset_mm: FloatArray, weight: FloatArray, surface: WallEllipsoid
) -> FloatArray:
    rows = system.reshape(-1, 7)
    weights = weight.reshape(-1)
    total = max(float(weights.sum()), 1.0)
    matrix: FloatArray = rows.T @ (rows * weights[:, None])
    right: FloatArray = rows.T @ (weights * offset_mm.reshape(-1))
    aspect = np.array([0.0, 0, 0, 1, -ASPECT, 0, 0]) / (ASPECT_SIGMA * surface.radial_mm)
    excess = (surface.axial_mm - ASPECT * surface.radial_mm) / (ASPECT_SIGMA * surface.radial_mm)
    matrix += PRIOR_NODES * total * np.outer(aspect, aspect)
    right -= PRIOR_NODES * total * excess * aspect
    matrix += STIFFNESS * total * np.diag([1.0] * 5 + [ANGLE_LEVER_MM**2] * 2)
    step: FloatArray = np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
    return step


def _moved(surface: WallEllipsoid, step: FloatArray) -> WallEllipsoid:
    first, second = perpendicular_axes(surface.apex_direction)
    turn = step[5] * first + step[6] * second
    turn *= min(1.0, MAX_TURN_RAD / max(float(np.linalg.norm(turn)), MAX_TURN_RAD))
    direction = surface.apex_direction + _cross(turn, surface.apex_direction)
    return WallEllipsoid(
        surface.origin_mm + step[:3],
        direction / np.linalg.norm(direction),
        float(np.clip(surface.axial_mm + step[3], *AXIAL_RANGE_MM)),
        float(np.clip(surface.radial_mm + step[4], *RADIAL_RANGE_MM)),
    )
