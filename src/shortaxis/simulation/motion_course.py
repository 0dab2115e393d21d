"""Where the patient lies while the camera counts: a shift for every step of the acquisition."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from shortaxis.geometry.arrays import FloatArray
from shortaxis.simulation.acquisition import Acquisition

__all__ = ["averaged_over", "course_of", "shifted", "steps_of"]


CREEP_STEPS = 6
"""A creep is simulated in steps: of 20 mm each is 3 mm, less than half a pixel."""


def steps_of(acquisition: Acquisition) -> int:
    """How many positions the heads take one after the other; a still camera is given as many."""
    return acquisition.angular_views // acquisition.heads


def course_of(acquisition: Acquisition) -> FloatArray:
    """Shift of the patient at every step, LPS mm, (step, 3): a jump, or a creep in a few steps."""
    steps, motion = steps_of(acquisition), acquisition.motion
    place = np.zeros(steps)
    if motion.is_creep:
        place = np.round(np.linspace(0, 1, steps) * CREEP_STEPS) / CREEP_STEPS
    else:
        place[round(motion.after_part * steps) :] = 1
    return np.outer(place, (motion.left_mm, motion.back_mm, motion.shift_mm))


def shifted(volume: Tensor, shift_mm: FloatArray, voxel_mm: Sequence[float]) -> Tensor:
    """Content ``(slice, row, column)``, upright in LPS, moved by ``(x, y, z)`` mm.

    Interpolated linearly between voxels, which keeps the counts; the outermost voxels are
    continued.
    """
    for axis, (distance_mm, size_mm) in enumerate(zip(shift_mm[::-1], voxel_mm, strict=True)):
        if distance_mm:
            volume = _moved_along(volume, axis, float(distance_mm) / size_mm)
    return volume


def averaged_over(volume: Tensor, course_mm: FloatArray, voxel_mm: Sequence[float]) -> Tensor:
    """What a camera that sees all directions at once is shown over a course ``(step, 3)``."""
    places, times = np.unique(course_mm, axis=0, return_counts=True)
    seen = torch.zeros_like(volume)
    for place, time in zip(places, times, strict=True):
        seen += shifted(volume, place, voxel_mm) * (float(time) / len(course_mm))
    return seen


def _moved_along(volume: Tensor, axis: int, steps: float) -> Tensor:
    """Move the content towards higher indices by a broken number of voxels, ends repeated."""
    turned = volume.movedim(axis, 0)
    place = torch.arange(len(turned), dtype=torch.float64) - steps
    place = place.clamp(0, len(turned) - 1)
    lower = place.floor().long()
    upper = (lower + 1).clamp(max=len(turned) - 1)
    part = (place - lower).to(turned.dtype)[:, None, None]
    return (turned[lower] * (1 - part) + turned[upper] * part).movedim(0, axis).contiguous()
