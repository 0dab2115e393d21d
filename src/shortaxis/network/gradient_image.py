"""The second channel of the paper's networks.

"To enhance the contours in the SPECT MPI, gradient images of the transaxial images were
calculated, and combined with the transaxial images to form a two-channel network" (Zhu et al.,
Methods). Which gradient, it does not say: here it is the magnitude, by central differences.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["gradient_image", "with_gradient_image"]


def gradient_image(counts: Tensor) -> Tensor:
    """Magnitude of the gradient, in counts per voxel.

    Parameters
    ----------
    counts : (..., slice, row, column) tensor
        At least two voxels along each index; voxels are cubes.

    Returns
    -------
    tensor of the same shape
        By central differences, one-sided in the outermost voxels.

    Examples
    --------
    Counts that grow by 2 from slice to slice and fall by 1 from row to row:

    >>> slices, rows, _ = torch.meshgrid(*[torch.arange(3.0)] * 3, indexing="ij")
    >>> torch.allclose(gradient_image(2 * slices - rows), torch.tensor(5.0).sqrt())
    True
    """
    slopes: tuple[Tensor, ...] = torch.gradient(counts, dim=(-3, -2, -1))
    return torch.stack(slopes).square().sum(dim=0).sqrt()


def with_gradient_image(counts: Tensor) -> Tensor:
    """Both channels ``(batch, 2, slice, row, column)`` of normalised counts ``(batch, 1, ...)``."""
    return torch.cat([counts, gradient_image(counts)], dim=1)
