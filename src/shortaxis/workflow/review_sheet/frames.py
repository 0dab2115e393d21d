"""Which frames of the written series the sheet shows: every n-th one of them, none in between.

A reader who sees something in a tile finds the same picture under its number in the file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.shown_heart import half_length_mm, mid_wall_radius_mm
from shortaxis.workflow.review_sheet.layout import COLUMNS, ROWS

__all__ = ["ShownFrames", "apex_to_base", "inside_the_wall", "shown_frames"]

PART_OF_RADIUS = 0.7
"""How far from the axis long-axis slices are shown: there they cross the wall at 45 degrees
(cos 45 = 0.7); further out they run along it, and the picture resembles a defect."""

ORDINALS = {1: "", 2: "2nd ", 3: "3rd "}


@dataclass(frozen=True)
class ShownFrames:
    """Frames of one series: their indices from 0, `every` n-th, and how far they lie apart."""

    indices: tuple[int, ...]
    every: int
    step_mm: float

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the frames in the file, where the first is 1 (PS3.3 Table 10-3)."""
        return tuple(index + 1 for index in self.indices)

    @property
    def caption(self) -> str:
        """For people, e.g. "every 2nd slice, 8.0 mm"."""
        ordinal = ORDINALS.get(self.every, f"{self.every}th ")
        return f"every {ordinal}slice, {self.step_mm:.1f} mm"


def shown_frames(
    view: CardiacView, volume: SpectVolume, pose: RigidPose, extent: LeftVentricleExtent | None
) -> ShownFrames:
    """Choose the frames of a view: apex to base, or the long axes inside the wall."""
    spacing_mm = float(volume.spacing_mm[0])
    center = float(apply_affine(invert_affine(volume.patient_from_index), pose.center_mm)[0])
    most = ROWS[view] * COLUMNS[view]
    if view is CardiacView.SHORT_AXIS:
        chosen = apex_to_base(center, half_length_mm(extent) / spacing_mm, most)
    else:
        half_mm = PART_OF_RADIUS * mid_wall_radius_mm(extent)
        chosen = inside_the_wall(center, half_mm / spacing_mm, most)
    last = volume.shape[0] - 1
    inside = tuple(index for index in chosen if 0 <= index <= last)
    nearest = min(max(round(center), 0), last)
    return ShownFrames(inside or (nearest,), chosen.step, chosen.step * spacing_mm)


def apex_to_base(center: float, half: float, most: int) -> range:
    """At most `most` frames from just before one end to just beyond the other.

    `center` is an index and `half` a number of slices, neither of them whole. Where only the
    frames beyond the ends find no room, they drop out rather than every other one between.

    Examples
    --------
    >>> list(apex_to_base(9.5, 5.2, 7))  # from 4.3 to 14.7
    [4, 6, 8, 10, 12, 14, 16]
    """
    every = max(1, math.ceil(2 * half / most))
    first, last = math.floor(center - half), math.ceil(center + half)
    return _middle(range(first, last + every, every), most)


def inside_the_wall(center: float, half: float, most: int) -> range:
    """At most `most` frames that lie within `half` slices of `center`.

    Neighbours are shown, though the outermost frames drop out, until less than two thirds
    of the width would be covered.

    Examples
    --------
    >>> list(inside_the_wall(9.5, 4.6, 8))  # 5 to 14 lie inside
    [6, 7, 8, 9, 10, 11, 12, 13]
    >>> list(inside_the_wall(9.5, 2.6, 8))
    [7, 8, 9, 10, 11, 12]
    """
    every = max(1, round(2 * half / most))
    first, last = math.ceil(center - half), math.floor(center + half)
    first += (last - first) % every // 2
    return _middle(range(first, last + 1, every), most)


def _middle(frames: range, most: int) -> range:
    """The middle ones, where there are too many."""
    start = max(0, len(frames) - most) // 2
    return frames[start : start + most]
