"""The two surfaces of the left ventricle as functions of position in the cardiac frame.

Height ``h`` is 0 on the plane through the epicardial apex and 1 on the valve plane, which is
oblique: ``z = -L / 2 + h (L + tan(tilt) (x cos d + y sin d))``. Around the centre line, which
bends by ``4 b h (1 - h)``, each surface is a superellipse below the widest height ``w``,

``F = (r / R)^n + ((w - h) / (w - h0))^n - 1``,

and a slowly narrowing tube above it. ``F`` is negative inside. Because the bend vanishes at
both ends and planes of equal height turn about the axis, the apex and the centre of the valve
plane lie on the axis exactly.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from math import cos, radians, remainder, sin, tan, tau
from typing import Protocol

import torch
from torch import Tensor

from shortaxis.phantom.defects import PerfusionDefect
from shortaxis.phantom.heart import Heart, LeftVentricle

__all__ = [
    "MIN_CAVITY_MM",
    "HeartInstant",
    "LocalScales",
    "VentricleSurface",
    "WallCoordinates",
    "rest_instant",
]

MIN_CAVITY_MM = 1.5
HIGHEST = 1.05
"""Height from which the surfaces go on as straight tubes, beyond the valve plane."""
ANEURYSM_EDGE = 0.12
"""Part of the height over which muscle turns into an aneurysm."""


class LocalScales(Protocol):
    """Local size of the wall relative to the heart as a whole."""

    def radius(self, at: WallCoordinates) -> Tensor:
        """Epicardial radius."""
        ...

    def wall(self, at: WallCoordinates) -> Tensor:
        """Thickness."""
        ...


@dataclass(frozen=True)
class HeartInstant:
    """Size of the heart at one moment; scales are relative to the average over the cycle.

    `local` is there where not all of the wall contracts alike.
    """

    apex_z_mm: float
    length_mm: float
    radius_scale: float
    wall_scale: float
    right_width_scale: float
    local: LocalScales | None = None


def rest_instant(heart: Heart) -> HeartInstant:
    """The average over the cardiac cycle, in which the parameters are given."""
    length_mm = heart.left_ventricle.length_mm
    return HeartInstant(-length_mm / 2, length_mm, 1.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False)
class WallCoordinates:
    """Height and position about the bent centre line (mm), tensors of any one shape."""

    height: Tensor
    x: Tensor
    y: Tensor
    patches: dict[PerfusionDefect, Tensor] = field(default_factory=dict)
    fields: dict[Hashable, Tensor] = field(default_factory=dict)
    """What others work out here, by what it is of; radius and thickness both ask for it."""

    @cached_property
    def radius(self) -> Tensor:
        """Distance from the centre line, mm."""
        return torch.sqrt(self.x * self.x + self.y * self.y)

    @cached_property
    def cosine(self) -> Tensor:
        """Cosine of the cardiac angle (0 lateral)."""
        return self.x / self.radius.clamp_min(1e-3)

    @cached_property
    def sine(self) -> Tensor:
        """Sine of the cardiac angle (90 degrees inferior)."""
        return self.y / self.radius.clamp_min(1e-3)

    @cached_property
    def angle(self) -> Tensor:
        """Cardiac angle, radians."""
        return torch.atan2(self.y, self.x)

    def harmonic(self, order: int, angle_deg: float) -> Tensor:
        """``cos(order * (angle - angle_deg))`` for order 2 or 3."""
        c, s = self.cosine, self.sine
        c2, s2 = c * c - s * s, 2 * c * s
        turned = radians(order * angle_deg)
        if order == 2:
            return c2 * cos(turned) + s2 * sin(turned)
        return (c2 * c - s2 * s) * cos(turned) + (s2 * c + c2 * s) * sin(turned)

    def patch_weight(self, defect: PerfusionDefect, shape: LeftVentricle) -> Tensor:
        """1 inside the patch of a defect, 0 outside, linear over its border."""
        # Thickness and uptake both ask for it.
        if defect not in self.patches:
            edge = defect.edge_mm / shape.length_mm
            off_height = (self.height - defect.height).abs()
            weight = (0.5 + (defect.longitudinal_extent / 2 - off_height) / edge).clamp(0, 1)
            if defect.angular_extent_deg < 360:
                off_angle = self._angle_from(radians(defect.angle_deg))
                off_mm = shape.radius_mm * (radians(defect.angular_extent_deg) / 2 - off_angle)
                weight = weight * (0.5 + off_mm / defect.edge_mm).clamp(0, 1)
            self.patches[defect] = weight
        return self.patches[defect]

    def _angle_from(self, center: float) -> Tensor:
        turn = (self.angle - remainder(center, tau)).abs()
        return torch.minimum(turn, (tau - turn).abs())


class VentricleSurface:
    """Epicardium, endocardium and their coordinates at one instant."""

    def __init__(self, heart: Heart, instant: HeartInstant) -> None:
        self.shape: LeftVentricle = heart.left_ventricle
        self.defects = heart.defects
        self.instant = instant
        self.radius_mm = self.shape.radius_mm * instant.radius_scale
        # Three surfaces need the radius at the same points.
        self._known: tuple[WallCoordinates, Tensor] | None = None

    @cached_property
    def tilt(self) -> tuple[float, float]:
        """Slope of the valve plane along x_c and y_c."""
        slope = tan(radians(self.shape.valve_tilt_deg))
        direction = radians(self.shape.valve_tilt_direction_deg)
        return slope * cos(direction), slope * sin(direction)

    @cached_property
    def bend(self) -> tuple[float, float]:
        """Shift of the centre line at half height along x_c and y_c, mm."""
        direction = radians(self.shape.bend_direction_deg)
        return self.shape.bend_mm * cos(direction), self.shape.bend_mm * sin(direction)

    def coordinates(self, x: Tensor, y: Tensor, z: Tensor) -> WallCoordinates:
        """Wall coordinates of points given in the cardiac frame, mm."""
        instant = self.instant
        span = instant.length_mm + self.tilt[0] * x + self.tilt[1] * y
        height = (z - instant.apex_z_mm) / span.clamp_min(0.25 * instant.length_mm)
        bow = (4 * height * (1 - height)).clamp_min(0)
        return WallCoordinates(height, x - self.bend[0] * bow, y - self.bend[1] * bow)

    def positions(self, at: WallCoordinates) -> tuple[Tensor, Tensor, Tensor]:
        """Points in the cardiac frame, mm: the inverse of `coordinates`."""
        bow = (4 * at.height * (1 - at.height)).clamp_min(0)
        x, y = at.x + self.bend[0] * bow, at.y + self.bend[1] * bow
        span = self.instant.length_mm + self.tilt[0] * x + self.tilt[1] * y
        return x, y, self.instant.apex_z_mm + at.height * span

    def relative_radius(self, at: WallCoordinates) -> Tensor:
        """Epicardial radius of the tube relative to `radius_mm`, by height and angle."""
        if self._known is None or self._known[0] is not at:
            self._known = (at, self._relative_radius(at))
        return self._known[1]

    def _relative_radius(self, at: WallCoordinates) -> Tensor:
        shape, height = self.shape, at.height.clamp(-0.5, HIGHEST)
        above = ((height - shape.widest_height) / (1 - shape.widest_height)).clamp_min(0)
        # The third harmonic fades so that the rim of the valve keeps its centre.
        fading = (1 - above * above).clamp_min(0) * shape.triangularity
        relative = 1 - shape.base_narrowing * above * above
        if shape.ellipticity or shape.triangularity:
            oval = shape.ellipticity * at.harmonic(2, shape.ellipticity_angle_deg)
            oval = oval + fading * at.harmonic(3, shape.triangularity_angle_deg)
            relative = relative * (1 + oval)
        if shape.aneurysm:
            # A bump on the apical part with its top halfway up the aneurysm.
            place = (height / shape.aneurysm.height - 0.5) / 0.75
            bump = (1 - place * place).clamp_min(0)
            relative = relative + shape.aneurysm.bulge_mm / shape.radius_mm * bump * bump
        if self.instant.local is not None:
            relative = relative * self.instant.local.radius(at)
        return relative

    def aneurysm_weight(self, at: WallCoordinates) -> Tensor:
        """1 inside the aneurysm, 0 in the muscle."""
        aneurysm = self.shape.aneurysm
        if aneurysm is None:
            return torch.zeros_like(at.height)
        return (0.5 + (aneurysm.height - at.height) / ANEURYSM_EDGE).clamp(0, 1)

    def wall_mm(self, at: WallCoordinates) -> Tensor:
        """Wall thickness across the axis by height and angle, mm."""
        shape = self.shape
        above = ((at.height - shape.widest_height) / (1 - shape.widest_height)).clamp(0, 1)
        wall = shape.wall_mm * (1 - (1 - shape.base_wall_fraction) * above * above)
        if shape.septal_excess_mm:
            wall = wall + shape.septal_excess_mm * (0.5 - 0.5 * at.cosine) ** 3
        for defect in self.defects:
            if defect.thinning:
                wall = wall * (1 - defect.thinning * at.patch_weight(defect, self.shape))
        if shape.aneurysm:
            wall = torch.lerp(
                wall, torch.full_like(wall, shape.aneurysm.wall_mm), self.aneurysm_weight(at)
            )
        if self.instant.local is not None:
            wall = wall * self.instant.local.wall(at)
        return wall * self.instant.wall_scale

    @property
    def apex_wall_mm(self) -> float:
        """Wall thickness on the axis, mm."""
        aneurysm = self.shape.aneurysm
        wall_mm = aneurysm.wall_mm if aneurysm else self.shape.apex_wall_mm
        return min(wall_mm * self.instant.wall_scale, 0.4 * self.instant.length_mm)

    def epicardium(self, at: WallCoordinates, margin_mm: float = 0.0) -> Tensor:
        """Negative inside the epicardium, or inside a shell `margin_mm` further out."""
        radius = self.radius_mm * self.relative_radius(at) + margin_mm
        return self._superellipse(at, radius, -margin_mm / self.instant.length_mm)

    def endocardium(self, at: WallCoordinates) -> Tensor:
        """Negative inside the cavity (papillary muscles are part of the cavity)."""
        return self._superellipse(at, self.cavity_radius_mm(at), self.cavity_bottom)

    def cavity_radius_mm(self, at: WallCoordinates) -> Tensor:
        """Endocardial radius of the tube by height and angle, before the apex closes it."""
        radius = self.radius_mm * self.relative_radius(at) - self.wall_mm(at)
        return radius.clamp_min(MIN_CAVITY_MM)

    @property
    def cavity_bottom(self) -> float:
        """Height at which the cavity ends."""
        return self.apex_wall_mm / self.instant.length_mm

    def closing(self, height: Tensor, bottom: float) -> Tensor:
        """Radius relative to the tube: 0 at `bottom`, 1 from the widest height on."""
        n = self.shape.apex_bluntness
        return (1 - self._below(height, bottom).clamp_max(1) ** n) ** (1 / n)

    def _superellipse(self, at: WallCoordinates, radius: Tensor, bottom: float) -> Tensor:
        n = self.shape.apex_bluntness
        return (at.radius / radius) ** n + self._below(at.height, bottom) ** n - 1

    def _below(self, height: Tensor, bottom: float) -> Tensor:
        widest = self.shape.widest_height
        return ((widest - height) / (widest - bottom)).clamp_min(0)
