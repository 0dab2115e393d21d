"""How a block says where the ventricle lies: by landmarks, or by two vectors and a shift."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from shortaxis.network.rotation import rotation_from_axes

__all__ = ["ARM_MM", "LandmarkHead", "PoseOfBlock", "TwoVectorHead", "landmarks_of"]

ARM_MM = 35.0
"""Distance of the six virtual landmarks from the centre: inside the blurred wall of most hearts."""

OFFSET_MM = 10.0
"""Unit of the offsets that each place votes with."""

PoseOfBlock = tuple[Tensor, Tensor, Tensor]
"""Rotation ``(batch, 3, 3)``, centre ``(batch, 3)`` mm, and landmarks ``(batch, 6, 3)`` mm."""


def landmarks_of(rotation: Tensor, center_mm: Tensor) -> Tensor:
    """Virtual landmarks ``(batch, 6, 3)`` mm of a pose: ``+x, -x, +y, -y, +z, -z``."""
    axes = rotation.transpose(1, 2) * ARM_MM
    signed = torch.stack([axes, -axes], dim=2).flatten(1, 2)
    return center_mm[:, None, :] + signed


class LandmarkHead(nn.Module):
    """Six landmarks, each the mean of where all places vote for it.

    Every voxel of the features gives for every landmark a weight and an offset from itself;
    the landmark is the weighted mean. Differences of opposite landmarks give the axes, the mean
    of all the centre. With a reach, votes from farther away start with less weight.
    """

    def __init__(self, channels: int, size: int, spacing_mm: float, reach_mm: float) -> None:
        super().__init__()
        self.votes = nn.Conv3d(channels, 24, 1)
        along = (torch.arange(size) - (size - 1) / 2) * spacing_mm
        z, y, x = torch.meshgrid(along, along, along, indexing="ij")
        self.register_buffer("places_mm", torch.stack([x, y, z]).flatten(1), persistent=False)
        self.places_mm: Tensor
        distance = self.places_mm.norm(dim=0) / reach_mm if reach_mm else torch.zeros(size**3)
        self.register_buffer("head_start", -0.5 * distance**2, persistent=False)
        self.head_start: Tensor

    def forward(self, features: Tensor, deepest: Tensor) -> tuple[PoseOfBlock, Tensor]:
        """Pose, and the votes' variances ``(batch, 6)`` in squared `OFFSET_MM`."""
        votes = self.votes(features).float().flatten(2)
        weights = torch.softmax(votes[:, :6] + self.head_start, dim=2)
        offsets = OFFSET_MM * votes[:, 6:].unflatten(1, (6, 3))
        voted = self.places_mm + offsets
        landmarks = (weights[:, :, None] * voted).sum(dim=3)
        squares = ((voted - landmarks[..., None]) ** 2).sum(dim=2)
        variances = (weights * squares).sum(dim=2) / OFFSET_MM**2
        x, y, z = (landmarks[:, i] - landmarks[:, i + 1] for i in (0, 2, 4))
        # y x z points along x too, so both pairs across the long axis tell of the roll.
        across = x + torch.linalg.cross(y, z, dim=1) / (2 * ARM_MM)
        return (rotation_from_axes(z, across), landmarks.mean(dim=1), landmarks), variances


class TwoVectorHead(nn.Module):
    """Long axis, a vector across it, and the centre, from all features of the deepest level."""

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv3d(channels, 16, 1),
            nn.ReLU(inplace=True),
            nn.Flatten(),
            nn.Linear(16 * size**3, 128),
            nn.ReLU(inplace=True),
            nn.Linear(128, 9),
        )

    def forward(self, features: Tensor, deepest: Tensor) -> tuple[PoseOfBlock, Tensor]:
        """Pose, and no variances: ``(batch, 6)`` zeros."""
        values = self.body(deepest).float()
        upright = values.new_tensor([0.0, 0.0, 1.0, 1.0, 0.0, 0.0])
        axes = values[:, :6] + upright
        rotation = rotation_from_axes(axes[:, :3], axes[:, 3:])
        center = OFFSET_MM * values[:, 6:]
        return (rotation, center, landmarks_of(rotation, center)), 0.0 * values[:, :6]
