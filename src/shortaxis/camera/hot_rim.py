"""The hot rim of a small field of view."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from shortaxis.camera.field_of_view import FieldSelection
from shortaxis.camera.operators import LinearOperator
from shortaxis.camera.resolution import SpatialResolution
from shortaxis.camera.transaxial_grid import TransaxialGrid

__all__ = ["HotRim"]


class HotRim(LinearOperator):
    """Counts from beyond the field, heaped up on its rim.

    The reconstruction has to put somewhere what the detectors see of the rest of the body, and
    puts it where the fewest detectors look. So the rim is hot on the side of the liver and the
    spine, cold towards the air, and blotchy.

    In: the body, ``(slice, row, column)``. Out: the camera's volume.

    Parameters
    ----------
    selection : FieldSelection
        The camera's part of the body.
    gain : (slice, row, column) tensor
        Share of the activity nearby beyond the field that arrives at each voxel of the
        camera's volume; see `rim_gain`.
    spread_mm : float
        Width of "nearby", a full width at half maximum.
    """

    def __init__(
        self, body: TransaxialGrid, selection: FieldSelection, gain: Tensor, spread_mm: float = 40.0
    ) -> None:
        super().__init__(selection.in_shape, selection.out_shape, selection.dtype)
        self._selection = selection
        self._gain = gain.to(self.dtype)
        self._beyond = 1 - selection.adjoint(torch.ones(selection.out_shape))
        self._nearby = SpatialResolution(body, spread_mm, dtype=self.dtype)

    @staticmethod
    def rim_gain(depth_mm: Tensor, strength: float, width_mm: float, blotches: Tensor) -> Tensor:
        """``strength * exp(-depth / width) * blotches`` inside the field, for `gain`."""
        return strength * torch.exp(-depth_mm / width_mm) * blotches * (depth_mm > 0)

    @staticmethod
    def away_from(grid: TransaxialGrid, detectors_deg: float, steepness: float) -> Tensor:
        """Factors ``(slice, row, column)`` of the blotches: more where detectors look least.

        ``exp(steepness * cosine)`` of the angle from the direction opposite the detectors (0 at
        the patient's back, 90 at the left).
        """
        across = grid.centered_mm()
        turn = math.radians(detectors_deg)
        toward = across[None, :] * math.sin(turn) + across[:, None] * math.cos(turn)
        radius = torch.hypot(across[:, None], across[None, :]).clamp(min=grid.pixel_mm)
        return torch.exp(-steepness * toward / radius).expand(grid.shape).to(torch.float32)

    def _apply(self, x: Tensor) -> Tensor:
        seen = self._nearby.apply_within(x * self._beyond, self._selection.box)
        return self._gain * (seen * self._selection.mask)

    def _adjoint(self, y: Tensor) -> Tensor:
        return self._nearby.adjoint(self._selection.adjoint(self._gain * y)) * self._beyond
