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

__all__ = ["breathe", "breathe_anew", "displacements_mm"]

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
    return _averaged(activity, _taps(displacements_mm(respiration), grid), _whole(activity))


def breathe_anew(
    breathed: Tensor,
    activity: Tensor,
    changed: tuple[slice, slice, slice],
    grid: Grid,
    respiration: Respiration,
) -> Tensor:
    """`breathe` of an activity that differs from one that was breathed in a box alone."""
    taps = _taps(displacements_mm(respiration), grid)
    whole = _whole(activity)
    first, second, third = (
        slice(max(box.start - reach, 0), min(box.stop + reach, all_.stop))
        for box, reach, all_ in zip(changed, _reach(taps), whole, strict=True)
    )
    anew = breathed.clone()
    anew[first, second, third] = _averaged(activity, taps, (first, second, third))
    return anew


_Taps = dict[tuple[int, int, int], float]
_Box = tuple[slice, slice, slice]


def _whole(activity: Tensor) -> _Box:
    first, second, third = (slice(0, size) for size in activity.shape)
    return first, second, third


def _reach(taps: _Taps) -> list[int]:
    """How far shifts go along each axis."""
    return [max(abs(offset[axis]) for offset in taps) for axis in range(3)]


def _averaged(activity: Tensor, taps: _Taps, box: _Box) -> Tensor:
    """The part of the average that lies in a box."""
    if len(taps) == 1:
        return activity[box]
    reach = _reach(taps)
    margins = [reach[axis] for axis in (2, 2, 1, 1, 0, 0)]
    padded = functional.pad(activity[None, None], margins, mode="replicate")[0, 0]
    blurred = torch.zeros_like(activity[box])
    for offset, weight in taps.items():
        # A map moved by `offset` has here what lay `offset` before.
        window = tuple(
            slice(inside.start + margin - step, inside.stop + margin - step)
            for inside, margin, step in zip(box, reach, offset, strict=True)
        )
        blurred.add_(padded[window], alpha=weight)
    return blurred


def _taps(displacements: FloatArray, grid: Grid) -> _Taps:
    """Weights of whole-voxel shifts."""
    index_from_patient = invert_affine(grid.patient_from_index)[:3, :3]
    taps: _Taps = {}
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
