"""The three CNNs that the paper compares: two channels of an image in, a few numbers out.

The paper draws or names them without numbers; their shapes here are those whose numbers of
parameters agree with its Table 1 to the last digit (`shortaxis.network.paper_networks`). A number
does not tell everything: maximum pooling, no dropout, strides and initial weights are our choice.

Every CNN is built for the shape of its images. An axis that has become one voxel long is pooled no
further, so that small images go through the same layers. A divisor makes all widths
smaller alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["CHANNELS", "ResNet18", "reorientation_cnn", "vgg16"]

CHANNELS = 2
"""Image and gradient image."""

Shape = tuple[int, int, int]
"""Slices, rows and columns."""

VGG16_WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
"""Simonyan and Zisserman, arXiv 1409.1556, table 1, column D."""

RESNET18_WIDTHS = (64, 128, 256, 512)
"""He et al., arXiv 1512.03385, table 1; two basic blocks of each."""


def reorientation_cnn(outputs: int, shape: Shape, width_divisor: int = 1) -> nn.Sequential:
    """The CNN of the paper's reorientation block, as far as arithmetic tells.

    Four 5x5x5 convolutions of 16, 16, 32 and 32 channels, each with batch normalisation,
    rectification and pooling; then 128 hidden values. 360,262 parameters with 6 outputs.
    """
    layers, features = _convolutions([(16,), (16,), (32,), (32,)], 5, shape, width_divisor)
    return nn.Sequential(*layers, *_dense(features, (128,), outputs, width_divisor))


def vgg16(outputs: int, shape: Shape, width_divisor: int = 1) -> nn.Sequential:
    """VGG-16 with 3x3x3 convolutions, batch normalisation and hidden layers of 64 values.

    44,278,022 parameters with 6 outputs.
    """
    layers, features = _convolutions(VGG16_WIDTHS, 3, shape, width_divisor)
    return nn.Sequential(*layers, *_dense(features, (64, 64), outputs, width_divisor))


class ResNet18(nn.Module):
    """ResNet-18 with 7x7x7 and 3x3x3 convolutions; means over all places before the outputs.

    33,185,030 parameters with 6 outputs; strides are those of the original along each index.
    """

    def __init__(self, outputs: int, shape: Shape, width_divisor: int = 1) -> None:
        super().__init__()
        widths = [_narrowed(width, width_divisor) for width in RESNET18_WIDTHS]
        self.stem = nn.Sequential(
            nn.Conv3d(CHANNELS, widths[0], 7, stride=2, padding=3, bias=False),
            nn.BatchNorm3d(widths[0]),
            nn.ReLU(inplace=True),
            nn.MaxPool3d(3, stride=2, padding=1),
        )
        blocks: list[nn.Module] = []
        before = widths[0]
        for level, width in enumerate(widths):
            blocks += [BasicBlock(before, width, 1 if level == 0 else 2), BasicBlock(width, width)]
            before = width
        self.blocks = nn.Sequential(*blocks)
        self.outputs = nn.Linear(before, outputs)

    def forward(self, images: Tensor) -> Tensor:
        """(batch, 2, slice, row, column) to (batch, outputs)."""
        features: Tensor = self.blocks(self.stem(images))
        values: Tensor = self.outputs(features.mean(dim=(2, 3, 4)))
        return values


class BasicBlock(nn.Module):
    """Two 3x3x3 convolutions around a shortcut, which is a 1x1x1 one where shapes differ."""

    def __init__(self, channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv3d(channels, width, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm3d(width),
            nn.ReLU(inplace=True),
            nn.Conv3d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm3d(width),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != width:
            self.shortcut = nn.Sequential(
                nn.Conv3d(channels, width, 1, stride=stride, bias=False), nn.BatchNorm3d(width)
            )

    def forward(self, features: Tensor) -> Tensor:
        """(batch, channels, slice, row, column) to (batch, width, ...)."""
        return torch.relu(self.shortcut(features) + self.body(features))


def _convolutions(
    widths: Sequence[Sequence[int]], kernel: int, shape: Shape, divisor: int
) -> tuple[list[nn.Module], int]:
    """Groups of convolutions with a pooling after each, and how many values come out."""
    layers: list[nn.Module] = []
    channels, sizes = CHANNELS, shape
    for group in widths:
        for width in (_narrowed(width, divisor) for width in group):
            layers += [
                nn.Conv3d(channels, width, kernel, padding=kernel // 2),
                nn.BatchNorm3d(width),
                nn.ReLU(inplace=True),
            ]
            channels = width
        factors = tuple(min(size, 2) for size in sizes)
        layers.append(nn.MaxPool3d(factors))
        slices, rows, columns = (
            size // factor for size, factor in zip(sizes, factors, strict=True)
        )
        sizes = (slices, rows, columns)
    return layers, channels * sizes[0] * sizes[1] * sizes[2]


def _dense(features: int, widths: Sequence[int], outputs: int, divisor: int) -> list[nn.Module]:
    layers: list[nn.Module] = [nn.Flatten()]
    for width in (_narrowed(width, divisor) for width in widths):
        layers += [nn.Linear(features, width), nn.ReLU(inplace=True)]
        features = width
    return [*layers, nn.Linear(features, outputs)]


def _narrowed(width: int, divisor: int) -> int:
    return max(width // divisor, 1)
