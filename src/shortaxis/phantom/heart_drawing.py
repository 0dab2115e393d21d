"""Ventricles with their blood and muscle, drawn in the cardiac frame at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin, sqrt
from typing import NamedTuple

import torch
from torch import Tensor

from shortaxis.phantom.crescent import crescent_levels
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.heart_points import HeartPoints
from shortaxis.phantom.ventricle_surface import (
    HeartInstant,
    VentricleSurface,
    WallCoordinates,
)

__all__ = [
    "DrawnVentricles",
    "VentricleParts",
    "draw_ventricles",
    "muscle_height",
    "ventricle_parts",
    "wall_depth",
    "wall_uptake",
]

PAPILLARY_ANGLES_DEG = (-45.0, 110.0)
"""Anterolateral and posteromedial."""
THINNEST_PAPILLARY_MM = 0.5
"""Below it there are none."""
PAPILLARY_HEIGHT, PAPILLARY_HALF_HEIGHT = 0.52, 0.17
SUBENDOCARDIAL_EDGE = 0.3
"""Part of the wall over which a subendocardial defect ends."""


@dataclass(frozen=True, eq=False)
class VentricleParts:
    """Coordinates of all points, and at the drawn ones what each part of the ventricle occupies.

    `depth` goes from 0 at the endocardium to 1 at the epicardium, at all points.
    """

    surface: VentricleSurface
    at: WallCoordinates
    below_valve: Tensor
    enclosed: Tensor
    wall: Tensor
    cavity: Tensor
    depth: Tensor


def ventricle_parts(heart: Heart, instant: HeartInstant, points: HeartPoints) -> VentricleParts:
    """Occupancies of the left ventricle at the drawn points."""
    surface = VentricleSurface(heart, instant)
    at = surface.coordinates(points.x, points.y, points.z)
    outer, inner = surface.epicardium(at), surface.endocardium(at)
    below_valve = points.occupancy(at.height - 1)
    epicardium, endocardium = points.occupancy(outer), points.occupancy(inner)
    muscle_ends = points.occupancy(at.height - muscle_height(surface, at))
    return VentricleParts(
        surface=surface,
        at=at,
        below_valve=below_valve,
        enclosed=epicardium * below_valve,
        wall=(epicardium - endocardium).clamp_min(0) * muscle_ends,
        cavity=endocardium * below_valve,
        depth=wall_depth(inner, outer),
    )


def wall_depth(inner: Tensor, outer: Tensor) -> Tensor:
    """From 0 at the endocardium to 1 at the epicardium, by their levels from `VentricleSurface`.

    Levels grow faster than distances: in the middle of a wall nearly as thick as the cavity's
    radius it is 0.7, so that a defect reaches less far than its transmurality is of the wall in mm.
    """
    return inner / (inner - outer).clamp_min(1e-4)


def muscle_height(surface: VentricleSurface, at: WallCoordinates) -> Tensor:
    """Height at which the muscle ends: lower where the septum is membranous."""
    missing = surface.shape.membranous_septum_mm / surface.shape.length_mm
    towards_septum = ((_off_septum(surface, at) - 0.5) / 0.5).clamp(0, 1)
    return 1 - missing * towards_septum * (2 - towards_septum)


def _off_septum(surface: VentricleSurface, at: WallCoordinates) -> Tensor:
    """Cosine of the angle from where the septum is shortest."""
    turned = radians(surface.shape.membranous_direction_deg)
    if turned == 0:
        return -at.cosine
    return -at.cosine * cos(turned) - at.sine * sin(turned)


def wall_uptake(surface: VentricleSurface, at: WallCoordinates, depth: Tensor) -> Tensor:
    """Uptake by height, angle and depth (0 endocardium, 1 epicardium)."""
    gains, shape = surface.shape.regional_uptake, surface.shape
    # Angles mean nothing on the axis: angular terms fade towards the apex.
    around = (at.height / 0.3).clamp(0, 1)
    uptake = 1 + gains.apical * (1 - 2 * at.height.clamp(0, 1))
    uptake = uptake + around * (gains.lateral * at.cosine + gains.inferior * at.sine)
    if gains.twofold or gains.twofold_oblique:
        twofold = gains.twofold * at.harmonic(2, 0) + gains.twofold_oblique * at.harmonic(2, 45)
        uptake = uptake + around * twofold
    if surface.defects:
        uptake = uptake * (1 - _lost_part(surface, at, depth))
    if shape.aneurysm:
        scar = torch.full_like(uptake, shape.aneurysm.uptake)
        uptake = torch.lerp(uptake, scar, surface.aneurysm_weight(at))
    return uptake


def _lost_part(surface: VentricleSurface, at: WallCoordinates, depth: Tensor) -> Tensor:
    """Part of the uptake lost to defects; where they meet, no more than the worst one."""
    lost, worst = torch.zeros_like(depth), torch.zeros_like(depth)
    for defect in surface.defects:
        weight = at.patch_weight(defect, surface.shape)
        worst = torch.where(weight > 0, worst.clamp_min(defect.severity), worst)
        if defect.transmurality < 1:
            inwards = (defect.transmurality - depth) / SUBENDOCARDIAL_EDGE
            weight = weight * (0.5 + inwards).clamp(0, 1)
        lost = lost + defect.severity * weight
    return torch.minimum(lost, worst)


class DrawnVentricles(NamedTuple):
    """Everything inside the pericardium at the drawn points.

    Activity weighted by occupancy and occupancy of all, occupancies of wall and cavity alone.
    """

    light: Tensor
    cover: Tensor
    wall: Tensor
    cavity: Tensor


def draw_ventricles(heart: Heart, instant: HeartInstant, points: HeartPoints) -> DrawnVentricles:
    """Draw the ventricles at one instant."""
    parts = ventricle_parts(heart, instant, points)
    uptake = wall_uptake(parts.surface, parts.at, parts.depth)[points.here]
    light = torch.zeros_like(parts.wall)
    cover = torch.zeros_like(parts.wall)
    blood = torch.tensor(heart.blood.uptake)
    if heart.has_right_ventricle:
        outer, inner = crescent_levels(heart, parts.surface, parts.at)
        right_uptake = torch.tensor(heart.right_ventricle.uptake)
        # A measured form has ends of its own, which may lie above the mitral valve.
        room = 1 if heart.right_ventricle.form else parts.below_valve
        _over(light, cover, points.occupancy(outer) * room, right_uptake)
        _over(light, cover, points.occupancy(inner) * room, blood)
    _over(light, cover, parts.enclosed, blood)
    _over(light, cover, parts.wall, uptake)
    if heart.left_ventricle.papillary_radius_mm >= THINNEST_PAPILLARY_MM:
        muscles = points.occupancy(_papillary_muscles(parts.surface, parts.at)) * parts.cavity
        _over(light, cover, muscles, uptake)
    return DrawnVentricles(light, cover, parts.wall, parts.cavity)


def _over(light: Tensor, cover: Tensor, occupancy: Tensor, uptake: Tensor) -> None:
    """Lay one more material over what is drawn, in place."""
    remaining = 1 - occupancy
    light.mul_(remaining).addcmul_(occupancy, uptake)
    cover.mul_(remaining).add_(occupancy)


def _papillary_muscles(surface: VentricleSurface, at: WallCoordinates) -> Tensor:
    """Two ridges along the endocardium, as one implicit function."""
    thickness = surface.shape.papillary_radius_mm * sqrt(surface.instant.wall_scale)
    height = torch.tensor([PAPILLARY_HEIGHT])
    along = ((at.height - PAPILLARY_HEIGHT) / PAPILLARY_HALF_HEIGHT) ** 2
    levels = []
    for angle_deg in PAPILLARY_ANGLES_DEG:
        toward = radians(angle_deg)
        spot = WallCoordinates(height, torch.tensor([cos(toward)]), torch.tensor([sin(toward)]))
        closing = surface.closing(height, surface.cavity_bottom)
        wall = float(surface.cavity_radius_mm(spot) * closing)
        center = max(wall - 0.7 * thickness, 0.0)
        across = (at.x - center * cos(toward)) ** 2 + (at.y - center * sin(toward)) ** 2
        levels.append(across / thickness**2 + along - 1)
    return torch.minimum(levels[0], levels[1])
