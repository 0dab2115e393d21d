"""Cameras that are simulated in the image: multi-pinhole CZT SPECT, and PET.

Their projections need geometry that makers keep to themselves. What a reconstruction of them looks
like is known: its resolution, what attenuation left of it, its field, its noise. Each is an
operator on transaxial volumes ``(slice, row, column)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from shortaxis.camera.attenuation import Attenuation
from shortaxis.camera.field_of_view import FieldSelection, RoundField
from shortaxis.camera.hot_rim import HotRim
from shortaxis.camera.operators import LinearOperator
from shortaxis.camera.resolution import SpatialResolution, pinhole_fwhm_mm
from shortaxis.camera.rotation import Rotation
from shortaxis.camera.transaxial_grid import TransaxialGrid

__all__ = [
    "CZT_GRID",
    "PINHOLE_ANGLES_DEG",
    "AttenuationImprint",
    "MultiPinholeCamera",
    "PetCamera",
]

CZT_GRID = TransaxialGrid(slices=50, pixels=70, pixel_mm=4.0, slice_mm=4.0)
"""Voxels of a Discovery NM 530c reconstruction."""

PINHOLE_ANGLES_DEG = tuple(225.0 - 22.5 * head for head in range(9))
"""Nine detectors around the left front of the chest, from RAO over LAO to LPO, after the
arrangement of the Discovery NM 530c (Bocher et al., Eur J Nucl Med Mol Imaging 2010;37:1887), whose
other ten look at the same heart from above and below."""

RIM_WIDTH_MM = 6.0
"""In 530c studies the outermost two or three voxels, of 4 mm, are the hot ones."""


class AttenuationImprint(LinearOperator):
    """What attenuation leaves of each voxel, averaged over the directions of the detectors.

    Parameters
    ----------
    grid : TransaxialGrid
        The whole body, not the camera's field: what lies outside attenuates too.
    attenuation_map_per_cm : (slice, row, column) tensor
        Linear attenuation, 1/cm.
    angles_deg : sequence of float
        Directions of the detectors, 0 at the patient's back, 90 at the left.
    """

    def __init__(
        self,
        grid: TransaxialGrid,
        attenuation_map_per_cm: Tensor,
        angles_deg: Sequence[float] = PINHOLE_ANGLES_DEG,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(grid.shape, grid.shape, dtype)
        rotation = Rotation(grid, angles_deg, dtype)
        attenuation = Attenuation(rotation, attenuation_map_per_cm).for_one_pass()
        arriving = torch.zeros(grid.pixels**2, grid.slices, dtype=dtype)
        # Slices are alike in what is seen of them: one tells of all.
        seen = torch.zeros(grid.pixels**2, 1, dtype=dtype)
        one_slice = Rotation(replace(grid, slices=1), angles_deg, dtype)
        for view in range(len(angles_deg)):
            arriving += rotation.turn_back(attenuation.transmission(view), view)
            seen += one_slice.turn_back(torch.ones(one_slice.out_shape[1:], dtype=dtype), view)
        self.factors = rotation.from_columns(arriving.div_(seen))
        """Mean transmission of each voxel, ``(slice, row, column)``, in (0, 1]."""

    def _apply(self, x: Tensor) -> Tensor:
        return x * self.factors

    def _adjoint(self, y: Tensor) -> Tensor:
        return y * self.factors


class MultiPinholeCamera(LinearOperator):
    """A heart camera such as the Discovery NM 530c: imprint, resolution, round field, rim.

    In: activity of the body, ``(slice, row, column)``. Out: expected image of the camera.

    Parameters
    ----------
    imprint : AttenuationImprint
        On the body's grid.
    resolution : SpatialResolution
        On the body's grid.
    selection : FieldSelection
        From the body to the camera.
    rim : HotRim, optional
        Left out if not given.
    """

    def __init__(
        self,
        imprint: AttenuationImprint,
        resolution: SpatialResolution,
        selection: FieldSelection,
        rim: HotRim | None = None,
    ) -> None:
        super().__init__(selection.in_shape, selection.out_shape, selection.dtype)
        self._imprint, self._resolution = imprint, resolution
        self._selection, self._rim = selection, rim

    @classmethod
    def of_body(
        cls,
        body: TransaxialGrid,
        attenuation_map_per_cm: Tensor,
        first_voxel: tuple[int, int, int],
        rim_strength: float = 0.0,
        blotches: Tensor | None = None,
    ) -> MultiPinholeCamera:
        """A 530c that looks at a part of the body, which has voxels of 4 mm too.

        Parameters
        ----------
        first_voxel : (slice, row, column)
            Voxel of the body that becomes the first of `CZT_GRID`.
        rim_strength : float
            Counts on the rim as a share of the activity nearby beyond the field; 0 for no rim.
        blotches : tensor of the shape of `CZT_GRID`, optional
            Factors of the rim's counts (`sample_blotches`); even without.
        """
        field = RoundField()
        selection = FieldSelection(body, CZT_GRID, first_voxel, field)
        middle = (body.pixels - CZT_GRID.pixels) / 2
        center_mm = tuple((first - middle) * body.pixel_mm for first in first_voxel[1:])
        rim = None
        if rim_strength > 0:
            even = torch.ones(CZT_GRID.shape) if blotches is None else blotches
            gain = HotRim.rim_gain(field.depth_mm(CZT_GRID), rim_strength, RIM_WIDTH_MM, even)
            rim = HotRim(body, selection, gain)
        return cls(
            AttenuationImprint(body, attenuation_map_per_cm),
            SpatialResolution(body, pinhole_fwhm_mm(body, (center_mm[0], center_mm[1]))),
            selection,
            rim,
        )

    def _apply(self, x: Tensor) -> Tensor:
        remaining = self._imprint.apply(x)
        image = self._resolution.apply_within(remaining, self._selection.box) * self._selection.mask
        return image if self._rim is None else image + self._rim.apply(remaining)

    def _adjoint(self, y: Tensor) -> Tensor:
        remaining = self._resolution.adjoint(self._selection.adjoint(y))
        if self._rim is not None:
            remaining = remaining + self._rim.adjoint(y)
        return self._imprint.adjoint(remaining)


class PetCamera(SpatialResolution):
    """PET with attenuation correction: the same resolution everywhere, and nothing else.

    Reconstructed cardiac PET has 5 to 8 mm, depending on the isotope and the post-filter.
    """

    def __init__(
        self, grid: TransaxialGrid, fwhm_mm: float = 6.5, dtype: torch.dtype = torch.float32
    ) -> None:
        super().__init__(grid, fwhm_mm, dtype=dtype)
