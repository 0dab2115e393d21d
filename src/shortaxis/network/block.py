"""One block of the cascade: from counts on a grid to a pose in that grid's frame."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from shortaxis.network.heads import LandmarkHead, TwoVectorHead
from shortaxis.network.layers import Residual, edge_channels, normalised_convolution
from shortaxis.network.sizes import BlockSize

__all__ = ["BlockOutput", "PoseBlock"]

COARSENESS = (2, 4, 8)
"""Of the features at each level, in voxels of the grid."""


class BlockOutput(NamedTuple):
    """What a block says, in the frame of its grid (mm, LPS or cardiac).

    ``rotation`` (batch, 3, 3) has the cardiac axes as columns; ``center_mm`` (batch, 3);
    ``log_spread`` (batch, 3) are natural logarithms of the expected errors of long axis (degrees),
    roll (degrees) and centre (mm); ``log_size`` (batch, 2) those of LV length
    and radius in mm; ``presence`` (batch,) the log odds that this is a ventricle;
    ``landmarks_mm`` (batch, 6, 3).
    """

    rotation: Tensor
    center_mm: Tensor
    log_spread: Tensor
    log_size: Tensor
    presence: Tensor
    landmarks_mm: Tensor


class PoseBlock(nn.Module):
    """A small U-Net with residual layers, a head for the pose and one for what else is known."""

    def __init__(self, size: BlockSize) -> None:
        super().__init__()
        fine, middle, deep = size.widths
        depths = size.depths
        self.size = size
        self.stem = nn.Sequential(
            nn.Conv3d(3, fine, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm3d(fine),
            nn.ReLU(inplace=True),
        )
        self.down_fine = _residuals(fine, depths[0])
        self.to_middle = nn.Conv3d(fine, middle, 2, stride=2)
        self.down_middle = _residuals(middle, depths[1])
        self.to_deep = nn.Conv3d(middle, deep, 2, stride=2)
        self.deep = _residuals(deep, depths[2])
        cells = size.voxels // COARSENESS[0]
        self.head: LandmarkHead | TwoVectorHead
        if size.head == "landmarks":
            self.up_middle = nn.ConvTranspose3d(deep, middle, 2, stride=2)
            self.middle = _residuals(middle, 1)
            self.up_fine = nn.ConvTranspose3d(middle, fine, 2, stride=2)
            self.fine = normalised_convolution(fine)
            self.head = LandmarkHead(fine, cells, size.spacing_mm * COARSENESS[0], size.reach_mm)
        else:
            self.head = TwoVectorHead(deep, size.voxels // COARSENESS[2])
        self.facts = nn.Sequential(
            nn.Linear(2 * deep + 6, 48), nn.ReLU(inplace=True), nn.Linear(48, 6)
        )

    def forward(self, counts: Tensor) -> BlockOutput:
        """Evidence from normalised counts ``(batch, 1, n, n, n)``."""
        fine = self.down_fine(self.stem(edge_channels(counts)))
        middle = self.down_middle(self.to_middle(fine))
        deep = self.deep(self.to_deep(middle))
        features = fine
        if self.size.head == "landmarks":
            middle = self.middle(middle + self.up_middle(deep))
            features = self.fine(fine + self.up_fine(middle))
        (rotation, center, landmarks), variances = self.head(features, deep)
        # What is known about the pose must not change it.
        pooled = torch.cat([deep.mean(dim=(2, 3, 4)), deep.amax(dim=(2, 3, 4))], dim=1).float()
        spread = torch.log(variances.detach() + 0.1)
        facts = self.facts(torch.cat([pooled, spread], dim=1)).float()
        log_spread = facts[:, :3]
        log_size = facts[:, 3:5] + facts.new_tensor(TYPICAL_LOG_SIZE)
        return BlockOutput(rotation, center, log_spread, log_size, facts[:, 5], landmarks)


TYPICAL_LOG_SIZE = (4.43, 3.35)
"""Logarithms of 84 mm and 28.5 mm: where learning starts."""


def _residuals(channels: int, count: int) -> nn.Sequential:
    return nn.Sequential(*[Residual(channels) for _ in range(count)])
