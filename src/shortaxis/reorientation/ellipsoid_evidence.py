"""How well a fitted ellipsoid is supported by the counts, as measures with limits.

The limits and the words for the reader are in `quality`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.ellipsoid_ends import CAP_NODES, VentricleEnds, find_ends
from shortaxis.reorientation.ellipsoid_fit import WallFit, fit_wall, jackknife, refit_wall
from shortaxis.reorientation.ellipsoid_surface import WallEllipsoid
from shortaxis.reorientation.ellipsoid_wall import ETA, PHI
from shortaxis.reorientation.estimate import LeftVentricleExtent, PoseUncertainty
from shortaxis.reorientation.myocardium_candidates import Candidate
from shortaxis.reorientation.myocardium_field import WallField
from shortaxis.reorientation.quality import Measure
from shortaxis.spect.volume import SpectVolume

__all__ = [
    "Hypothesis",
    "fit_candidate",
    "fit_measures",
    "fit_reversed",
    "fit_spread",
    "relative_noise",
]

TRUSTED = 0.3
"""Trust above which a piece of wall counts as seen."""
NEAR_EDGE_MM = 10.0
"""Half a wall and one 4 mm voxel: nearer mid-wall points may have lost their epicardium."""
FADING_BASE_MM = 6.0
"""The wall's counts fade over half a blurred wall before the valve plane."""
BEYOND_VALVE_MM = 6.0
"""A valve plane is seen only if the field of view goes on for half a blurred wall behind it."""
FOREIGN_MM = 6.0
"""More than half a wall off the surface: not the wall that was fitted."""
CLEAR_CAVITY = 0.25
WALL_PART_OF_LEVEL = 0.5
MAD_TO_SIGMA = 1.4826
THIRD_DIFFERENCE_NORM = np.sqrt(20.0)
"""Root of 1 + 9 + 9 + 1: the third difference of white noise, and blind to parabolas."""


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A candidate with the wall fitted around it."""

    candidate: Candidate
    field: WallField
    fit: WallFit
    ends: VentricleEnds

    @property
    def pose(self) -> RigidPose:
        """Conventional roll; centre halfway between epicardial apex and valve plane."""
        return _pose(self.fit.surface, self.ends.apex_mm, self.ends.valve_mm)

    @property
    def extent(self) -> LeftVentricleExtent:
        """Length from epicardial apex to valve plane, radius of the mid-wall surface."""
        length_mm = self.ends.apex_mm + self.ends.valve_mm
        return LeftVentricleExtent(length_mm, self.fit.surface.radial_mm)

    @property
    def support(self) -> float:
        """Match of the candidate times the part of a clear hollow shell that was found there."""
        hollow = np.clip(self.cavity_contrast / CLEAR_CAVITY, 0, 1)
        found = (self.shell_area * self.fit.node_weight).sum()
        return float(self.candidate.score * found * hollow)

    @property
    def closed_end_contrast(self) -> float:
        """Wall counts across the apex less those across the valve plane, of the wall's level."""
        return self.ends.cap - self.ends.lid

    @property
    def cavity_contrast(self) -> float:
        """Median relative fall from wall to cavity, the cap's thick tip and the base left out."""
        return float(np.median(self.fit.reading.cavity_contrast[2:9]))

    @property
    def shell_area(self) -> FloatArray:
        """Part of the shell's area that each node (n, m) before the valve plane stands for."""
        along = self.fit.surface.axial_mm * np.cos(ETA)
        before_valve = along > FADING_BASE_MM - self.ends.valve_mm
        before_valve[:CAP_NODES] = True
        area = np.sin(ETA) * before_valve
        return np.broadcast_to((area / area.sum() / PHI.size)[:, None], (ETA.size, PHI.size))


def fit_candidate(candidate: Candidate, field: WallField) -> Hypothesis:
    """Fit the wall around a candidate and find its ends."""
    fit = fit_wall(field, candidate.surface)
    return Hypothesis(candidate, field, fit, find_ends(field, fit))


def fit_reversed(hypothesis: Hypothesis) -> Hypothesis:
    """Fit the same heart with apex and base exchanged."""
    surface, ends = hypothesis.fit.surface, hypothesis.ends
    middle_to_widest = (ends.apex_mm - ends.valve_mm) / 2 * surface.apex_direction
    start = WallEllipsoid(
        hypothesis.pose.center_mm + middle_to_widest,
        -surface.apex_direction,
        surface.axial_mm,
        surface.radial_mm,
    )
    return fit_candidate(Candidate(start, hypothesis.candidate.score), hypothesis.field)


def fit_measures(hypothesis: Hypothesis) -> dict[Measure, float]:
    """Evidence for a fit, to be judged by `quality.judge`."""
    reading, ends = hypothesis.fit.reading, hypothesis.ends
    area = hypothesis.shell_area
    off_surface = (np.abs(reading.offset_mm) > FOREIGN_MM) & (reading.clearness > 0.5)
    return {
        Measure.EDGE_PART: _edge_part(hypothesis),
        Measure.CLOSED_END_CONTRAST: hypothesis.closed_end_contrast,
        Measure.VALVE_DIRECTIONS_PART: ends.valve_directions,
        Measure.SEEN_PART: float(area[reading.trust > TRUSTED].sum()),
        Measure.FOREIGN_PART: float(area[off_surface].sum()),
        Measure.CAVITY_CONTRAST: hypothesis.cavity_contrast,
        Measure.ROUGHNESS_MM: hypothesis.fit.roughness_mm,
        Measure.SHELL_MATCH: hypothesis.candidate.score,
    }


def fit_spread(hypothesis: Hypothesis) -> PoseUncertainty:
    """How much the pose moves with the data it is fitted to; a spread, not calibrated.

    Two sources are added in squares: the jackknife over eight sectors of the wall, and the
    change when the counts are smoothed more before the fit. The centre also carries
    half the spread of the valve plane over sectors and threshold levels, and is unknown
    (None) where too few directions show that plane.
    """
    fit, ends = hypothesis.fit, hypothesis.ends
    pose = hypothesis.pose
    smoother = refit_wall(hypothesis.field.smoother(), fit.surface).surface
    subsets = list(jackknife(fit))
    axis = np.hypot(
        _jackknife_error([surface.apex_direction for surface in subsets]),
        np.linalg.norm(smoother.apex_direction - fit.surface.apex_direction),
    )
    centers = [_shifted_center(surface, fit.surface, ends) for surface in [*subsets, smoother]]
    center = np.linalg.norm(
        [
            _jackknife_error(centers[:-1]),
            float(np.linalg.norm(centers[-1] - pose.center_mm)),
            ends.valve_spread_mm / 2,
        ]
    )
    return PoseUncertainty(
        long_axis_deg=float(np.rad2deg(axis)),
        center_mm=float(center) if np.isfinite(center) else None,
    )


def relative_noise(volume: SpectVolume, smooth: SpectVolume, level: float) -> float:
    """Standard deviation of the noise in bright voxels, relative to the wall's level.

    From third differences between neighbouring voxels, which structures as wide as
    a wall hardly reach. Correlated noise, as after a post-filter, is underestimated.
    """
    bright = np.flatnonzero(smooth.counts > WALL_PART_OF_LEVEL * level)
    differences = [_third_differences(volume.counts, bright, axis) for axis in range(3)]
    pooled = np.abs(np.concatenate(differences))
    if pooled.size == 0:
        return float("nan")
    return float(np.median(pooled) * MAD_TO_SIGMA / THIRD_DIFFERENCE_NORM / level)


def _third_differences(counts: CountsArray, places: NDArray[np.intp], axis: int) -> CountsArray:
    """Along an axis, around voxels by their places in the flat volume, but for those at its ends.

    Each from the voxel before to the second one behind.
    """
    size, step = counts.shape[axis], math.prod(counts.shape[axis + 1 :])
    along = places // step % size
    here = places[(along >= 1) & (along < size - 2)]
    flat = counts.reshape(-1)
    known: list[CountsArray] = [flat[here + number * step] for number in (-1, 0, 1, 2)]
    for _ in range(3):
        known = [after - before for before, after in pairwise(known)]
    return known[0]


def _pose(surface: WallEllipsoid, apex_mm: float, valve_mm: float) -> RigidPose:
    axis = surface.apex_direction
    theta = np.rad2deg(np.arctan2(axis[0], -axis[1]))
    alpha = np.rad2deg(np.arcsin(np.clip(-axis[2], -1, 1)))
    center = surface.origin_mm + axis * (apex_mm - valve_mm) / 2
    return RigidPose(rotation_from_angles(float(alpha), 0.0, float(theta)), center)


def _shifted_center(
    surface: WallEllipsoid, fitted: WallEllipsoid, ends: VentricleEnds
) -> FloatArray:
    """Centre for another fit: its apex moves along; the valve plane stays where it was seen."""
    moved = float((surface.origin_mm - fitted.origin_mm) @ fitted.apex_direction)
    apex_mm = ends.apex_mm + surface.axial_mm - fitted.axial_mm
    return _pose(surface, apex_mm, ends.valve_mm + moved).center_mm


def _jackknife_error(samples: Sequence[FloatArray]) -> float:
    """Jackknife standard error of a vector (Efron 1982), as a length."""
    values = np.stack(samples)
    deviations = ((values - values.mean(axis=0)) ** 2).sum()
    return float(np.sqrt((len(values) - 1) / len(values) * deviations))


def _edge_part(hypothesis: Hypothesis) -> float:
    """Part of the wall, its cap or the valve plane's rim at the edge of the field of view."""
    surface, ends = hypothesis.fit.surface, hypothesis.ends
    outward = hypothesis.fit.reading.nodes.outward
    behind = -(ends.valve_mm + BEYOND_VALVE_MM) * surface.apex_direction
    rim = surface.origin_mm + behind + 0.8 * surface.radial_mm * outward
    rim_distance = hypothesis.field.sample(hypothesis.field.edge_distance_mm, rim)
    near = hypothesis.fit.reading.edge_distance_mm < NEAR_EDGE_MM
    wall_part = float(hypothesis.shell_area[near].sum())
    cap_part = float(near[:CAP_NODES].mean())
    return max(wall_part, cap_part, float((rim_distance < NEAR_EDGE_MM).mean()))
