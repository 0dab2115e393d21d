"""Rotations from what a network can give: vectors, orthonormalised without a branch.

A rotation has the cardiac axes as columns. Six numbers, two of its columns, describe it without
a jump anywhere (Zhou et al., CVPR 2019, arXiv 1812.07035), which three angles cannot.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["rotation_from_axes"]

SHORTEST = 1e-6


def rotation_from_axes(long_axis: Tensor, across: Tensor) -> Tensor:
    """Proper rotations from vectors near ``z_c`` and ``x_c``, by Gram-Schmidt.

    Parameters
    ----------
    long_axis, across : (batch, 3) tensors
        Of any length; the long axis is kept, what lies along it is taken from the other.

    Returns
    -------
    (batch, 3, 3) tensor
        Columns ``x_c, y_c, z_c`` with ``y_c = z_c x x_c``: the determinant is +1.
    """
    z = long_axis / long_axis.norm(dim=1, keepdim=True).clamp_min(SHORTEST)
    rest = across - (across * z).sum(dim=1, keepdim=True) * z
    x = rest / rest.norm(dim=1, keepdim=True).clamp_min(SHORTEST)
    y = torch.stack(
        [
            z[:, 1] * x[:, 2] - z[:, 2] * x[:, 1],
            z[:, 2] * x[:, 0] - z[:, 0] * x[:, 2],
            z[:, 0] * x[:, 1] - z[:, 1] * x[:, 0],
        ],
        dim=1,
    )
    return torch.stack([x, y, z], dim=2)
