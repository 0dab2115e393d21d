"""Respiratory blur: the activity averaged over the positions of a breathing cycle.

Position over time follows ``cos^4`` (Lujan 1999, Med Phys 26:715): most time is spent
near end expiration. Displacements are counted from the mean position, so a pose that is given
for the mean stays true.
"""

from __future__ import annotations

from math import floor

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from shortaxis.geometry.affines import invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.phantom.organs import Respiration

__all__ = ["breathe", "displacements_mm"]

POSITIONS = 16
"""Of one breath; the mean of cos^4 over them is 3/8 exactly."""


def displacements_mm(respiration: Respiration) -> FloatArray:
    """Displacements from the mean position, LPS mm, (positions, 3).

    Expiration moves the heart up and back, where it rests longest; inspiration takes it down and
    forward for a moment.
    """
    course = 3 / 8 - np.cos(np.pi * np.arange(POSITIONS) / POSITIONS) ** 4
    travel = (0.0, respiration.anterior_posterior_mm, respiration.superior_inferior_mm)
    return np.outer(course, travel)


def breathe(activity: Tensor, grid: Grid, respiration: Respiration) -> Tensor:
    """Average of the activity ``(slice, row, column)`` over the positions of a breath.

    Each displacement is spread linearly over the neighbouring voxels, which keeps its mean and
    the total activity. Beyond the grid the outermost voxels are continued.
    """
    taps = _taps(displacements_mm(respiration), grid)
    if len(taps) == 1:
        return activity
    reach = [max(abs(offset[axis]) for offset in taps) for axis in range(3)]
    margins = [reach[axis] for axis in (2, 2, 1, 1, 0, 0)]
    padded = functional.pad(activity[None, None], margins, mode="replicate")[0, 0]
    blurred = torch.zeros_like(activity)
    for offset, weight in taps.items():
        # A map moved by `offset` has here what lay `offset` before.
        window = tuple(
            slice(reach[axis] - offset[axis], reach[axis] - offset[axis] + activity.shape[axis])
            for axis in range(3)
        )
        blurred.add_(padded[window], alpha=weight)
    return blurred


def _taps(displacements: FloatArray, grid: Grid) -> dict[tuple[int, int, int], float]:
    """Weights of whole-voxel shifts."""
    index_from_patient = invert_affine(grid.patient_from_index)[:3, :3]
    taps: dict[tuple[int, int, int], float] = {}
    for shift in (displacements @ index_from_patient.T).round(9).tolist():
        low = [floor(component) for component in shift]
        for corner in np.ndindex(2, 2, 2):
            weight = 1.0 / len(displacements)
            for component, whole, step in zip(shift, low, corner, strict=True):
                part = component - whole
                weight *= part if step else 1 - part
            if weight > 0:
                offset = (low[0] + corner[0], low[1] + corner[1], low[2] + corner[2])
                taps[offset] = taps.get(offset, 0.0) + weight
    return taps
