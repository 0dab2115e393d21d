"""The right ventricle with the form of measured ones, as implicit functions.

Where the left ventricle is scaled to a circle of radius ``r0(h)`` at each height, the crescent
reaches from the middle of the septum ``m(h)`` over a half arc ``a(h)`` to either side. With
``u = (angle - m) / a``, positive towards the anterior insertion, its depth beyond the left
ventricle is ``width * P(u)``, where ``P`` is 1 in the middle and 0 at the insertions.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, radians, tau

import numpy as np
import torch
from torch import Tensor

from shortaxis.phantom.crescent_form import CrescentForm
from shortaxis.phantom.heart import Heart, RightVentricle
from shortaxis.phantom.ventricle_surface import VentricleSurface, WallCoordinates

__all__ = [
    "MID_HEIGHT",
    "formed_crescent_levels",
    "insertion_angles_deg",
    "septum_middle_deg",
]

MID_HEIGHT = 0.5
TWIST_HEIGHT, BASAL_HEIGHT = 0.23, 0.83
"""Middle of the apical and of the basal third of the septum, where angles were measured."""
LOWEST_TWIST = 1.4
"""Twist goes on below `TWIST_HEIGHT`, up to this times its value there."""
APICAL_NARROWING, BASAL_NARROWING = 0.14, 0.10
"""Arcs of 119, 139 and 125 degrees in the apical third, at mid-height and in the basal third."""
THINNEST_MM = 0.3


@dataclass(frozen=True, eq=False)
class _Place:
    """Where points lie: `u`, 1 at the anterior and -1 at the inferior insertion; the half arc."""

    u: Tensor
    half_arc: Tensor


def septum_middle_deg(form: CrescentForm, height: Tensor) -> Tensor:
    """Middle of the septum from its place at mid-height, degrees, positive towards anterior."""
    down = (MID_HEIGHT - height) / (MID_HEIGHT - TWIST_HEIGHT)
    return form.apical_twist_deg * down.clamp(0, LOWEST_TWIST)


def insertion_angles_deg(right: RightVentricle, form: CrescentForm, height: float) -> np.ndarray:
    """Cardiac angles of the anterior and the inferior insertion at a height, (2,) degrees."""
    at = torch.tensor(height, dtype=torch.float64)
    middle = 180.0 + float(septum_middle_deg(form, at))
    half = float(_half_arc(right, at)) * 180 / pi
    return np.array([middle + half, middle - half])


def formed_crescent_levels(
    heart: Heart, form: CrescentForm, surface: VentricleSurface, at: WallCoordinates
) -> tuple[Tensor, Tensor]:
    """Outside and inside of the crescent, negative within."""
    right, instant = heart.right_ventricle, surface.instant
    place = _place(right, form, at)
    beyond = _beyond_mm(surface, at)
    depth = right.width_mm * instant.right_width_scale * _profile(form, place, at)
    widest = heart.left_ventricle.widest_height
    below = (widest - at.height).clamp_min(0) / (widest - right.apex_height)
    ends = _axis_height(surface, at) - _top(form, place)

    def level(margin_mm: float) -> Tensor:
        tip = margin_mm / instant.length_mm / (widest - right.apex_height)
        reach = (depth + margin_mm).clamp_min(THINNEST_MM)
        # The root grows evenly with distance, also where the crescent is thin.
        shell = torch.sqrt((beyond / reach) ** 2 + (below / (1 + tip)) ** 2 + 1e-6) - 1
        past_insertion = place.u.abs() - 1 - margin_mm / (place.half_arc * surface.radius_mm)
        return torch.maximum(torch.maximum(shell, past_insertion), ends)

    return level(right.wall_mm), level(0.0)


def _place(right: RightVentricle, form: CrescentForm, at: WallCoordinates) -> _Place:
    middle = pi + septum_middle_deg(form, at.height) * (pi / 180)
    off = torch.remainder(at.angle - middle + pi, tau) - pi
    half_arc = _half_arc(right, at.height)
    return _Place(off / half_arc, half_arc)


def _half_arc(right: RightVentricle, height: Tensor) -> Tensor:
    """Half the angle between the insertions, radians."""
    down = ((MID_HEIGHT - height) / (MID_HEIGHT - TWIST_HEIGHT)).clamp(0, 1)
    up = ((height - MID_HEIGHT) / (BASAL_HEIGHT - MID_HEIGHT)).clamp(0, 1)
    return radians(right.insertion_angle_deg) * (1 - APICAL_NARROWING * down - BASAL_NARROWING * up)


def _beyond_mm(surface: VentricleSurface, at: WallCoordinates) -> Tensor:
    """Distance outside the epicardium across the axis, with the left ventricle made a circle."""
    scaled = at.radius / surface.relative_radius(at).clamp_min(0.3)
    return (scaled - surface.radius_mm * surface.closing(at.height, 0.0)).clamp_min(0)


def _profile(form: CrescentForm, place: _Place, at: WallCoordinates) -> Tensor:
    """Depth relative to the middle: a polynomial of ``u`` through the four given points."""
    turned = radians(form.basal_turn_deg) / place.half_arc
    turned = turned * ((at.height - MID_HEIGHT) / (BASAL_HEIGHT - MID_HEIGHT)).clamp(0, 1.2)
    u = place.u.clamp(-1, 1)
    # The bulk turns; the insertions stay.
    u = u - turned * (1 - u * u)
    squared = u * u
    a, b = _bends(form)
    return (1 - squared).clamp_min(0) * (1 + a * squared + b * squared**2) * (1 - form.skew * u / 2)


def _bends(form: CrescentForm) -> tuple[float, float]:
    """``a, b`` of ``P = (1 - u^2) (1 + a u^2 + b u^4)`` from its values at 1/2 and 3/4."""
    half, most = 0.25, 0.5625
    wanted = (form.half_fullness / (1 - half) - 1, form.three_quarter_fullness / (1 - most) - 1)
    solved = np.linalg.solve([[half, half**2], [most, most**2]], wanted)
    return float(solved[0]), float(solved[1])


def _axis_height(surface: VentricleSurface, at: WallCoordinates) -> Tensor:
    """Height along the axis; that of the wall counts up to the oblique valve plane."""
    tilt_x, tilt_y = surface.tilt
    return at.height * (1 + (tilt_x * at.x + tilt_y * at.y) / surface.instant.length_mm)


def _top(form: CrescentForm, place: _Place) -> Tensor:
    part = (place.u.clamp(-1, 1) + 1) / 2
    return form.inferior_top + part * (form.anterior_top - form.inferior_top)
