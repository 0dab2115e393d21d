"""What a network is shown: counts on a small grid around a pose, used by training and by use alike.

A volume is smoothed once for each spacing, so that samples further apart than its voxels do not
alias, and then sampled trilinearly at the voxels of the grid, wherever the pose puts it: every
crop is one interpolation away from the volume, whatever number of poses came before.

The frame of a grid is that of its pose: index ``(i, j, k)`` lies at ``(x, y, z)`` =
``((k, j, i) - (size - 1) / 2) * spacing_mm`` in the pose's coordinates, so for a cardiac pose
slices run along ``z_c``, rows along ``y_c``, columns along ``x_c``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.resampling import resample
from shortaxis.geometry.smoothing import gaussian_smoothed
from shortaxis.spect.volume import SpectVolume

__all__ = ["MAX_INPUT", "NetworkGrid", "SmoothedVolume", "grid_of_record", "smoothed_for"]

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

SMOOTHING = 0.4
"""Standard deviation of the sampling kernel, in spacings: half its power at half of Nyquist."""

LEVEL_PART = 0.02
"""The hottest 2 % of the ball: some 80 voxels, so that no single one decides."""

MAX_INPUT = 2.0
"""Counts are clipped at twice the level."""


@dataclass(frozen=True)
class NetworkGrid:
    """A cube of voxels around a pose.

    Parameters
    ----------
    size : int
        Voxels along each edge.
    spacing_mm : float
        Distance between voxels, mm.
    level_radius_mm : float
        Radius of the ball around the middle whose counts set the level.
    """

    size: int
    spacing_mm: float
    level_radius_mm: float

    @property
    def pose_from_index(self) -> FloatArray:
        """4x4 affine from ``(slice, row, column)`` to the pose's ``(x, y, z)`` mm."""
        affine = np.zeros((4, 4))
        affine[0, 2] = affine[1, 1] = affine[2, 0] = self.spacing_mm
        affine[:3, 3] = -self.spacing_mm * (self.size - 1) / 2
        affine[3, 3] = 1.0
        return affine

    def around(self, patient_from_pose: FloatArray) -> Grid:
        """The grid in the patient; `patient_from_pose` is a 4x4 affine, usually a pose's matrix."""
        return Grid((self.size,) * 3, patient_from_pose @ self.pose_from_index)

    def sampled(self, smooth: SpectVolume, patient_from_pose: FloatArray) -> CountsArray:
        """Counts ``(size, size, size)`` of a volume that `smoothed_for` this spacing gave."""
        grid = self.around(patient_from_pose)
        return resample(smooth.counts, smooth.patient_from_index, grid)

    @cached_property
    def ball(self) -> BoolArray:
        """Voxels ``(size, size, size)`` within `level_radius_mm` of the middle."""
        squares = ((np.arange(self.size) - (self.size - 1) / 2) * self.spacing_mm) ** 2
        distance = squares[:, None, None] + squares[None, :, None] + squares[None, None, :]
        inside: BoolArray = distance <= self.level_radius_mm**2
        return inside

    def normalised(self, counts: CountsArray) -> CountsArray:
        """Counts divided by the mean of the hottest of the ball, from 0 to `MAX_INPUT`.

        An empty ball gives zeros.
        """
        inside = counts[self.ball]
        hottest = max(int(LEVEL_PART * inside.size), 1)
        level = float(np.partition(inside, -hottest)[-hottest:].mean())
        if not level > 0:
            return np.zeros_like(counts)
        scaled: CountsArray = np.clip(counts * np.float32(1 / level), 0, MAX_INPUT)
        return scaled


def grid_of_record(values: Mapping[str, Any]) -> NetworkGrid:
    """The grid that a record of weights gives.

    Raises
    ------
    ValueError, TypeError
        If a value is missing, of another kind or out of its range.
    """
    grid = NetworkGrid(**values)
    if not (grid.size > 0 and 0 < grid.spacing_mm < math.inf and grid.level_radius_mm > 0):
        raise ValueError(f"a grid of {grid}")
    return grid


def smoothed_for(volume: SpectVolume, spacing_mm: float) -> SpectVolume:
    """The volume as it is sampled at this spacing: smoothed where its voxels are smaller.

    The kernel's variance and that of the voxels add up to the wanted one, so that exams with
    small and large voxels look alike.
    """
    wanted = (SMOOTHING * spacing_mm) ** 2 - (SMOOTHING * volume.spacing_mm) ** 2
    sigma = np.sqrt(np.maximum(wanted, 0)) / volume.spacing_mm
    if (sigma < 0.1).all():
        return volume
    counts = gaussian_smoothed(volume.counts, sigma, "zero", truncate=2.5)
    counts.flags.writeable = False
    return SpectVolume(counts, volume.patient_from_index)


class SmoothedVolume:
    """A volume as grids sample it, smoothed once for each spacing that is asked for."""

    def __init__(self, original: SpectVolume) -> None:
        self.original = original
        self._smoothed: dict[float, SpectVolume] = {}

    def at(self, spacing_mm: float) -> SpectVolume:
        """What `smoothed_for` gives for a spacing."""
        if spacing_mm not in self._smoothed:
            self._smoothed[spacing_mm] = smoothed_for(self.original, spacing_mm)
        return self._smoothed[spacing_mm]
