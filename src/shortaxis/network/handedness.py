"""Which way round a volume lies: one energy for each of the 48 symmetries of its voxels.

The network sees the surroundings of the heart twice, on a coarse and on a fine grid. It is applied
to the eight flips of what it sees, with the same weights, so a flip of the input only exchanges
energies: none is favoured. Each application gives an energy for every order of the axes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from shortaxis.geometry.cube_symmetries import FLIPS, ORDERS

__all__ = ["HANDEDNESS", "HANDEDNESS_SIZE", "HandednessNetwork", "HandednessSize"]

HANDEDNESS = "handedness"
"""Name of the network, as stages and records have it."""


@dataclass(frozen=True)
class HandednessSize:
    """What the network sees and how large it is.

    Parameters
    ----------
    voxels : int
        Edge of both cubes.
    spacings_mm : tuple of float
        Of their voxels, one branch each.
    level_radius_mm : float
        Radius within which counts set the level.
    widths : tuple of int
        Channels at a quarter and an eighth of the resolution, and what a branch gives.
    """

    voxels: int
    spacings_mm: tuple[float, ...]
    level_radius_mm: float
    widths: tuple[int, int, int]


HANDEDNESS_SIZE = HandednessSize(32, (12.8, 6.4), 60.0, (24, 48, 48))
"""Sees 41 and 20 cm around the heart."""

DROPPED = 0.2
"""Part of a branch's features that is left out at every step of training."""


class HandednessNetwork(nn.Module):
    """Energies of the 48 ways round."""

    def __init__(self, size: HandednessSize = HANDEDNESS_SIZE) -> None:
        super().__init__()
        self.size = size
        self.branches = nn.ModuleList([_branch(size) for _ in size.spacings_mm])
        features = size.widths[-1] * len(size.spacings_mm)
        self.head = nn.Sequential(nn.Dropout(DROPPED), nn.Linear(features, len(ORDERS)))

    def forward(self, counts: Tensor) -> Tensor:
        """Energies ``(batch, order, flip)`` in the order of `ORDERS` and `FLIPS`.

        `counts` are normalised, ``(batch, grid, n, n, n)``, the grids in the order of their
        spacings. The likeliest way round has the highest energy.
        """
        root = torch.sqrt(counts + 1e-4)
        # A flip of no axis is exported wrongly.
        flipped = torch.cat([root.flip([2 + i for i in flip]) if flip else root for flip in FLIPS])
        features = [branch(flipped[:, i : i + 1]) for i, branch in enumerate(self.branches)]
        energies: Tensor = self.head(torch.cat(features, dim=1)).float()
        return energies.reshape(len(FLIPS), -1, len(ORDERS)).permute(1, 2, 0)


def _branch(size: HandednessSize) -> nn.Sequential:
    """Two convolutions down to an eighth of the resolution, and everything that is left at once.

    The first takes cells of two voxels along each edge, three by three by three of them.
    """
    first, second, features = size.widths
    cells = size.voxels // 8
    return nn.Sequential(
        nn.Conv3d(1, first, 6, stride=4, padding=2, bias=False),
        nn.BatchNorm3d(first),
        nn.ReLU(inplace=True),
        nn.Conv3d(first, second, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm3d(second),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Linear(second * cells**3, features),
        nn.ReLU(inplace=True),
    )
