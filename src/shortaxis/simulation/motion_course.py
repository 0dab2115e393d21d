"""Where the patient lies while the camera counts: a shift for every step of the acquisition."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from shortaxis.geometry.arrays import FloatArray
from shortaxis.simulation.acquisition import Acquisition
from shortaxis.spect.projections import view_axes

__all__ = ["averaged_over", "course_of", "seen_shifted", "shifted", "steps_of"]


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


def seen_shifted(
    views: Tensor, course_mm: FloatArray, angles_deg: Sequence[float], pixel_mm: tuple[float, float]
) -> Tensor:
    """Views of a patient who lies still, as if all of the body had moved along a course.

    A body that moves takes its attenuation along: each view shows the same, elsewhere. That it
    comes nearer to the collimator by some mm, or goes farther, is left out.

    Parameters
    ----------
    views : (angular_view, ..., slice, bin) tensor
        Slices to the head, bins as somebody in the detector's place sees them, to the right.
    course_mm : (angular_view, 3) array
        Where the patient lies at each view, LPS mm.
    angles_deg : sequence of float
        Of the views.
    pixel_mm : (slice, bin)
        Size of a pixel.
    """
    moved = []
    for view, place_mm, angle in zip(views, course_mm, angles_deg, strict=True):
        across_mm = float(place_mm @ view_axes(angle)[0])
        for axis, distance_mm, size_mm in zip(
            (-2, -1), (float(place_mm[2]), across_mm), pixel_mm, strict=True
        ):
            view = _moved_along(view, axis, distance_mm / size_mm) if distance_mm else view
        moved.append(view)
    return torch.stack(moved)


def averaged_over(volume: Tensor, course_mm: FloatArray, voxel_mm: Sequence[float]) -> Tensor:
    """What a camera that sees all directions at once is shown over a course ``(step, 3)``."""
    places, times = np.unique(course_mm, axis=0, return_counts=True)
    seen = torch.zeros_like(volume)
    for place, time in zip(places, times, strict=True):
        seen += shifted(volume, place, voxel_mm) * (float(time) / len(course_mm))
    return seen


def _moved_along(volume: Tensor, axis: int, steps: float) -> Tensor:
    """Move the content of any shape towards higher indices by a broken number, ends repeated."""
    turned = volume.movedim(axis, 0)
    place = torch.arange(len(turned), dtype=torch.float64) - steps
    place = place.clamp(0, len(turned) - 1)
    lower = place.floor().long()
    upper = (lower + 1).clamp(max=len(turned) - 1)
    part = (place - lower).to(turned.dtype).view(-1, *[1] * (turned.ndim - 1))
    return (turned[lower] * (1 - part) + turned[upper] * part).movedim(0, axis).contiguous()
