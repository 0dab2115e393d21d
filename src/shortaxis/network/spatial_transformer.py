"""The spatial transformer: a view of the input, turned and shifted, through which gradients pass.

Grid generator and sampler of Jaderberg et al. (arXiv 1506.02025) in the frames of this package. The
paper joins its blocks by samplers; here each of them samples the input itself with all moves so far
composed, so that no image is interpolated twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.network.six_parameters import Move, move_from_parameters, patient_from_cardiac

__all__ = ["COARSE_GRID", "PAPER_GRID", "ViewGrid", "sample_short_axis", "sample_view"]


@dataclass(frozen=True)
class ViewGrid:
    """The grid of an input and of all its views; its frame has the origin in the centre.

    Index ``(slice, row, column)`` grows along ``z``, ``y``, ``x``: of an input, towards superior,
    posterior and left of the patient.

    Parameters
    ----------
    shape : tuple of int
        Slices, rows and columns, each at least 2.
    spacing_mm : float
        Between neighbours, the same along each index.

    Raises
    ------
    OptionError
        If there is no such grid.
    """

    shape: tuple[int, int, int]
    spacing_mm: float

    def __post_init__(self) -> None:
        if len(self.shape) != 3 or min(self.shape) < 2 or not 0 < self.spacing_mm < inf:
            raise OptionError(
                "not a grid to view",
                expected="slices, rows and columns of at least 2, and a spacing above 0 mm",
                found=f"{self.shape} voxels of {self.spacing_mm} mm",
            )

    @property
    def half_extent_mm(self) -> tuple[float, float, float]:
        """From the centre to the outermost voxel centres along ``(x, y, z)``, mm."""
        slices, rows, columns = ((size - 1) / 2 * self.spacing_mm for size in self.shape)
        return columns, rows, slices

    @property
    def view_from_index(self) -> FloatArray:
        """4x4 affine from ``(slice, row, column)`` to the grid's ``(x, y, z)`` mm."""
        affine = np.zeros((4, 4))
        affine[0, 2] = affine[1, 1] = affine[2, 0] = self.spacing_mm
        affine[:3, 3] = -np.array(self.half_extent_mm)
        affine[3, 3] = 1.0
        return affine


PAPER_GRID = ViewGrid((32, 64, 64), 6.4)
"""The paper's 64 x 64 x 32. It rescales 22 to 36 slices to 32; ours keep their 6.4 mm, since a
rotation is rigid only where voxels stay cubes."""

COARSE_GRID = ViewGrid((16, 32, 32), 12.8)
"""The same field of view at twice the spacing, for computers without a GPU."""


def sample_view(images: Tensor, grid: ViewGrid, move: Move) -> Tensor:
    """Images as they are seen by a move, interpolated trilinearly.

    Parameters
    ----------
    images : (batch, channel, slice, row, column) tensor
        On the grid.
    grid : ViewGrid
        Of the images and of the view.
    move : Move
        Takes the view's coordinates to those of the images. Any rotation will do: with the cardiac
        axes as its columns the view has slices along ``z_c``, rows along ``y_c``, columns along
        ``x_c``.

    Returns
    -------
    tensor of the same shape
        float32. Zero where the images do not reach; beyond their outermost voxel centres counts
        fall to zero over one voxel.
    """
    half = images.new_tensor(grid.half_extent_mm, dtype=torch.float32)
    # torch has coordinates (x, y, z) that are -1 and +1 at the centres of the outermost voxels.
    turn = move.turn.float() * half / half[:, None]
    shift = move.shift_mm.float() / half
    # Autocast would round the places to bfloat16, some of them by half a voxel.
    with torch.autocast(images.device.type, enabled=False):
        places = functional.affine_grid(
            torch.cat([turn, shift[:, :, None]], dim=2), list(images.shape), align_corners=True
        )
        return functional.grid_sample(
            images.float(), places, mode="bilinear", padding_mode="zeros", align_corners=True
        )


def sample_short_axis(images: Tensor, grid: ViewGrid, parameters: Tensor) -> Tensor:
    """The reoriented images: slices from apex to base, anterior wall up, septum left.

    Parameters
    ----------
    images : (batch, channel, slice, row, column) tensor
        Transaxial, on the grid.
    grid : ViewGrid
        Of the images and of the result.
    parameters : (batch, 6) tensor
        Six parameters, mm and degrees.

    Returns
    -------
    (batch, channel, slice, row, column) tensor
        Along ``z_c``, ``y_c`` and ``x_c``, with the centre of the ventricle in the middle.
    """
    move = move_from_parameters(parameters)
    return sample_view(images, grid, Move(patient_from_cardiac(move), move.shift_mm))
