"""Ventricles with their blood and muscle, drawn in the cardiac frame at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin, sqrt

import numpy as np
import torch
from torch import Tensor

from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose, invert
from shortaxis.phantom.canvas import Block, block_around, box_corners
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.ventricle_surface import (
    HeartInstant,
    VentricleSurface,
    WallCoordinates,
    patch_weight,
)

__all__ = ["HeartBlock", "VentricleParts", "draw_ventricles", "ventricle_parts"]

PAPILLARY_ANGLES_DEG = (-45.0, 110.0)
"""Anterolateral and posteromedial, between the papillary insertions of Axel 2004."""
PAPILLARY_HEIGHT, PAPILLARY_HALF_HEIGHT = 0.52, 0.17
SUBENDOCARDIAL_EDGE = 0.3
"""Part of the wall over which a subendocardial defect ends."""


@dataclass(frozen=True, eq=False)
class HeartBlock:
    """The voxels around a heart and their cardiac coordinates, mm."""

    block: Block
    x: Tensor
    y: Tensor
    z: Tensor

    @classmethod
    def around(cls, heart: Heart, pose: RigidPose, grid: Grid, factor: int) -> HeartBlock | None:
        """The part of a grid that the ventricles can reach; None if the grid misses them."""
        block = block_around(grid, apply_affine(pose.matrix, _cardiac_box(heart)), factor)
        if block is None:
            return None
        return cls(block, *block.coordinates(invert(pose).matrix))


def _cardiac_box(heart: Heart) -> FloatArray:
    shape, right = heart.left_ventricle, heart.right_ventricle
    bulge = shape.aneurysm.bulge_mm if shape.aneurysm else 0.0
    # Harmonics, end diastole, fat and an oblique valve plane reach beyond the mean radius.
    radius = shape.radius_mm * (1.15 + shape.ellipticity + shape.triangularity)
    radius += heart.pericardial_fat_mm + bulge + shape.bend_mm
    septal = radius + (1.4 * right.width_mm + right.wall_mm if heart.has_right_ventricle else 0)
    half = shape.length_mm / 2 + heart.motion.base_excursion_mm + heart.pericardial_fat_mm
    base = half + radius * np.tan(np.radians(shape.valve_tilt_deg))
    tall = 1.25 * radius
    return box_corners((-septal, -tall, -half), (radius, tall, base))


@dataclass(frozen=True, eq=False)
class VentricleParts:
    """Occupancies of the parts of the left ventricle; `uptake` is that of its wall."""

    at: WallCoordinates
    enclosed: Tensor
    wall: Tensor
    cavity: Tensor
    uptake: Tensor


def ventricle_parts(heart: Heart, instant: HeartInstant, place: HeartBlock) -> VentricleParts:
    """Occupancies of the left ventricle on the parts of a block."""
    surface, block = VentricleSurface(heart, instant), place.block
    at = surface.coordinates(place.x, place.y, place.z)
    outer, inner = surface.epicardium(at), surface.endocardium(at)
    below_valve = block.occupancy(at.height - 1)
    epicardium, endocardium = block.occupancy(outer), block.occupancy(inner)
    muscle_ends = block.occupancy(at.height - _muscle_height(surface, at))
    return VentricleParts(
        at=at,
        enclosed=epicardium * below_valve,
        wall=(epicardium - endocardium).clamp_min(0) * muscle_ends,
        cavity=endocardium * below_valve,
        uptake=block.inside(_wall_uptake(surface, at, inner / (inner - outer).clamp_min(1e-4))),
    )


def _muscle_height(surface: VentricleSurface, at: WallCoordinates) -> Tensor:
    """Height at which the muscle ends: lower where the septum is membranous."""
    missing = surface.shape.membranous_septum_mm / surface.shape.length_mm
    towards_septum = ((-at.cosine - 0.5) / 0.5).clamp(0, 1)
    return 1 - missing * towards_septum * (2 - towards_septum)


def _wall_uptake(surface: VentricleSurface, at: WallCoordinates, depth: Tensor) -> Tensor:
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
        weight = patch_weight(defect, at, surface.shape)
        worst = torch.where(weight > 0, worst.clamp_min(defect.severity), worst)
        if defect.transmurality < 1:
            inwards = (defect.transmurality - depth) / SUBENDOCARDIAL_EDGE
            weight = weight * (0.5 + inwards).clamp(0, 1)
        lost = lost + defect.severity * weight
    return torch.minimum(lost, worst)


def draw_ventricles(
    heart: Heart, instant: HeartInstant, place: HeartBlock
) -> tuple[Tensor, Tensor]:
    """Activity weighted by occupancy, and occupancy, of everything inside the pericardium."""
    parts, block = ventricle_parts(heart, instant, place), place.block
    light = torch.zeros_like(parts.wall)
    cover = torch.zeros_like(parts.wall)
    blood = torch.tensor(heart.blood.uptake)
    if heart.has_right_ventricle:
        outer, inner = _right_ventricle(heart, instant, parts.at)
        below_base = block.occupancy(parts.at.height - 1)
        right_uptake = torch.tensor(heart.right_ventricle.uptake)
        _over(light, cover, block.occupancy(outer) * below_base, right_uptake)
        _over(light, cover, block.occupancy(inner) * below_base, blood)
    _over(light, cover, parts.enclosed, blood)
    _over(light, cover, parts.wall, parts.uptake)
    if heart.left_ventricle.papillary_radius_mm > 0:
        muscles = block.occupancy(_papillary_muscles(heart, instant, parts.at)) * parts.cavity
        _over(light, cover, muscles, parts.uptake)
    return light, cover


def _over(light: Tensor, cover: Tensor, occupancy: Tensor, uptake: Tensor) -> None:
    """Lay one more material over what is drawn, in place."""
    remaining = 1 - occupancy
    light.mul_(remaining).addcmul_(occupancy, uptake)
    cover.mul_(remaining).add_(occupancy)


def _right_ventricle(
    heart: Heart, instant: HeartInstant, at: WallCoordinates
) -> tuple[Tensor, Tensor]:
    """Outside and inside of the crescent as implicit functions.

    Where the left ventricle is scaled to a circle, the crescent is an ellipse through
    both insertions, whose centre lies on the line through the middle of the septum: whatever
    the shape of the left ventricle, the insertions are symmetric about ``-x_c``.
    """
    right, surface = heart.right_ventricle, VentricleSurface(heart, instant)
    scale = 1 / surface.relative_radius(at).clamp_min(0.3)
    x, y = at.x * scale, at.y * scale
    angle, radius = radians(right.insertion_angle_deg), surface.radius_mm
    width = right.width_mm * instant.right_width_scale
    offset = 0.35 * width
    depth = radius * (1 - cos(angle)) + width - offset
    tall = radius * sin(angle) / sqrt(1 - (offset / depth) ** 2)
    center = -radius * cos(angle) - offset
    widest = heart.left_ventricle.widest_height
    below = (widest - at.height).clamp_min(0) / (widest - right.apex_height)
    thickness = right.wall_mm
    tip = thickness / instant.length_mm / (widest - right.apex_height)

    def level(margin: float, apex_margin: float) -> Tensor:
        across = ((x - center) / (depth + margin)) ** 2 + (y / (tall + margin)) ** 2
        return across + (below / (1 + apex_margin)) ** 2 - 1

    return level(thickness, tip), level(0.0, 0.0)


def _papillary_muscles(heart: Heart, instant: HeartInstant, at: WallCoordinates) -> Tensor:
    """Two ridges along the endocardium, as one implicit function."""
    surface = VentricleSurface(heart, instant)
    thickness = heart.left_ventricle.papillary_radius_mm * sqrt(instant.wall_scale)
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
