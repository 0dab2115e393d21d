"""How well slices match a transaxial volume under an affine, and the rigid motion that fits best.

The match is the one of a straight line: counts of the slices against counts of the volume at the
same places, so it does not matter in which unit they are stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage, optimize
from scipy.spatial.transform import Rotation

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.stored_slices import StoredSlices
from shortaxis.spect.volume import SpectVolume

__all__ = ["Fitter", "Match", "in_units_of", "match_of", "motion_matrix", "zeroed_voxels"]

MEANINGFUL_ZEROS = 0.05
"""Slices of which more is exactly zero were cut out by a mask: zeros mean nothing then."""

HEART_RADIUS_MM = 60.0
"""Wall and cavity of most hearts, and what lies against them."""


@dataclass(frozen=True)
class Match:
    """Agreement of slices and volume.

    `similarity` is the correlation coefficient of their counts at the same places, `heart` the
    same within 60 mm of the middle of the heart, `residual` the standard deviation of what a
    straight line between the two leaves, as part of the 99th percentile of the slices, and
    `overlap` the part of the slices that lies in the volume.
    """

    similarity: float
    heart: float
    residual: float
    overlap: float


def zeroed_voxels(counts: CountsArray) -> np.ndarray:
    """Voxels that a mask set to zero; none where zeros are rare enough to be counts."""
    zero = counts == 0
    return zero if zero.mean() > MEANINGFUL_ZEROS else np.zeros_like(zero)


def match_of(
    slices: StoredSlices,
    patient_from_index: FloatArray,
    transaxial: SpectVolume,
    heart_mm: FloatArray | None = None,
) -> Match:
    """Agreement of all voxels of the slices under their affine; `heart_mm` is in LPS mm."""
    indices = np.moveaxis(np.indices(slices.counts.shape), 0, -1).reshape(-1, 3)
    theirs = slices.counts.reshape(-1)
    usable = ~zeroed_voxels(slices.counts).reshape(-1)
    indices, theirs = indices[usable], theirs[usable]
    places = apply_affine(patient_from_index, indices)
    ours, inside = _sampled(transaxial.counts, transaxial, places)
    if inside.sum() < 2:
        return Match(0.0, 0.0, 1.0, 0.0)
    similarity, residual = _line_fit(ours[inside], theirs[inside])
    near = inside
    if heart_mm is not None:
        near = inside & (np.linalg.norm(places - heart_mm, axis=1) < HEART_RADIUS_MM)
    heart = _line_fit(ours[near], theirs[near])[0] if near.sum() > 1 else 0.0
    level = float(np.percentile(theirs, 99)) or 1.0
    return Match(similarity, heart, residual / level, float(inside.mean()))


@dataclass(frozen=True, eq=False)
class Fitter:
    """Fits of slices to a volume, both blurred once; any number of affines can be tried.

    Parameters
    ----------
    slices, transaxial
        What is laid on what.
    smoothing_mm : float
        Standard deviation of the blur of both.
    most_points : int
        About how many voxels of the slices are compared.
    """

    slices: StoredSlices
    transaxial: SpectVolume
    smoothing_mm: float
    most_points: int

    @cached_property
    def fixed(self) -> CountsArray:
        """Blurred counts of the slices."""
        counts, sigma = self.slices.counts, self.smoothing_mm / self.slices.spacing_mm
        zeroed = zeroed_voxels(counts)
        if not zeroed.any():
            return _blurred(counts, sigma)
        # Zeros of a mask are no counts: they must not darken what lies beside them.
        part = _blurred((~zeroed).astype(np.float32), sigma)
        freed = _blurred(counts, sigma) / np.maximum(part, MIN_PART)
        return np.asarray(freed, dtype=np.float32)

    @cached_property
    def moving(self) -> CountsArray:
        """Blurred counts of the volume."""
        return _blurred(self.transaxial.counts, self.smoothing_mm / self.transaxial.spacing_mm)

    @cached_property
    def usable(self) -> FloatArray:
        """Indices (n, 3) of the voxels that count."""
        return np.argwhere(~zeroed_voxels(self.slices.counts)).astype(np.float64)

    def fitted(self, patient_from_index: FloatArray) -> FloatArray:
        """Affine of the slices after the rigid motion that makes the squared residual least."""
        places = apply_affine(patient_from_index, self.usable)
        _, inside = _sampled(self.moving, self.transaxial, places)
        chosen = np.flatnonzero(inside)
        chosen = chosen[:: max(1, len(chosen) // self.most_points)]
        if len(chosen) < MIN_POINTS:
            return patient_from_index
        places = places[chosen]
        theirs = self.fixed[tuple(self.usable[chosen].astype(int).T)].astype(np.float64)
        about = places.mean(axis=0)

        def residuals(parameters: FloatArray) -> FloatArray:
            moved = apply_affine(motion_matrix(parameters / SCALES, about), places)
            ours, _ = _sampled(self.moving, self.transaxial, moved)
            return _off_the_line(ours, theirs)

        solution = optimize.least_squares(
            residuals, np.zeros(6), method="lm", diff_step=np.full(6, 1e-2), xtol=1e-4, ftol=1e-5
        )
        fitted: FloatArray = motion_matrix(solution.x / SCALES, about) @ patient_from_index
        return fitted


def in_units_of(
    transaxial: SpectVolume,
    counts: CountsArray,
    patient_from_index: FloatArray,
    usable: np.ndarray,
) -> CountsArray:
    """Counts of laid slices after the straight line that takes them to those of the volume."""
    places = apply_affine(patient_from_index, np.argwhere(usable))
    ours, inside = _sampled(transaxial.counts, transaxial, places)
    theirs = counts[usable][inside].astype(np.float64)
    if len(theirs) < MIN_POINTS or theirs.std() == 0:
        return counts
    slope, level = np.polyfit(theirs, ours[inside], 1)
    return np.asarray(slope * counts + level, dtype=np.float32)


def motion_matrix(parameters: FloatArray, about_mm: FloatArray) -> FloatArray:
    """Rigid 4x4 motion: a rotation vector (rad) about a point, then a shift (mm)."""
    motion = np.eye(4)
    motion[:3, :3] = Rotation.from_rotvec(parameters[:3]).as_matrix()
    motion[:3, 3] = about_mm - motion[:3, :3] @ about_mm + parameters[3:]
    return motion


def _blurred(counts: CountsArray, sigma: FloatArray) -> CountsArray:
    blurred: CountsArray = ndimage.gaussian_filter(counts, sigma) if sigma.any() else counts
    return blurred


MIN_POINTS = 200

MIN_PART = 0.1
"""Of a voxel that must be free of a mask to be divided by."""

SCALES = np.array([60.0, 60.0, 60.0, 1.0, 1.0, 1.0])
"""A turn of 1/60 rad moves the wall of the heart by about as much as a shift of 1 mm."""


def _sampled(
    counts: CountsArray, volume: SpectVolume, places_mm: FloatArray
) -> tuple[FloatArray, np.ndarray]:
    """Counts at places (n, 3), LPS mm, and which of them lie in the volume."""
    index = apply_affine(invert_affine(volume.patient_from_index), places_mm)
    inside = ((index >= 0) & (index <= np.array(counts.shape) - 1)).all(axis=1)
    sampled = ndimage.map_coordinates(
        np.asarray(counts, dtype=np.float32), index.T, order=1, mode="nearest"
    )
    return sampled.astype(np.float64), np.asarray(inside)


def _off_the_line(ours: FloatArray, theirs: FloatArray) -> FloatArray:
    """What the best straight line from ours to theirs leaves, in standard deviations of theirs."""
    x, y = ours - ours.mean(), theirs - theirs.mean()
    slope = float(x @ y) / max(float(x @ x), np.finfo(np.float64).tiny)
    off: FloatArray = (y - slope * x) / max(float(y.std()), np.finfo(np.float64).tiny)
    return off


def _line_fit(ours: FloatArray, theirs: FloatArray) -> tuple[float, float]:
    x, y = ours - ours.mean(), theirs.astype(np.float64) - theirs.mean()
    both = float(np.linalg.norm(x) * np.linalg.norm(y))
    correlation = float(x @ y) / both if both > 0 else 0.0
    return correlation, float(y.std()) * float(np.sqrt(max(1 - correlation**2, 0)))
