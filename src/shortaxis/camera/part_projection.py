"""What a small part of the body adds to the projections, without projecting the rest.

The heart of a gated exam beats and the torso lies still: time slots differ in a box of a few per
cent of the voxels. Projections are linear, so those of a slot are those of another plus those of
the difference, which needs only the box's voxels, and the depths and bins that they turn to. Within
them the arithmetic is that of `shortaxis.camera.projector.SpectProjector`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from shortaxis.camera.attenuation import Attenuation
from shortaxis.camera.collimator import CollimatorDetectorResponse
from shortaxis.camera.rotation import Rotation
from shortaxis.camera.scatter import Scatter

__all__ = ["PartProjection", "support_of"]


def support_of(volumes: Tensor) -> tuple[slice, slice, slice] | None:
    """Box ``(slice, row, column)`` outside which all of ``(volume, slice, row, column)`` are 0."""
    filled = (volumes != 0).any(dim=0)
    box = []
    for axis in range(3):
        others = [other for other in range(3) if other != axis]
        places = filled.amax(dim=others).nonzero().flatten()
        if not len(places):
            return None
        box.append(slice(int(places[0]), int(places[-1]) + 1))
    return box[0], box[1], box[2]


@dataclass(frozen=True, eq=False)
class PartProjection:
    """The effects of one camera, for activity within a box.

    Parameters
    ----------
    rotation, attenuation, response, scatter
        Of the whole body.
    """

    rotation: Rotation
    attenuation: Attenuation
    response: CollimatorDetectorResponse
    scatter: Scatter

    def project(self, volumes: Tensor, views: list[int]) -> Tensor:
        """Expected counts of some views, and the part of them that arrives by scatter.

        Parameters
        ----------
        volumes : (volume, slice, row, column) tensor
            Activities, of either sign, that fill the same small part of the body.
        views : list of int
            Which of the camera's.

        Returns
        -------
        (angular_view, 2, volume, slice, bin) tensor
            All counts, and scatter.
        """
        grid = self.rotation.grid
        seen = torch.zeros(len(views), 2, len(volumes), grid.slices, grid.pixels)
        box = support_of(volumes)
        if box is None:
            return seen
        slices, rows, columns = box
        index = torch.arange(grid.pixels**2).view(grid.pixels, grid.pixels)
        voxels = index[rows, columns].flatten().numpy()
        inside = volumes[:, slices, rows, columns].flatten(2).permute(2, 0, 1).contiguous()
        for place, view in enumerate(views):
            counts, scatter = self._project_view(inside, (voxels, slices), view)
            seen[place, 0], seen[place, 1] = counts + scatter, scatter
        return seen

    def _project_view(
        self, inside: Tensor, where: tuple[np.ndarray, slice], view: int
    ) -> tuple[Tensor, Tensor]:
        """``(voxel, volume, slice)`` to unscattered and scattered ``(volume, slice, bin)``."""
        voxels, slices = where
        turned, depths, bins = self._turned(inside, voxels, view)
        transmission = self.attenuation.transmission(view)[depths, bins, None, slices]
        counts = self.response.apply_part(turned * transmission, (depths, bins, slices), view)
        weights = self.scatter.weights(transmission)
        scatter = self.scatter.spread_part((turned * weights).sum(dim=0), bins, slices)
        return counts, scatter

    def _turned(self, inside: Tensor, voxels: np.ndarray, view: int) -> tuple[Tensor, slice, slice]:
        """``(depth, bin, volume, slice)`` of the depths and bins that the box turns to."""
        pixels = self.rotation.grid.pixels
        shares = self.rotation.shares(view)[voxels]
        depth, bin_ = np.divmod(shares.indices, pixels)
        depths = slice(int(depth.min()), int(depth.max()) + 1)
        bins = slice(int(bin_.min()), int(bin_.max()) + 1)
        size = (depths.stop - depths.start, bins.stop - bins.start)
        flat = (depth - depths.start) * size[1] + bin_ - bins.start
        # The rows of the shares are the columns of their transpose.
        target = size[0] * size[1], len(voxels)
        matrix = sparse.csc_array((shares.data, flat, shares.indptr), shape=target)
        turned = torch.from_numpy(matrix @ inside.flatten(1).numpy())
        return turned.view(*size, *inside.shape[1:]), depths, bins
