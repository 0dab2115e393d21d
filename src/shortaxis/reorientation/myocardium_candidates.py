"""Where a left ventricle could be: hollow, open-ended ellipsoids matched to the wall ridge.

A template is half an ellipsoid of revolution and a bit more, bright at the mid-wall surface,
dark on both sides and dark across the open base. Correlating it with the ridge map (see
`myocardium_field`) over all positions costs one Fourier transform a template. A liver is no
shell, and a ring of gut has neither the size nor the thickness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.reorientation.ellipsoid_surface import WallEllipsoid
from shortaxis.reorientation.myocardium_field import WallField

__all__ = ["Candidate", "find_candidates"]

AZIMUTHS_DEG = (-10.0, 20.0, 50.0, 80.0)
ELEVATIONS_DEG = (-15.0, 15.0, 45.0)
"""Steps of 30 degrees over the range of hearts; the fit pulls in from 30 degrees away."""
SEMI_AXES_MM = ((45.0, 20.0), (52.0, 27.0), (60.0, 35.0))
"""Axial and radial semi-axes of the mid-wall surface: small, usual and large hearts."""
TEMPLATES = tuple(
    (-rotation_from_angles(alpha, 0.0, theta)[:, 2], axial, radial)
    for theta, alpha, (axial, radial) in product(AZIMUTHS_DEG, ELEVATIONS_DEG, SEMI_AXES_MM)
)
"""Apex direction (LPS) and semi-axes of every template."""
OPEN_BASE = 0.55
"""The valve plane lies this part of the axial semi-axis behind the centre of the ellipsoid."""
WALL_SIGMA_MM = 8.0
"""A wall of 8-12 mm after blurring; the profile is the matching Mexican hat."""
LID_PENALTY = 0.5
"""Weight of a wall across the open base, against its weight in the template elsewhere."""
TEMPLATE_RADIUS_MM = 88.0
PADDING = 6
"""Voxels of zeros between the volume and its periodic copy: what a heart's centre 16 mm inside
the edge needs; the faded ridge leaves nothing to match near the edge itself."""
MIN_EDGE_DISTANCE_MM = 16.0
"""The middle of a heart is at least a small radius away from the edge of the field of view."""
DISTINCT_MM = 40.0
"""Candidates nearer than this to a better one would be pulled into the same fit."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A place, an axis and a size, with the template's correlation (about 1 or more for hearts)."""

    surface: WallEllipsoid
    score: float


def find_candidates(field: WallField, count: int) -> list[Candidate]:
    """The best distinct candidates in the whole field of view, best first."""
    scores, choice = _best_template_everywhere(field)
    scores[field.edge_distance_mm < MIN_EDGE_DISTANCE_MM] = -np.inf
    indices = np.moveaxis(np.indices(scores.shape), 0, -1)
    positions = apply_affine(field.grid.patient_from_index, indices)
    candidates: list[Candidate] = []
    while len(candidates) < count and np.isfinite(scores.max()):
        best = np.unravel_index(int(scores.argmax()), scores.shape)
        surface = WallEllipsoid(positions[best], *TEMPLATES[choice[best]])
        candidates.append(Candidate(surface, float(scores[best])))
        apart = np.linalg.norm(positions - positions[best], axis=-1)
        scores[apart < DISTINCT_MM] = -np.inf
    return candidates


def _best_template_everywhere(field: WallField) -> tuple[CountsArray, NDArray[np.int64]]:
    """Highest correlation over the templates at every voxel, and which template gave it."""
    # A pose by the network needs none of this.
    from scipy import fft

    spacing = float(field.grid.spacing_mm[0])
    shape = [fft.next_fast_len(size + PADDING, real=True) for size in field.ridge.shape]
    slices, rows, columns = field.ridge.shape
    spectrum = fft.rfftn(field.ridge, shape)
    scores = np.full(field.ridge.shape, -np.inf, dtype=np.float32)
    choice = np.zeros(field.ridge.shape, dtype=np.int64)
    for number, (apex, axial, radial) in enumerate(TEMPLATES):
        template = _wrapped(_template(apex, axial, radial, spacing), shape)
        match = fft.irfftn(spectrum * np.conj(fft.rfftn(template)), shape)
        match = match[:slices, :rows, :columns]
        better = match > scores
        scores[better] = match[better]
        choice[better] = number
    return scores, choice


def _template(apex: FloatArray, axial: float, radial: float, spacing_mm: float) -> CountsArray:
    """Template of unit norm on a cube around the ellipsoid's centre."""
    ticks = np.arange(-TEMPLATE_RADIUS_MM, TEMPLATE_RADIUS_MM + 1, spacing_mm)
    z, y, x = np.meshgrid(ticks, ticks, ticks, indexing="ij", sparse=True)
    along = x * apex[0] + y * apex[1] + z * apex[2]
    across = np.sqrt(np.maximum(x**2 + y**2 + z**2 - along**2, 0))
    distance = _distance_mm(along, across, axial, radial)
    profile = (1 - (distance / WALL_SIGMA_MM) ** 2) * np.exp(-0.5 * (distance / WALL_SIGMA_MM) ** 2)
    before_valve = 1 / (1 + np.exp(-(along + OPEN_BASE * axial) / (spacing_mm / 2)))
    template = profile * ((1 + LID_PENALTY) * before_valve - LID_PENALTY)
    unit: CountsArray = (template / np.linalg.norm(template)).astype(np.float32)
    return unit


def _distance_mm(along: FloatArray, across: FloatArray, axial: float, radial: float) -> FloatArray:
    """Signed distance to the ellipsoid to first order: (q - 1) / |grad q|."""
    level = np.sqrt((along / axial) ** 2 + (across / radial) ** 2)
    slope = np.sqrt((along / axial**2) ** 2 + (across / radial**2) ** 2)
    distance: FloatArray = (level - 1) * level / np.maximum(slope, 1e-9)
    return distance


def _wrapped(template: CountsArray, shape: Sequence[int]) -> CountsArray:
    """Put the cube into an array of `shape` with its centre at index 0, wrapping around."""
    half = template.shape[0] // 2
    wrapped = np.zeros(shape, dtype=np.float32)
    lines = [np.arange(-half, half + 1) % size for size in shape]
    np.add.at(wrapped, np.ix_(*lines), template)
    return wrapped
