"""What neighbouring views have in common, and what is left of each.

The content of a view changes little from one angle to the next: a source at radius ``R`` seen at a
resolution ``w`` holds no more than about ``2 pi R / w`` harmonics over the turn (Rattey and
Lindgren, IEEE Trans Acoust Speech Signal Process 1981;29:994). A smoothing spline over the angle
(Whittaker; Eilers, Anal Chem 2003;75:3631) takes out what changes so slowly, and leaves steps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.arrays import FloatArray

__all__ = ["FARTHEST_STEP_DEG", "order_of_angles", "residual_matrix"]

HARMONICS = 15.0
"""Over a whole turn: sources within 120 mm of the axis, at 50 mm; where half is taken out."""

FARTHEST_STEP_DEG = 360 / HARMONICS
"""Between views: farther apart, none of them is a smooth change of the one beside it."""

DIFFERENCES = 3
"""Order of the differences that the spline keeps small."""

GAP = 1.5
"""Of the usual step between angles: a wider gap is no neighbourhood."""

SAME_DEG = 0.01
"""Angles no farther apart are one: views of several rotations, or of two heads."""


def order_of_angles(angles_deg: Sequence[float]) -> tuple[NDArray[np.int64], bool, float]:
    """Views by their angle, beginning after the widest gap; whether they close; the usual step."""
    angles = np.mod(np.asarray(angles_deg, dtype=np.float64), 360)
    order = np.argsort(angles, kind="stable")
    gaps = np.diff(np.append(angles[order], angles[order][0] + 360))
    usual = float(np.median(gaps[gaps > SAME_DEG]))
    widest = int(np.argmax(gaps))
    return np.roll(order, -widest - 1), bool(gaps[widest] < GAP * usual), usual


def residual_matrix(angles_deg: Sequence[float]) -> FloatArray:
    """Symmetric ``(view, view)`` matrix that leaves of views what is no smooth change of angle."""
    order, closes, step_deg = order_of_angles(angles_deg)
    turned = np.mod(np.asarray(angles_deg, dtype=np.float64)[order], 360)
    places = np.append(0, np.cumsum(np.mod(np.diff(turned), 360) > SAME_DEG))
    stiffness = _stiffness(int(places[-1]) + 1, step_deg, closes=closes)
    at_place = np.eye(len(stiffness))[places]
    smooth = at_place @ np.linalg.solve(at_place.T @ at_place + stiffness, at_place.T)
    kept = np.eye(len(order)) - smooth
    matrix: FloatArray = np.empty_like(kept)
    matrix[np.ix_(order, order)] = (kept + kept.T) / 2
    return matrix


def _stiffness(places: int, step_deg: float, *, closes: bool) -> FloatArray:
    """What the spline pays for changing from one angle to the next, ``(place, place)``."""
    differences = np.eye(places)
    for _ in range(DIFFERENCES):
        if closes:
            differences = np.roll(differences, -1, axis=0) - differences
        else:
            differences = np.diff(differences, axis=0)
    # Half of a wave of HARMONICS over the turn is taken out.
    wave = 2 * np.sin(min(np.radians(step_deg) * HARMONICS, np.pi) / 2)
    return np.asarray(differences.T @ differences / wave ** (2 * DIFFERENCES))
