"""The round field of a multi-pinhole camera, cut out of the body."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from shortaxis.camera.operators import LinearOperator
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.errors import GeometryError

__all__ = ["FRONT_PLANES", "FieldSelection", "RoundField"]

FRONT_PLANES = ((190.0, 93.0), (163.0, 92.0), (135.0, 101.0))
"""What cuts the field in front, as direction (degrees, 0 at the patient's back, 90 at the left) and
distance from the middle in mm. The first filled row of each column is the same in four Discovery
NM 530c studies, whoever lay there: row 17 at the right, 12 in the middle, 17 and 25 at the left,
of 70 rows of 4 mm. The detectors begin there."""


@dataclass(frozen=True)
class RoundField:
    """A barrel: round in every slice, widest in the middle, cut flat at both ends and in front.

    The defaults are those of four Discovery NM 530c studies of 50 slices of 70 x 70 voxels of 4 mm:
    counts in 46 slices; half as wide as 33 voxels in the middle, 29 voxels 14 slices away and
    24.5 voxels 21 slices away.

    Parameters
    ----------
    radius_mm : float
        In the middle slice.
    half_length_mm : float
        From the middle to the flat ends.
    pole_mm : float
        From the middle to where the barrel would close if it were not cut.
    planes : sequence of (direction_deg, distance_mm)
        Nothing is seen beyond them; see `FRONT_PLANES`.
    """

    radius_mm: float = 135.0
    half_length_mm: float = 92.0
    pole_mm: float = 131.0
    planes: tuple[tuple[float, float], ...] = FRONT_PLANES

    def __post_init__(self) -> None:
        lengths = {name: getattr(self, name) for name in ("radius_mm", "half_length_mm", "pole_mm")}
        lengths |= {f"distance of plane {at}": each[1] for at, each in enumerate(self.planes)}
        for name, value in lengths.items():
            if not (math.isfinite(value) and value > 0):
                raise GeometryError(
                    f"{name} of a field of view is not a length",
                    expected="above 0 mm",
                    found=str(value),
                )

    def mask(self, grid: TransaxialGrid) -> Tensor:
        """Voxels of the field in the middle of `grid`, ``(slice, row, column)``, bool."""
        across = grid.centered_mm()
        along = torch.arange(grid.slices, dtype=torch.float64) - (grid.slices - 1) / 2
        along = (along * grid.slice_mm)[:, None, None]
        barrel = (across[:, None] ** 2 + across[None, :] ** 2) / self.radius_mm**2
        inside = barrel + (along / self.pole_mm) ** 2 <= 1
        for direction_deg, distance_mm in self.planes:
            turn = math.radians(direction_deg)
            toward = across[None, :] * math.sin(turn) + across[:, None] * math.cos(turn)
            inside = inside & (toward <= distance_mm)
        return inside & (along.abs() <= self.half_length_mm)

    def depth_mm(self, grid: TransaxialGrid) -> Tensor:
        """Distance of each voxel's centre from the nearest voxel outside; 0 outside."""
        inside = np.pad(self.mask(grid).numpy(), 1)
        depth = ndimage.distance_transform_edt(inside, sampling=grid.voxel_mm)
        return torch.from_numpy(np.asarray(depth)[1:-1, 1:-1, 1:-1].astype(np.float32))


class FieldSelection(LinearOperator):
    """Cuts the camera's volume out of the body and leaves zero outside the round field.

    In: ``(slice, row, column)`` of the body. Out: ``(slice, row, column)`` of the camera.

    Parameters
    ----------
    body, camera : TransaxialGrid
        The same voxel size.
    first_voxel : (slice, row, column)
        Voxel of the body that becomes the camera's first.
    field : RoundField
        In the middle of the camera's grid.
    """

    def __init__(
        self,
        body: TransaxialGrid,
        camera: TransaxialGrid,
        first_voxel: tuple[int, int, int],
        field: RoundField,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(body.shape, camera.shape, dtype)
        stop = tuple(first + size for first, size in zip(first_voxel, camera.shape, strict=True))
        fits = min(first_voxel) >= 0 and all(np.less_equal(stop, body.shape))
        if not fits or not np.allclose(body.voxel_mm, camera.voxel_mm):
            raise GeometryError(
                "the camera's volume is not inside the body's",
                expected=f"voxels of {body.voxel_mm} mm within {body.shape}",
                found=f"voxels of {camera.voxel_mm} mm from {first_voxel} to {stop}",
                cause="a heart near the end of the simulated body",
            )
        slices, rows, columns = (slice(*ends) for ends in zip(first_voxel, stop, strict=True))
        self.box = (slices, rows, columns)
        """The camera's part of the body."""
        self.mask = field.mask(camera)

    def _apply(self, x: Tensor) -> Tensor:
        return x[self.box] * self.mask

    def _adjoint(self, y: Tensor) -> Tensor:
        body = torch.zeros(self.in_shape, dtype=self.dtype)
        body[self.box] = y * self.mask
        return body
