"""Worlds that are mirrored or whose axes are exchanged under a header that was kept, and patients.

Each takes a right volume and the centre of its heart, and returns what a reader would see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.cube_symmetries import AS_IT_IS, FLIPS, ORDERS, WayRound
from shortaxis.spect.stored_directions import SIDES, axes_along
from shortaxis.spect.volume import SpectVolume

__all__ = ["AS_STORED", "DEXTROCARDIA", "EXCHANGED", "MIRRORED", "MIRRORED_WORLDS", "MirroredWorld"]

AS_STORED, MIRRORED, EXCHANGED, DEXTROCARDIA = (
    "as it is", "mirrored", "axes exchanged", "dextrocardia",
)  # fmt: skip

BELOW_HEART_MM = 50.0
"""Where the chest ends: the diaphragm lies below the largest heart."""

Change = Callable[[SpectVolume, FloatArray], SpectVolume]


@dataclass(frozen=True)
class MirroredWorld:
    """A world: its group, its name, what makes it, and the way round that explains it."""

    group: str
    name: str
    change: Change
    way: WayRound


def stored_as(way: WayRound, volume: SpectVolume, _: FloatArray) -> SpectVolume:
    """Voxels stored another way round; directions and spacings of the header stay.

    The way is one of the patient's axes, head, back and left, whatever the order in the array.
    """
    along = axes_along(volume.patient_from_index)
    to_patient = [along.index(2 - axis) for axis in range(3)]
    upright = np.transpose(volume.counts, to_patient)
    signs = volume.patient_from_index[:3, :3][list(along), range(3)] < 0
    backwards = tuple(axis for axis in range(3) if signs[to_patient[axis]])
    changed = np.flip(way.applied(np.flip(upright, backwards)), backwards)
    counts = np.transpose(changed, np.argsort(to_patient))
    axes = volume.patient_from_index[:3, :3]
    origin = volume.center_mm - axes @ ((np.array(counts.shape) - 1) / 2)
    return SpectVolume(np.ascontiguousarray(counts), affine_from_axes(axes.T, 1.0, origin))


def dextrocardia(volume: SpectVolume, heart_mm: FloatArray) -> SpectVolume:
    """A chest that is mirrored above an abdomen that is not: the heart lies right, the liver, too.

    A rough picture of a heart on the wrong side alone; with all organs mirrored it is the world
    whose left and right are exchanged.
    """
    mirrored = stored_as(WayRound(ORDERS[0], (2,)), volume, heart_mm)
    middle = np.indices(volume.shape).reshape(3, -1)
    heights = volume.patient_from_index[2, :3] @ middle + volume.patient_from_index[2, 3]
    is_chest = (heights > heart_mm[2] - BELOW_HEART_MM).reshape(volume.shape)
    return SpectVolume(
        np.where(is_chest, mirrored.counts, volume.counts), volume.patient_from_index
    )


def _mirrored(flips: tuple[int, ...]) -> MirroredWorld:
    way = WayRound(ORDERS[0], flips)
    name = ", ".join(SIDES[2 - axis] for axis in flips)
    return MirroredWorld(MIRRORED, name, partial(stored_as, way), way)


ORDER_NAMES = ("slices", "rows", "columns")


def _exchanged(order: tuple[int, int, int]) -> MirroredWorld:
    way = WayRound(order, ())
    name = ", ".join(ORDER_NAMES[axis] for axis in order)
    return MirroredWorld(EXCHANGED, name, partial(stored_as, way), way)


MIRRORED_WORLDS: tuple[MirroredWorld, ...] = (
    MirroredWorld(AS_STORED, "as it is", partial(stored_as, AS_IT_IS), AS_IT_IS),
    *(_mirrored(flips) for flips in FLIPS[1:]),
    *(_exchanged(order) for order in ORDERS[1:]),
    MirroredWorld(DEXTROCARDIA, "chest alone", dextrocardia, AS_IT_IS),
)
