"""How the heart changes over the cardiac cycle.

The volume of the cavity follows one curve; the wall keeps its volume, so it thickens as the
cavity shrinks; the base moves towards the apex. The curve is a Fourier series of two
harmonics, so its mean over three or more evenly spaced time slots is its mean over the cycle,
and the mean pose is the pose of the parameters exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import pi, sqrt

import torch
from torch import Tensor

from shortaxis.errors import OptionError
from shortaxis.phantom.contraction_curve import (
    ContractionCurve,
    contraction_at,
    curve_with_systole,
)
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.local_motion import LocalMotion, amplitude_field, delay_field
from shortaxis.phantom.ventricle_surface import (
    MIN_CAVITY_MM,
    HeartInstant,
    VentricleSurface,
    WallCoordinates,
    rest_instant,
)

__all__ = [
    "AVERAGING_SLOTS",
    "cavity_volume_ml",
    "contraction_at",
    "cycle_instants",
    "instant_at",
    "wall_volume_ml",
]

AVERAGING_SLOTS = 4
"""Time slots that stand for the cycle in an ungated study: enough for two harmonics."""

QUADRATURE_HEIGHTS, QUADRATURE_ANGLES = 40, 24


def cycle_instants(
    heart: Heart, time_slot: int | None, n_time_slots: int
) -> tuple[HeartInstant, ...]:
    """The instant of one time slot, or a few that stand for the whole cycle.

    Raises
    ------
    OptionError
        If the time slot does not exist.
    """
    if time_slot is None:
        motion = heart.motion
        if not any((motion.ejection_fraction, motion.base_excursion_mm, motion.apex_excursion_mm)):
            return (rest_instant(heart),)
        return tuple(instant_at(heart, slot / AVERAGING_SLOTS) for slot in range(AVERAGING_SLOTS))
    if not 0 <= time_slot < n_time_slots:
        raise OptionError(
            "no such time slot", expected=f"0 to {n_time_slots - 1}", found=str(time_slot)
        )
    return (instant_at(heart, time_slot / n_time_slots),)


@lru_cache(maxsize=256)
def instant_at(heart: Heart, cycle_fraction: float) -> HeartInstant:
    """Size of the heart at a moment of the cycle: 0 is end diastole, 3/8 end systole."""
    rest, motion = rest_instant(heart), heart.motion
    curve = curve_with_systole(motion.end_systole)
    off_mean = _whole_off_mean(heart, curve, cycle_fraction)
    apex_z_mm = rest.apex_z_mm + off_mean * motion.apex_excursion_mm
    base_z_mm = -rest.apex_z_mm - off_mean * motion.base_excursion_mm
    length_mm = base_z_mm - apex_z_mm
    mean_ml, wall_ml = _rest_volumes_ml(heart)
    # The parameters give the mean: V(c) = V_ED (1 - EF c) is mean_ml at the mean of c.
    stroke = motion.ejection_fraction
    full_ml = mean_ml / (1 - stroke * curve.mean)
    cavity_ml = full_ml * (1 - stroke * (off_mean + curve.mean))
    enclosed = (cavity_ml + wall_ml) / (mean_ml + wall_ml)
    moved = replace(
        rest,
        apex_z_mm=apex_z_mm,
        length_mm=length_mm,
        radius_scale=sqrt(enclosed * rest.length_mm / length_mm),
        right_width_scale=1 - 0.6 * stroke * off_mean,
    )
    whole = _with_cavity_volume(heart, moved, cavity_ml)
    if heart.contraction is None:
        return whole
    shape = heart.left_ventricle
    local = LocalMotion(
        regional=heart.contraction,
        curve=curve,
        cycle_fraction=cycle_fraction,
        ejection_fraction=stroke,
        wall_to_cavity=wall_ml / mean_ml,
        thickness=shape.wall_mm / shape.radius_mm,
        stretch=length_mm / rest.length_mm,
        whole=off_mean,
    )
    return replace(whole, local=local)


def _whole_off_mean(heart: Heart, curve: ContractionCurve, cycle_fraction: float) -> float:
    """Contraction of the heart off its mean: that of the curve, or the mean over the wall."""
    if heart.contraction is None:
        return contraction_at(cycle_fraction, curve) - curve.mean
    at = _tube_of(heart).at
    moment = cycle_fraction - delay_field(heart.contraction, at)
    local = amplitude_field(heart.contraction, at) * (curve.field(moment) - curve.mean)
    return float(local.mean())


@lru_cache(maxsize=64)
def _rest_volumes_ml(heart: Heart) -> tuple[float, float]:
    rest = rest_instant(heart)
    return cavity_volume_ml(heart, rest), wall_volume_ml(heart, rest)


def _with_cavity_volume(heart: Heart, instant: HeartInstant, cavity_ml: float) -> HeartInstant:
    """Find the wall thickness that leaves a cavity of this volume (secant method)."""
    previous, scale = 0.9, 1.1
    previous_error = cavity_volume_ml(heart, replace(instant, wall_scale=previous)) - cavity_ml
    for _ in range(8):
        error = cavity_volume_ml(heart, replace(instant, wall_scale=scale)) - cavity_ml
        if abs(error) < 1e-3 * cavity_ml or error == previous_error:
            break
        slope = (error - previous_error) / (scale - previous)
        previous, previous_error = scale, error
        scale = min(max(scale - error / slope, 0.25), 4.0)
    return replace(instant, wall_scale=scale)


def cavity_volume_ml(heart: Heart, instant: HeartInstant) -> float:
    """Volume between the endocardium and the valve plane, papillary muscles included, ml."""
    tube, surface = _tube_of(heart), VentricleSurface(heart, instant)
    wide = tube.epicardium_mm(surface) - tube.wall_mm(instant)
    height, bottom = tube.at.height, surface.cavity_bottom
    radius = wide.clamp_min(MIN_CAVITY_MM) * surface.closing(height, bottom)
    return _volume_ml(surface, tube.at, radius.where(height > bottom, 0 * radius))


def wall_volume_ml(heart: Heart, instant: HeartInstant) -> float:
    """Volume between epicardium and endocardium below the valve plane, ml."""
    tube, surface = _tube_of(heart), VentricleSurface(heart, instant)
    radius = tube.epicardium_mm(surface) * surface.closing(tube.at.height, 0.0)
    return _volume_ml(surface, tube.at, radius) - cavity_volume_ml(heart, instant)


@dataclass(frozen=True, eq=False)
class _Tube:
    """Heights and angles at which volumes are summed, with what instants have in common there.

    Parameters
    ----------
    at : WallCoordinates
        Radii are 1.
    relative_radius, wall_at_rest_mm : (height, angle) tensors
        Of a heart that contracts everywhere alike, before its scales.
    """

    at: WallCoordinates
    relative_radius: Tensor
    wall_at_rest_mm: Tensor

    def epicardium_mm(self, surface: VentricleSurface) -> Tensor:
        """Radius at an instant, before the apex closes it."""
        local, relative = surface.instant.local, self.relative_radius
        if local is not None:
            relative = relative * local.radius(self.at)
        return surface.radius_mm * relative

    def wall_mm(self, instant: HeartInstant) -> Tensor:
        """Thickness at an instant."""
        local, wall = instant.local, self.wall_at_rest_mm
        if local is not None:
            wall = wall * local.wall(self.at)
        return wall * instant.wall_scale


@lru_cache(maxsize=4)
def _tube_of(heart: Heart) -> _Tube:
    heights = (torch.arange(QUADRATURE_HEIGHTS) + 0.5) / QUADRATURE_HEIGHTS
    angles = (torch.arange(QUADRATURE_ANGLES) + 0.5) * (2 * torch.pi / QUADRATURE_ANGLES)
    height, angle = torch.meshgrid(heights.double(), angles.double(), indexing="ij")
    at = WallCoordinates(height, torch.cos(angle), torch.sin(angle))
    surface = VentricleSurface(heart, rest_instant(heart))
    return _Tube(at, surface.relative_radius(at), surface.wall_mm(at))


def _volume_ml(surface: VentricleSurface, at: WallCoordinates, radius: Tensor) -> float:
    """Integrate ``r^2 / 2`` over angle, with the span between the planes of equal height.

    The span is ``L + t . (x, y)``; over a sector from the centre line its mean weight is the
    span at two thirds of the radius.
    """
    two_thirds = WallCoordinates(at.height, at.x * radius * 2 / 3, at.y * radius * 2 / 3)
    x, y, _ = surface.positions(two_thirds)
    span = surface.instant.length_mm + surface.tilt[0] * x + surface.tilt[1] * y
    cell = 2 * pi / QUADRATURE_ANGLES / QUADRATURE_HEIGHTS
    return float((radius * radius / 2 * span).sum()) * cell / 1000.0
