"""Where the wall lies along rays through a first guess of its surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.arrays import FloatArray
from shortaxis.reorientation.ellipsoid_surface import SurfaceNodes, WallEllipsoid
from shortaxis.reorientation.myocardium_field import WallField

__all__ = ["ETA", "PHI", "WallReading", "read_wall"]

ETA: FloatArray = np.deg2rad([6.0, 16, 27, 38, 49, 60, 70, 80, 90, 100, 110, 118])
"""Eccentric angles of the nodes: from the apex to beyond the usual valve plane."""
PHI: FloatArray = np.linspace(0, 2 * np.pi, 16, endpoint=False)
"""Azimuths of the nodes: about 10 mm apart at the usual radius, which is the resolution."""
RAY_MM: FloatArray = np.linspace(-18.0, 18.0, 19)
"""Offsets along the normal: a wall (12-18 mm blurred) and the dark sides of it."""
CENTROID_SIGMA_MM = 4.0
"""Half a wall: the ridge's centroid is taken over the wall that holds the peak only."""
CLEAR_CONTRAST = 0.25
"""Fall from the wall to cavity or surroundings that counts as clearly seen."""
LEVEL_NODES = 8
LEVEL_PERCENTILE = 70.0
"""The wall's level: of the nodes before the base, so that defects do not lower it."""
FAINT, BRIGHT = 0.25, 0.65
"""Walls below the first part of the level carry no weight, above the second full weight."""
EDGE_MM = 8.0
"""Walls nearer to the edge of the field of view are not trusted: the rim is there."""
VANISHING = 1e-12


@dataclass(frozen=True, eq=False)
class WallReading:
    """What was read at the nodes (n, m) of one surface.

    `offset_mm` is the wall's distance from the node along the normal, `intensity` the counts
    there, `clearness` (0-1) how far they exceed both sides, `trust` (0-1) the clearness times
    brightness and distance from the edge, `level` the usual wall intensity.
    """

    nodes: SurfaceNodes
    offset_mm: FloatArray
    intensity: FloatArray
    clearness: FloatArray
    cavity_contrast: FloatArray
    outer_contrast: FloatArray
    trust: FloatArray
    edge_distance_mm: FloatArray
    level: float


def read_wall(field: WallField, surface: WallEllipsoid, reach_mm: float) -> WallReading:
    """Find the ridge along the normals of `surface`.

    Parameters
    ----------
    field : WallField
        The neighbourhood of the heart.
    surface : WallEllipsoid
        The present guess.
    reach_mm : float
        How far from the guess the wall is believed to be (standard deviation).
    """
    nodes = surface.nodes(ETA, PHI)
    points = surface.origin_mm + nodes.from_origin
    rays = points[:, :, None] + RAY_MM[:, None] * nodes.normals[:, :, None]
    places = field.places(rays)
    counts = places.values(field.counts)
    believed = np.exp(-0.5 * (RAY_MM / reach_mm) ** 2)
    evidence = np.maximum(places.values(field.ridge), 0) * believed * np.sqrt(counts)
    peak = evidence.argmax(axis=-1)[..., None]
    offset = _centroid_mm(evidence, peak)
    intensity = np.take_along_axis(counts, peak, axis=-1)[..., 0]
    cavity, outer = _contrasts(counts, peak, intensity)
    level = max(float(np.percentile(intensity[:LEVEL_NODES], LEVEL_PERCENTILE)), VANISHING)
    edge = field.sample(field.edge_distance_mm, points)
    clearness = 0.5 * _ramp(np.minimum(cavity, outer), 0, CLEAR_CONTRAST)
    clearness += 0.5 * _ramp(outer, 0, CLEAR_CONTRAST)
    trust = clearness * _ramp(intensity / level, FAINT, BRIGHT) * (edge > EDGE_MM)
    return WallReading(nodes, offset, intensity, clearness, cavity, outer, trust, edge, level)


def _centroid_mm(evidence: FloatArray, peak: NDArray[np.int64]) -> FloatArray:
    window = np.exp(-0.5 * ((RAY_MM - RAY_MM[peak]) / CENTROID_SIGMA_MM) ** 2) * evidence
    centroid: FloatArray = (window @ RAY_MM) / (window.sum(axis=-1) + VANISHING)
    return centroid


def _contrasts(
    counts: FloatArray, peak: NDArray[np.int64], intensity: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Relative fall of the counts from the wall into the cavity and to the outside."""
    places = np.arange(RAY_MM.size)
    wall = intensity[..., None]
    inner = np.where(places <= peak, counts, wall).min(axis=-1)
    outer = np.where(places >= peak, counts, wall).min(axis=-1)
    safe = np.maximum(intensity, VANISHING)
    return 1 - inner / safe, 1 - outer / safe


def _ramp(values: FloatArray, start: float, full: float) -> FloatArray:
    """0 below `start`, 1 above `full`, linear between."""
    ramp: FloatArray = np.clip((values - start) / (full - start), 0, 1)
    return ramp
