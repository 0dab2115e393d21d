"""A blurred ring that beats, fitted to the profile of the body: what blur hides of the wall.

The body of the ventricle is a ring in every slot. Its wall keeps its area as it moves, less what
the long axis shortens, and its activity; only the blur of the image hides how thick it is. Blur,
thickness and the course of the radius are found together from the profiles of all slots: a ring
that thickens brightens as far as the blur says (partial volume). At a distance r from the axis the
blurred ring is an integral over modified Bessel functions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares
from scipy.special import i0e

from shortaxis.anatomy.hybrid_grid import HINGE_Z_MM, POLAR_ROWS
from shortaxis.function.beating_wall import BeatingWall
from shortaxis.function.harmonics import BeatFit
from shortaxis.function.pooled_profile import counts_at
from shortaxis.geometry.arrays import FloatArray

__all__ = ["BeatingRing", "beating_ring"]

LOWEST, HIGHEST = 0.1, 0.7
"""Parts of the long axis that are a ring: above the apex, below the membranous septum."""

PLACES_MM = 1.5
OUTSIDE_MM = 18.0
"""From the middle of the wall outwards; beyond it lie neighbours."""

NEIGHBOURS_MM, NEIGHBOURS_WEIGHT = 14.0, 0.3
NEAREST_MM, LEAST_RADIUS_MM = 2.5, 3.0

USUAL_BLUR_MM, BLUR_SPREAD = 6.0, 0.08
USUAL_WALL_MM, WALL_SPREAD = 10.5, 0.1
"""Where the fit begins, and how firmly it is held there, in logarithms: blur and thickness are told
apart by the change of the counts alone, which is little."""

NOISE = 0.02
"""Of a profile, in parts of its highest value."""

STEPS = 25
QUADRATURE = np.polynomial.legendre.leggauss(12)


@dataclass(frozen=True, eq=False)
class BeatingRing:
    """What was fitted.

    Parameters
    ----------
    inner_mm : (slot,) array
        Radius of the cavity.
    length_part : (slot,) array
        Length of the long axis, relative to its mean.
    blur_mm, wall_mm : float
        Standard deviation of the blur, and mean thickness.
    inside, outside : float
        Counts in the cavity and around the ventricle, as parts of those of the wall.
    misfit : float
        Root mean square, in parts of the highest value.
    """

    inner_mm: FloatArray
    length_part: FloatArray
    blur_mm: float
    wall_mm: float
    inside: float
    outside: float
    misfit: float

    @property
    def cavity_mm2(self) -> FloatArray:
        """Square of the radius times the length, (slot,): goes as the volume does."""
        return self.inner_mm**2 * self.length_part


@dataclass(frozen=True, eq=False)
class _Body:
    """Profiles (slot, place) about the axis, and where their places lie."""

    radius_mm: FloatArray
    profiles: FloatArray
    weights: FloatArray
    middle_mm: float
    course_mm: FloatArray
    length_part: FloatArray


def beating_ring(beating: BeatingWall, heights: FloatArray) -> BeatingRing:
    """Fit a ring to the body.

    Parameters
    ----------
    beating : BeatingWall
    heights : (row, angle) array
        Part of the long axis at which each ray meets the wall.
    """
    body = _body(beating, heights)
    fit = BeatFit(np.ones(body.length_part.size, dtype=bool), beating.fit.harmonics)

    def of(numbers: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        moving = fit.at(numbers[2:], fit.moments)
        return _modelled(body, float(np.exp(numbers[0])), float(np.exp(numbers[1])), moving)

    def residuals(numbers: FloatArray) -> FloatArray:
        held = [
            (numbers[0] - np.log(USUAL_BLUR_MM)) / BLUR_SPREAD,
            (numbers[1] - np.log(USUAL_WALL_MM)) / WALL_SPREAD,
        ]
        return np.concatenate([of(numbers)[0].ravel() / NOISE, held])

    start = np.array(
        [np.log(USUAL_BLUR_MM), np.log(USUAL_WALL_MM), *fit.coefficients(body.course_mm)]
    )
    scale = np.array([0.2, 0.2, *np.full(start.size - 2, 2.0)])
    found = least_squares(residuals, start, max_nfev=STEPS, x_scale=scale).x
    off, inner, levels = of(found)
    top = max(float(levels[0]), 1e-6)
    return BeatingRing(
        inner,
        body.length_part,
        float(np.exp(found[0])),
        float(np.exp(found[1])),
        float(levels[1]) / top,
        float(levels[2]) / top,
        float(np.sqrt((off**2).mean())),
    )


def _body(beating: BeatingWall, heights: FloatArray) -> _Body:
    middle = beating.middle_mm[:, POLAR_ROWS:]
    mean = middle.mean(axis=0)
    body = heights[POLAR_ROWS:]
    is_ring = (body > LOWEST) & (body <= HIGHEST)
    seen = is_ring & beating.is_seen[POLAR_ROWS:]
    weights = np.where(seen if seen.any() else is_ring, mean, 1e-9)
    weights = weights / weights.sum()
    radius = float((weights * mean).sum())
    off = np.arange(-radius + NEAREST_MM, OUTSIDE_MM + 0.1, PLACES_MM)
    places = mean + off[:, None, None]
    sampled = np.stack(
        [
            (counts_at(rays[:, POLAR_ROWS:], places) * weights).sum(axis=(1, 2))
            for rays in beating.rays
        ]
    )
    profiles = beating.fit.smoothed(sampled)
    at = radius + off
    trusted = np.where(off > NEIGHBOURS_MM, NEIGHBOURS_WEIGHT, 1.0)
    length = np.maximum(beating.valve[:, 0] - HINGE_Z_MM + WALL_BELOW_HINGE_MM, 10.0)
    return _Body(
        at,
        profiles / max(float(profiles.max()), 1e-9),
        trusted * np.sqrt(np.clip(at / radius, 0.15, 1.0)),
        radius,
        (middle * weights).sum(axis=(1, 2)),
        length / length.mean(),
    )


WALL_BELOW_HINGE_MM = 20.0
"""About the radius of the cap."""


def _modelled(
    body: _Body, blur_mm: float, wall_mm: float, moving_mm: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What the best levels leave over (slot, place), inner radius (slot,), levels (3,)."""
    radius = np.maximum(moving_mm, LEAST_RADIUS_MM)
    area = 2 * wall_mm * body.middle_mm / body.length_part
    inner = np.maximum(radius - area / (4 * radius), 0)
    outer = np.sqrt(inner**2 + area)
    wall = _blurred(body.radius_mm, inner, outer, blur_mm)
    cavity = _blurred(body.radius_mm, np.zeros_like(inner), inner, blur_mm)
    parts = np.stack([wall, cavity, 1 - wall - cavity], axis=-1) * body.weights[:, None]
    wanted = body.profiles * body.weights
    solved = np.linalg.lstsq(parts.reshape(-1, 3), wanted.ravel(), rcond=None)[0]
    levels: FloatArray = np.maximum(solved, 0)
    return parts @ levels - wanted, inner, levels


def _blurred(
    radius_mm: FloatArray, inner_mm: FloatArray, outer_mm: FloatArray, blur_mm: float
) -> FloatArray:
    """Rings (slot,) at distances (place,) from their axis after a Gaussian blur."""
    nodes, weights = QUADRATURE
    half = (outer_mm - inner_mm) / 2
    rho = ((outer_mm + inner_mm) / 2)[:, None] + half[:, None] * nodes
    r, at = radius_mm[None, :, None], rho[:, None, :]
    kernel = np.exp(-((r - at) ** 2) / (2 * blur_mm**2)) * i0e(r * at / blur_mm**2)
    blurred: FloatArray = (kernel * at * (half[:, None] * weights)[:, None, :]).sum(axis=-1)
    return blurred / blur_mm**2
