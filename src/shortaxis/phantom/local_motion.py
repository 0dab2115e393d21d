"""The wall at one moment where it does not contract everywhere alike.

At each place the radius follows the volume that the cavity would have if all of it contracted as
that place does, and the wall keeps its cross-section. Both are given relative to the heart as a
whole, whose length, radius and thickness are those of the mean contraction.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, tau

import torch
from torch import Tensor

from shortaxis.phantom.contraction_curve import ContractionCurve
from shortaxis.phantom.regional_contraction import ContractionPatch, RegionalContraction
from shortaxis.phantom.ventricle_surface import WallCoordinates

__all__ = ["LocalMotion", "amplitude_field", "delay_field"]

THINNEST_CAVITY = 0.05
"""Of the radius: a place that contracts more than there is room for stops there."""


def delay_field(regional: RegionalContraction, at: WallCoordinates) -> Tensor:
    """How much later each place contracts, as a part of the cycle."""
    # On the axis there is no lateral wall: the angular part fades towards the apex.
    around = (at.height / 0.3).clamp(0, 1)
    delay = regional.lateral_delay / 2 * at.cosine * around
    delay = delay + regional.basal_delay * (at.height.clamp(0, 1) - 0.5)
    for patch in regional.patches:
        delay = delay + patch.delay * _weight(patch, at)
    return delay


def amplitude_field(regional: RegionalContraction, at: WallCoordinates) -> Tensor:
    """Contraction of each place relative to the normal one."""
    amplitude = torch.ones_like(at.height)
    for patch in regional.patches:
        amplitude = amplitude * (1 + (patch.amplitude - 1) * _weight(patch, at))
    return amplitude


def _weight(patch: ContractionPatch, at: WallCoordinates) -> Tensor:
    """1 in the middle of a patch, 0 at its border, level at both."""
    if patch not in at.fields:
        at.fields[patch] = _weight_of(patch, at)
    return at.fields[patch]


def _weight_of(patch: ContractionPatch, at: WallCoordinates) -> Tensor:
    along = ((at.height - patch.height) / (patch.longitudinal_extent / 2)).abs()
    weight = _falling(along)
    if patch.angular_extent_deg < 360:
        center = patch.angle_deg * pi / 180
        off = (torch.remainder(at.angle - center + pi, tau) - pi).abs()
        weight = weight * _falling(off / (patch.angular_extent_deg * pi / 360))
    return weight


def _falling(part: Tensor) -> Tensor:
    return 0.5 + 0.5 * torch.cos(pi * part.clamp(0, 1))


@dataclass(frozen=True)
class LocalMotion:
    """Local radius and thickness relative to those of the whole heart at one moment.

    Parameters
    ----------
    regional : RegionalContraction
        The fields.
    curve : ContractionCurve
        Of a place that is neither late nor weak.
    cycle_fraction : float
        The moment.
    ejection_fraction, wall_to_cavity : float
        If all contracted normally; volume of the wall over the mean volume of the cavity.
    thickness : float
        Wall over radius, averaged over the cycle.
    stretch : float
        Length at this moment over its mean.
    whole : float
        Contraction of the heart as a whole at this moment, off its mean.
    """

    regional: RegionalContraction
    curve: ContractionCurve
    cycle_fraction: float
    ejection_fraction: float
    wall_to_cavity: float
    thickness: float
    stretch: float
    whole: float

    def off_mean(self, at: WallCoordinates) -> Tensor:
        """Contraction of every place off its mean: 0 on average over the cycle."""
        if self not in at.fields:
            moment = self.cycle_fraction - delay_field(self.regional, at)
            off_mean = self.curve.field(moment) - self.curve.mean
            at.fields[self] = amplitude_field(self.regional, at) * off_mean
        return at.fields[self]

    def radius(self, at: WallCoordinates) -> Tensor:
        """Epicardial radius relative to that of the whole heart."""
        return torch.sqrt(self._enclosed(self.off_mean(at)) / self._enclosed_by_whole)

    def wall(self, at: WallCoordinates) -> Tensor:
        """Thickness relative to that of the whole heart."""
        return self._thickness(self._enclosed(self.off_mean(at))) / self._thickness(
            self._enclosed_by_whole
        )

    @property
    def _enclosed_by_whole(self) -> Tensor:
        return self._enclosed(torch.tensor(self.whole))

    def _enclosed(self, off_mean: Tensor) -> Tensor:
        """Volume inside the epicardium relative to its mean."""
        cavity = 1 - self.ejection_fraction * off_mean / (
            1 - self.ejection_fraction * self.curve.mean
        )
        return (cavity.clamp_min(0) + self.wall_to_cavity) / (1 + self.wall_to_cavity)

    def _thickness(self, enclosed: Tensor) -> Tensor:
        """Of a ring of unit mean radius that keeps its volume."""
        outer = enclosed / self.stretch
        muscle = (1 - (1 - self.thickness) ** 2) / self.stretch
        return torch.sqrt(outer) - torch.sqrt((outer - muscle).clamp_min(THINNEST_CAVITY**2))
