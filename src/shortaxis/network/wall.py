"""The wall network: from counts along the rays of the hybrid grid to surfaces and valve plane.

Five residual blocks of 3 x 3 convolutions over row and angle look along all rays at once; the
samples along a ray are the channels of the first layer. Angles close to a circle, and at the apex
the neighbour of a ray is the one across the pole. What they say of where the middle of the wall
lies is added to what the counts along each ray say by themselves. Then the profile of every ray is
laid about that middle, and read for the thickness: it looks the same in hearts of any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from shortaxis.anatomy.hybrid_grid import (
    BODY_HEIGHTS_MM,
    POLAR_ROWS,
    RAY_ANGLES,
    RAY_ROWS,
    ray_angles_rad,
)

__all__ = ["EXPECTED_ERRORS", "WallNetwork", "WallOutput", "WallSize"]

EXPECTED_ERRORS = ("wall_mm", "valve_mm", "valve_deg", "cavity_part", "length_mm")
"""What `WallOutput.log_spread` expects: mean error of the mid-wall, of the valve's centre, of its
normal, of the cavity's volume as a part of it, and of the length."""

PLANE_RADIUS_MM = 25.0
"""Distance from the axis at which the heights of the valve plane are meant."""

TYPICAL_THICKNESS_MM = 9.0


class WallOutput(NamedTuple):
    """What the network says, in the frame of its rays; maps are (batch, row, angle).

    ``middle_mm`` and ``thickness_mm`` along the rays; ``log_scale`` (batch, 2, row, angle):
    logarithms of the Laplace scales of endo- and epicardium, mm; ``is_wall`` and ``is_seen``: log
    odds that there is muscle, and that it has taken up tracer; ``valve`` (batch, 5): height of the
    valve plane on the axis (mm), its rise along x and y, and how far its centre lies aside (mm);
    ``log_spread`` (batch, 5): logarithms of `EXPECTED_ERRORS`.
    """

    middle_mm: Tensor
    thickness_mm: Tensor
    log_scale: Tensor
    is_wall: Tensor
    is_seen: Tensor
    valve: Tensor
    log_spread: Tensor


@dataclass(frozen=True)
class WallSize:
    """How large the network is: channels, residual blocks, and what it is shown."""

    channels: int = 48
    blocks: int = 5
    depths: int = 28
    step_mm: float = 2.5
    context: int = 11


class WallNetwork(nn.Module):
    """Reads a whole ventricle from rays."""

    depths_mm: Tensor
    places: Tensor
    offsets: Tensor
    heights_mm: Tensor
    waves: Tensor

    def __init__(self, size: WallSize) -> None:
        super().__init__()
        wide = size.channels
        self.size = size
        self.stem = nn.Conv2d(size.depths + PLACES, wide, 1)
        self.told = nn.Linear(size.context, wide)
        self.blocks = nn.ModuleList(_Residual(wide) for _ in range(size.blocks))
        self.whole = nn.ModuleList(nn.Linear(2 * wide, wide) for _ in range(size.blocks))
        self.middle = nn.Sequential(
            nn.Conv2d(wide, wide, 1), nn.ReLU(inplace=True), nn.Conv2d(wide, size.depths + 1, 1)
        )
        self.along = _along_the_ray(size.depths)
        self.laid = nn.Conv2d(wide + OFFSETS, wide, 1)
        self.profile = _Residual(wide)
        self.profile_whole = nn.Linear(2 * wide, wide)
        self.surface = nn.Conv2d(wide, 6, 1)
        self.valve = nn.Sequential(
            nn.Conv2d(wide, wide // 2, 1), nn.ReLU(inplace=True), nn.Conv2d(wide // 2, 2, 1)
        )
        self.facts = nn.Sequential(
            nn.Linear(2 * wide + 4, wide),
            nn.ReLU(inplace=True),
            nn.Linear(wide, len(EXPECTED_ERRORS)),
        )
        depths = size.step_mm * torch.arange(1, size.depths + 1, dtype=torch.float32)
        self.register_buffer("depths_mm", depths, persistent=False)
        offsets = torch.arange(OFFSETS, dtype=torch.float32) - (OFFSETS - 1) / 2
        self.register_buffer("offsets", offsets, persistent=False)
        self.register_buffer("places", _places(), persistent=False)
        self.register_buffer("heights_mm", _float(BODY_HEIGHTS_MM), persistent=False)
        waves = np.stack([np.cos(ray_angles_rad()), np.sin(ray_angles_rad())])
        self.register_buffer("waves", _float(waves), persistent=False)

    def forward(self, counts: Tensor, context: Tensor) -> WallOutput:
        """From counts (batch, depth, row, angle) as parts of their level, and their sharpness."""
        places = self.places.expand(counts.shape[0], -1, -1, -1)
        features = self.stem(torch.cat([counts, places], dim=1))
        features = torch.relu(features + self.told(context)[:, :, None, None])
        for block, whole in zip(self.blocks, self.whole, strict=True):
            features = block(features, whole(_pooled(features)))
        middle = self._middle(counts, features)
        laid = torch.cat([features, self._laid_about(counts, middle.detach())], dim=1)
        wall = torch.relu(self.laid(laid))
        rest = self.surface(self.profile(wall, self.profile_whole(_pooled(wall)))).float()
        thickness = TYPICAL_THICKNESS_MM * torch.exp(0.5 * rest[:, 1].clamp(-4, 4))
        log_scale = rest[:, 2:4].clamp(-3, 4)
        valve, sharpness = self._valve(features)
        # What is known of the errors must not change what is said.
        facts = torch.cat(
            [
                _pooled(features).detach(),
                log_scale.detach().mean(dim=(2, 3)),
                rest[:, 4].detach().sigmoid().mean(dim=(1, 2))[:, None],
                sharpness.detach()[:, None],
            ],
            dim=1,
        )
        return WallOutput(
            middle + rest[:, 0],
            thickness,
            log_scale,
            rest[:, 4],
            rest[:, 5],
            valve,
            self.facts(facts).float().clamp(-5, 5),
        )

    def _middle(self, counts: Tensor, features: Tensor) -> Tensor:
        """Middle of the wall (batch, row, angle), mm: a soft maximum over the depths."""
        told = self.middle(features).float()
        depths = self.size.depths
        weights = torch.softmax(told[:, :depths] + self.along(counts).float(), dim=1)
        middle: Tensor = (weights * self.depths_mm[:, None, None]).sum(dim=1) + told[:, depths]
        return middle

    def _laid_about(self, counts: Tensor, middle_mm: Tensor) -> Tensor:
        """Counts at equal distances from the middle, (batch, OFFSETS, row, angle)."""
        place = middle_mm[:, None] / self.size.step_mm - 1 + self.offsets[:, None, None]
        low = place.floor().clamp(0, self.size.depths - 2)
        near = counts.gather(1, low.long())
        far = counts.gather(1, low.long() + 1)
        laid: Tensor = near + (far - near) * (place - low).clamp(0, 1)
        return laid

    def _valve(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Valve plane (batch, 5), and how spread out the heights are that it was read from."""
        evidence = self.valve(features[:, :, POLAR_ROWS:]).float()
        weights = torch.softmax(evidence[:, 0], dim=1)
        heights_mm = self.heights_mm[:, None]
        height = (weights * heights_mm).sum(dim=1)
        aside = (weights * evidence[:, 1]).sum(dim=1)
        spread = (weights * (heights_mm - height[:, None]) ** 2).sum(dim=1)
        # First harmonics by hand: mean of twice the product with each wave.
        slopes = (2 / (RAY_ANGLES * PLANE_RADIUS_MM)) * height @ self.waves.T
        center = (2 / RAY_ANGLES) * aside @ self.waves.T
        valve = torch.cat([height.mean(dim=1, keepdim=True), slopes, center], dim=1)
        return valve, torch.log(spread.mean(dim=1) + 1.0)


def _along_the_ray(depths: int) -> nn.Sequential:
    """What the counts along one ray say of where the wall lies; at first, that it is brightest."""
    first, second = nn.Conv2d(depths, 2 * depths, 1), nn.Conv2d(2 * depths, depths, 1)
    with torch.no_grad():
        identity = torch.eye(depths)[:, :, None, None]
        first.weight[:depths] = identity
        first.bias.zero_()  # type: ignore[union-attr]
        second.weight.zero_()
        second.weight[:, :depths] = BRIGHTNESS * identity
        second.bias.zero_()  # type: ignore[union-attr]
    return nn.Sequential(first, nn.ReLU(inplace=True), second)


BRIGHTNESS = 6.0
"""A place half as bright as the wall is then e**3 times less likely its middle."""


class _Residual(nn.Module):
    """Two convolutions around a shortcut; what is known of the whole is added between them."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(wide, wide, 3, bias=False)
        self.first_norm = nn.BatchNorm2d(wide)
        self.second = nn.Conv2d(wide, wide, 3, bias=False)
        self.second_norm = nn.BatchNorm2d(wide)

    def forward(self, features: Tensor, whole: Tensor) -> Tensor:
        """(batch, channel, row, angle) in and out."""
        inner = self.first_norm(self.first(_around(features))) + whole[:, :, None, None]
        inner = self.second_norm(self.second(_around(torch.relu(inner))))
        return torch.relu(features + inner)


OFFSETS = 15
"""Samples of a ray's profile about the middle of the wall: 17.5 mm to either side."""

PLACES = 4
"""Maps that tell where a ray is: cosine and sine of its angle, its tilt, its height."""


def _places() -> Tensor:
    angles = ray_angles_rad()
    tilt = np.clip((np.arange(RAY_ROWS) + 0.5) / POLAR_ROWS, 0, 1)
    height = np.clip(np.arange(RAY_ROWS) - POLAR_ROWS, 0, None) / 10
    maps = [
        np.broadcast_to(np.cos(angles), (RAY_ROWS, RAY_ANGLES)),
        np.broadcast_to(np.sin(angles), (RAY_ROWS, RAY_ANGLES)),
        np.broadcast_to(tilt[:, None], (RAY_ROWS, RAY_ANGLES)),
        np.broadcast_to(height[:, None], (RAY_ROWS, RAY_ANGLES)),
    ]
    return _float(np.stack(maps))[None]


def _float(values: np.ndarray) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)


def _pooled(features: Tensor) -> Tensor:
    return torch.cat([features.mean(dim=(2, 3)), features.amax(dim=(2, 3))], dim=1)


def _around(features: Tensor) -> Tensor:
    """One more ray on every side: across the pole, around the circle, and the last row again."""
    half = RAY_ANGLES // 2
    first = features[:, :, :1]
    across = torch.cat([first[..., half:], first[..., :half]], dim=3)
    tall = torch.cat([across, features, features[:, :, -1:]], dim=2)
    return torch.cat([tall[..., -1:], tall, tall[..., :1]], dim=3)
