"""The right ventricle: a crescent that is symmetric about the middle of the septum."""

from __future__ import annotations

from math import cos, radians, sin, sqrt

from torch import Tensor

from shortaxis.phantom.formed_crescent import formed_crescent_levels
from shortaxis.phantom.heart import Heart, RightVentricle
from shortaxis.phantom.ventricle_surface import VentricleSurface, WallCoordinates

__all__ = ["crescent", "crescent_levels"]

CRESCENT_OFFSET = 0.35
"""Centre of the right ventricle beyond the chord, as a part of its width."""


def crescent(
    right: RightVentricle, radius_mm: float, width_mm: float
) -> tuple[float, float, float]:
    """Semi-axes along x and y, and centre on x, of the right ventricle's ellipse, mm.

    It passes through the circle of the left ventricle at both insertions and reaches `width_mm`
    beyond it. A centre outside the chord between the insertions makes the free wall bulge, and
    keeps the far end of the ellipse with its wall inside the left ventricle.
    """
    angle = radians(right.insertion_angle_deg)
    hidden = (width_mm + right.wall_mm) / 2 - radius_mm * cos(angle)
    offset = max(CRESCENT_OFFSET * width_mm, hidden)
    depth = radius_mm * (1 - cos(angle)) + width_mm - offset
    half_height = radius_mm * sin(angle) / sqrt(1 - (offset / depth) ** 2)
    return depth, half_height, -radius_mm * cos(angle) - offset


def crescent_levels(
    heart: Heart, surface: VentricleSurface, at: WallCoordinates
) -> tuple[Tensor, Tensor]:
    """Outside and inside of the crescent as implicit functions.

    Where the left ventricle is scaled to a circle, the crescent is an ellipse through
    both insertions, whose centre lies on the line through the middle of the septum: whatever
    the shape of the left ventricle, the insertions are symmetric about ``-x_c``.
    """
    right, instant = heart.right_ventricle, surface.instant
    if right.form is not None:
        return formed_crescent_levels(heart, right.form, surface, at)
    scale = 1 / surface.relative_radius(at).clamp_min(0.3)
    x, y = at.x * scale, at.y * scale
    radius = surface.radius_mm
    width = right.width_mm * instant.right_width_scale
    depth, tall, center = crescent(right, radius, width)
    widest = heart.left_ventricle.widest_height
    below = (widest - at.height).clamp_min(0) / (widest - right.apex_height)
    thickness = right.wall_mm
    tip = thickness / instant.length_mm / (widest - right.apex_height)

    def level(margin: float, apex_margin: float) -> Tensor:
        across = ((x - center) / (depth + margin)) ** 2 + (y / (tall + margin)) ** 2
        return across + (below / (1 + apex_margin)) ** 2 - 1

    return level(thickness, tip), level(0.0, 0.0)
