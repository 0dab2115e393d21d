"""Views of Gaussian balls, which are known by hand: sums along lines are Gaussians, too."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from shortaxis.spect.projections import Projections

PIXEL_MM = 6.4
AXIS_MM = (12.0, -30.0, 55.0)
"""Where the axis of rotation passes the middle of the rows: nowhere near zero."""


@dataclass(frozen=True)
class Ball:
    """Activity about a place, mm from the middle of the field, LPS."""

    place_mm: tuple[float, float, float]
    sigma_mm: float = 14.0
    counts: float = 1.0


CHEST = (
    Ball((45, -35, 8), 16, 1.0),
    Ball((20, -55, -12), 14, 0.6),
    Ball((-60, -5, -40), 30, 2.0),
    Ball((0, 30, 30), 45, 1.5),
)
"""Something like a heart, a liver and a body."""


def angles_of(arc_deg: float, views: int, start_deg: float = 225.0, sign: float = -1.0):
    """Evenly spaced, clockwise from right anterior unless told otherwise."""
    return tuple(float((start_deg + sign * arc_deg / views * view) % 360) for view in range(views))


def views_of(
    balls: tuple[Ball, ...],
    angles_deg: tuple[float, ...],
    shape: tuple[int, int] = (32, 48),
    course_mm: np.ndarray | None = None,
    **changes: Any,
) -> Projections:
    """Expected counts; `course_mm`, ``(view, 3)``, says how far the patient lies off."""
    rows, bins = shape
    z = -(np.arange(rows) - (rows - 1) / 2)[:, None] * PIXEL_MM
    u = (np.arange(bins) - (bins - 1) / 2)[None, :] * PIXEL_MM
    counts = np.zeros((len(angles_deg), rows, bins))
    for number, angle in enumerate(np.radians(angles_deg)):
        off = np.zeros(3) if course_mm is None else course_mm[number]
        for ball in balls:
            left, back, up = np.array(ball.place_mm) + off
            # Somebody at the patient's back (0 degrees) has the patient's left at his left.
            across = -np.cos(angle) * left + np.sin(angle) * back
            square = (u - across) ** 2 + (z - up) ** 2
            peak = ball.counts * PIXEL_MM**2 / (2 * np.pi * ball.sigma_mm**2)
            counts[number] += peak * np.exp(-0.5 * square / ball.sigma_mm**2)
    values: dict[str, Any] = {
        "counts": counts[None, None].astype(np.float32),
        "angles_deg": angles_deg,
        "radial_position_mm": (180.0,) * len(angles_deg),
        "pixel_mm": (PIXEL_MM, PIXEL_MM),
        "axis_mm": AXIS_MM,
        "windows_kev": ((126.45, 154.55),),
    }
    return Projections(**{**values, **changes})


def counted(projections: Projections, hottest: float, seed: int = 0) -> Projections:
    """With counting noise, the hottest bin of all being so many counts."""
    expected = projections.counts / projections.counts.max() * hottest
    noisy = np.random.default_rng(seed).poisson(expected).astype(np.float32)
    return with_counts(projections, noisy)


def with_counts(projections: Projections, counts: np.ndarray, **changes: Any) -> Projections:
    """The same views with other counts."""
    return replace(projections, counts=counts.astype(np.float32), **changes)
