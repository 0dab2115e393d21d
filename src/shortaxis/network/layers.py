"""Layers of the pose networks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["Residual", "edge_channels", "normalised_convolution"]


def normalised_convolution(channels: int) -> nn.Sequential:
    """One 3x3x3 convolution with batch normalisation and rectification; keeps the shape."""
    return nn.Sequential(
        nn.Conv3d(channels, channels, 3, padding=1, bias=False),
        nn.BatchNorm3d(channels),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two 3x3x3 convolutions with batch normalisation around a shortcut; keeps the shape."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv3d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm3d(channels),
            nn.ReLU(inplace=True),
            nn.Conv3d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm3d(channels),
        )

    def forward(self, features: Tensor) -> Tensor:
        """(batch, channels, n, n, n) in and out."""
        return torch.relu(features + self.body(features))


def edge_channels(counts: Tensor) -> Tensor:
    """Normalised counts, their square root, and the root's gradient magnitude.

    The root makes the wall visible beside an organ that is several times hotter.

    Parameters
    ----------
    counts : (batch, 1, n, n, n) tensor
        Not negative.

    Returns
    -------
    (batch, 3, n, n, n) tensor
        The gradient by central differences, zero at the faces of the cube.
    """
    root = torch.sqrt(counts + 1e-4)
    inner = root[:, :, 1:-1, 1:-1, 1:-1]
    squares = torch.zeros_like(inner)
    for axis in (2, 3, 4):
        window = [slice(None), slice(None), *[slice(1, -1)] * 3]
        ahead, behind = list(window), list(window)
        ahead[axis], behind[axis] = slice(2, None), slice(None, -2)
        squares = squares + (root[tuple(ahead)] - root[tuple(behind)]) ** 2
    magnitude = nn.functional.pad(torch.sqrt(squares + 1e-6), (1, 1, 1, 1, 1, 1))
    return torch.cat([counts, root, magnitude], dim=1)
