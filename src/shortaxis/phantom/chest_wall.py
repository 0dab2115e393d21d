"""Skin, fat, muscle, ribs, sternum, spine and breasts, in the chest frame (LPS mm)."""

from __future__ import annotations

from functools import cached_property
from math import cos, pi

import torch
from torch import Tensor

from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.canvas import Block, Implicit
from shortaxis.phantom.shapes import boxed_ellipsoid
from shortaxis.phantom.torso import Torso

__all__ = ["ChestWall"]

RIB_SLOPE = 0.35
"""How much ribs fall from the spine to the front, as a slope."""
COSTAL_ARCH_MM = 150.0
"""Half height of the bony cage below the body centre at the sides."""


class ChestWall:
    """Occupancies of the layers on a block, and the shapes that lie in them."""

    def __init__(self, torso: Torso, block: Block, points: tuple[Tensor, Tensor, Tensor]) -> None:
        self.torso = torso
        self.block = block
        x, y, self.z = points
        body = torso.body
        growth = 1 + body.taper_per_m * self.z.clamp(-300, 300) / 1000
        self.y = y
        # Both powers are shared by all layers.
        self.across = (x / growth).abs() ** body.squareness
        self.along = (y / growth).abs() ** body.squareness

    def _within(self, inset_mm: float) -> Tensor:
        body = self.torso.body
        width = (body.half_width_mm - inset_mm) ** -body.squareness
        depth = (body.half_depth_mm - inset_mm) ** -body.squareness
        return self.block.occupancy(self.across * width + self.along * depth - 1)

    @cached_property
    def skin(self) -> Tensor:
        """Everything inside the skin."""
        return self._within(0.0)

    @cached_property
    def muscle(self) -> Tensor:
        """Everything inside the layer of fat."""
        return self._within(self.torso.body.fat_mm)

    @cached_property
    def cavity(self) -> Tensor:
        """Everything inside the ribs."""
        body = self.torso.body
        return self._within(body.fat_mm + body.muscle_mm + body.rib_mm)

    @cached_property
    def ribs(self) -> Tensor:
        """Oblique bands in the innermost layer of the wall."""
        body, skeleton = self.torso.body, self.torso.skeleton
        shell = (self._within(body.fat_mm + body.muscle_mm) - self.cavity).clamp_min(0)
        height = self.z - RIB_SLOPE * self.y
        share = pi * skeleton.rib_height_mm / skeleton.rib_spacing_mm
        bands = cos(share) - torch.cos(2 * pi * height / skeleton.rib_spacing_mm)
        caged = self.block.occupancy(-(self.z + COSTAL_ARCH_MM) + 0 * self.y)
        return shell * self.block.occupancy(bands) * caged

    @property
    def sternum(self) -> tuple[FloatArray, Implicit]:
        """A flat ellipsoid in front of the cavity."""
        body = self.torso.body
        y = -(body.half_depth_mm - body.fat_mm - body.muscle_mm - body.rib_mm / 2)
        center, axes = (0.0, y, 25.0), (19.0, 6.0, 90.0)
        return boxed_ellipsoid(center, axes)

    @property
    def spine_y_mm(self) -> float:
        """Centre of the vertebral bodies behind the body centre."""
        body, radius = self.torso.body, self.torso.skeleton.vertebra_radius_mm
        return body.half_depth_mm - body.fat_mm - 32.0 - radius

    @property
    def vertebrae(self) -> tuple[tuple[FloatArray, Implicit], ...]:
        """Vertebral bodies as one column, and the spinous processes behind it."""
        radius = self.torso.skeleton.vertebra_radius_mm
        y = self.spine_y_mm
        bodies = boxed_ellipsoid((0.0, y, 0.0), (radius, 0.85 * radius, 4000.0))
        processes = boxed_ellipsoid((0.0, y + radius + 12.0, 0.0), (6.0, 16.0, 4000.0))
        return bodies, processes

    def breast(self, side: int) -> tuple[FloatArray, Implicit]:
        """An ellipsoid centred on the skin; the chest wall covers its inner half."""
        body, breasts = self.torso.body, self.torso.breasts
        # It follows the skin at its distance from the midline.
        share = min(breasts.half_distance_mm / body.half_width_mm, 0.95) ** body.squareness
        y = -body.half_depth_mm * (1 - share) ** (1 / body.squareness)
        center = (side * breasts.half_distance_mm, y, breasts.height_mm)
        radius = breasts.radius_mm
        return boxed_ellipsoid(center, (radius, breasts.thickness_mm, 0.9 * radius))
