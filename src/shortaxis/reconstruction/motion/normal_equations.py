"""How far the patient moves at given moments: least squares over all views at once.

After a shift, views no longer go on smoothly over the angle. The part of them that is not smooth
(`angular_fit`) is compared with what a small shift would put there, which is the derivative of
the content along rows and bins; and with a change of brightness, one for each head, which a shift
brings with it and which must not be taken for one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.reconstruction.motion.angular_fit import residual_matrix
from shortaxis.reconstruction.motion.view_shifts import pixels_from_patient
from shortaxis.spect.projections import Projections

__all__ = ["NormalEquations", "Views", "equations_of", "solution"]

AXES = 3

NOISE_FLOOR = 0.05
"""Of the hottest pixel, added to the mean, the variance of counts: edges would weigh too much."""

MARGIN = 2
"""Rows and bins at the edge are left out: what is shifted in there is unknown."""

RELATIVE_RANK = 0.05
"""Directions that the views tell so much less of than of the best are taken as no motion."""


@dataclass(frozen=True, eq=False)
class Views:
    """What stays the same while views are shifted.

    Parameters
    ----------
    residual : (view, view) array
        See `residual_matrix`.
    fields : (view, 3, parameter) array
        From three motions in mm and a change of brightness of each head to the shift along rows,
        along bins and the brightness of each view.
    weights : (row, bin) array
        Roots of inverse variances.
    """

    residual: FloatArray
    fields: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, projections: Projections, counts: CountsArray) -> Views:
        """Those of projections with these counts ``(view, row, bin)``."""
        views, heads = len(counts), projections.heads
        fields = np.zeros((views, 3, AXES + heads))
        fields[:, :2, :AXES] = pixels_from_patient(projections)
        for head, run in enumerate(projections.views_of_heads):
            fields[list(run), 2, AXES + head] = 1
        mean = ndimage.gaussian_filter(counts.mean(axis=0, dtype=np.float64), 1)
        weights = np.zeros_like(mean)
        inner = (slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
        weights[inner] = 1 / np.sqrt(mean[inner] + NOISE_FLOOR * mean.max())
        return cls(residual_matrix(projections.angles_deg), fields, weights)


@dataclass(frozen=True, eq=False)
class NormalEquations:
    """Of a shift that any time course ``(view,)`` may have.

    Parameters
    ----------
    gradient : (view, parameter) array
    curvature : (view, view, parameter, parameter) array
    """

    gradient: FloatArray
    curvature: FloatArray

    def of_courses(self, courses: FloatArray) -> tuple[FloatArray, FloatArray]:
        """For ``(course, view)``: right side ``(c, p)``, matrix ``(c, p, c, p)``."""
        right = courses @ self.gradient
        half = np.einsum("cv,vwpq->cwpq", courses, self.curvature)
        matrix = np.einsum("cwpq,dw->cpdq", half, courses)
        return right, np.asarray(matrix)

    def of_each_course(self, courses: FloatArray) -> tuple[FloatArray, FloatArray]:
        """For each course alone: ``(c, p)`` and ``(c, p, p)``."""
        half = np.einsum("cv,vwpq->cwpq", courses, self.curvature)
        return courses @ self.gradient, np.einsum("cwpq,cw->cpq", half, courses)


def equations_of(views: Views, counts: CountsArray, blur_pixels: float) -> NormalEquations:
    """Normal equations about views ``(view, row, bin)`` as they are shifted by now."""
    number = len(counts)
    left = np.tensordot(views.residual, counts, 1)
    smooth = ndimage.gaussian_filter(counts - left, (0, blur_pixels, blur_pixels))
    if blur_pixels > 1:
        left = ndimage.gaussian_filter(left, (0, blur_pixels, blur_pixels))
    moved = (-np.gradient(smooth, axis=1), -np.gradient(smooth, axis=2), smooth)
    templates = [(each * views.weights).reshape(number, -1) for each in moved]
    left = (left * views.weights).reshape(number, -1)
    told = np.stack([(left * each).sum(axis=1) for each in templates], axis=1)
    gradient = np.einsum("vi,vip->vp", told, views.fields)
    curvature = np.zeros((number, number, *2 * views.fields.shape[-1:]))
    for first, one in enumerate(templates):
        for second, other in enumerate(templates):
            shared = views.residual * (one @ other.T)
            curvature += np.einsum(
                "vw,vp,wq->vwpq", shared, views.fields[:, first], views.fields[:, second]
            )
    return NormalEquations(gradient, curvature)


def solution(
    right: FloatArray, matrix: FloatArray, is_motion: NDArray[np.bool_]
) -> tuple[FloatArray, float]:
    """Motions, and how much they explain, brightness taken out.

    Parameters
    ----------
    right, matrix : (n,) and (n, n) arrays
    is_motion : (n,) bool array
        Which unknowns are wanted; the others are fitted along.
    """
    motion, other = np.flatnonzero(is_motion), np.flatnonzero(~is_motion)
    among = matrix[np.ix_(other, other)]
    among = among + 1e-6 * np.trace(among) * np.eye(len(other))
    shared = np.linalg.solve(among, matrix[np.ix_(other, motion)]).T
    right = right[motion] - shared @ right[other]
    matrix = matrix[np.ix_(motion, motion)] - shared @ matrix[np.ix_(other, motion)]
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    is_told = values > max(RELATIVE_RANK * values.max(), np.finfo(float).tiny)
    told = vectors[:, is_told]
    inverse = (told / values[is_told]) @ told.T
    found = inverse @ right
    return found, float(right @ found)
