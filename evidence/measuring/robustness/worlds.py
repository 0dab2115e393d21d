"""Worlds that are wrong although the header is kept: reversed, exchanged, cut, doubled, stretched.

Each takes an exam whose geometry is right and returns the volume that a reader would see if the
array, and not the header, had been changed on the way. Counts stay; what the header says of
directions stays too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.geometry.affines import affine_from_axes, apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

__all__ = ["STRETCHED", "WORLDS", "World", "factor_of"]

Change = Callable[[SpectVolume, RigidPose], SpectVolume]

SLICES, ROWS, COLUMNS = 0, 1, 2
"""Axes of the array; in a transaxial volume they run head-feet, front-back and left-right."""

HEAD, BACK, LEFT = 2, 1, 0
"""Components of a patient position to which they belong."""

SECOND_HEART_MM = {
    "to the right": (-110.0, 0.0, 0.0),
    "to the right and behind": (-80.0, 80.0, 0.0),
}
"""From the heart to its copy, so that both lie whole in most fields of view."""

HEART_REACH_MM, BLEND_MM = 52.0, 10.0
"""Radius of the ball that is copied, and over what it fades."""

CUT_SIZE, CUT_SLICES = 48, 32
"""Voxels of slices that were cut along the heart: 4 mm voxels see 190 mm."""

FACTORS = (0.5, 0.7, 0.85, 1.2, 1.4)
"""By which a voxel size in the header is off."""


@dataclass(frozen=True)
class World:
    """A way of being wrong: its group, its name, what makes it, and by what a voxel size is off."""

    group: str
    name: str
    change: Change
    factor: float = 1.0


def factor_of(number: int) -> float:
    """The factor that is tried on an exam: exams take turns."""
    return FACTORS[number % len(FACTORS)]


def as_it_is(volume: SpectVolume, pose: RigidPose) -> SpectVolume:
    """The exam itself."""
    return volume


def reversed_along(directions: Sequence[int], volume: SpectVolume, _: RigidPose) -> SpectVolume:
    """Counts mirrored along patient directions, about the middle of the volume."""
    axes = tuple(_array_axis(volume, each) for each in directions)
    return SpectVolume(np.flip(volume.counts, axes), volume.patient_from_index)


def exchanged(first: int, second: int, volume: SpectVolume, _: RigidPose) -> SpectVolume:
    """Two axes of the array exchanged; each axis keeps direction and spacing of the header."""
    counts = np.swapaxes(volume.counts, first, second)
    return _about_its_middle(counts, volume.patient_from_index[:3, :3], volume)


def cut_along(view: CardiacView, volume: SpectVolume, pose: RigidPose) -> SpectVolume:
    """Slices of a standard view whose header says that they are transaxial."""
    spacing_mm = float(volume.spacing_mm[COLUMNS])
    shape = (CUT_SLICES, CUT_SIZE, CUT_SIZE)
    cut = volume.resampled(view_grid(view, pose, shape, spacing_mm))
    axes = spacing_mm * np.array([(0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)])
    return _about_its_middle(cut.counts, axes.T, volume)


def with_second_heart(
    offset_mm: tuple[float, float, float], volume: SpectVolume, pose: RigidPose
) -> SpectVolume:
    """A copy of the heart beside it, as two patients or a doubled reconstruction would show."""
    indices = np.moveaxis(np.indices(volume.shape), 0, -1)
    positions = apply_affine(volume.patient_from_index, indices) - np.array(offset_mm)
    away_mm = np.linalg.norm(positions - pose.center_mm, axis=-1)
    part = np.clip((HEART_REACH_MM - away_mm) / BLEND_MM, 0, 1)
    source = np.round(apply_affine(invert_affine(volume.patient_from_index), positions)).astype(int)
    inside = np.all((source >= 0) & (source < volume.shape), axis=-1, keepdims=True)
    copied = volume.counts[tuple(np.moveaxis(source * inside, -1, 0))] * inside[..., 0]
    counts = (1 - part) * volume.counts + part * copied
    return SpectVolume(counts, volume.patient_from_index)


def stretched(direction: int, factor: float, volume: SpectVolume, _: RigidPose) -> SpectVolume:
    """A voxel size that the header gives wrongly, along one patient direction."""
    axes = volume.patient_from_index[:3, :3].copy()
    axes[:, _array_axis(volume, direction)] *= factor
    return _about_its_middle(volume.counts, axes, volume)


def _array_axis(volume: SpectVolume, direction: int) -> int:
    """Axis of the array that runs along a patient direction."""
    return int(np.argmax(np.abs(volume.patient_from_index[direction, :3])))


def _about_its_middle(counts: np.ndarray, axes: FloatArray, volume: SpectVolume) -> SpectVolume:
    """Counts on these axes (columns, mm a voxel), their middle where the volume's is."""
    middle = (np.array(counts.shape) - 1) / 2
    return SpectVolume(counts, affine_from_axes(axes.T, 1.0, volume.center_mm - axes @ middle))


DIRECTIONS: Mapping[str, int] = {"head-feet": HEAD, "front-back": BACK, "left-right": LEFT}
PAIRS = (("head-feet", "front-back"), ("head-feet", "left-right"), ("front-back", "left-right"))
EXCHANGES = {"slices with rows": (SLICES, ROWS), "rows with columns": (ROWS, COLUMNS),
             "slices with columns": (SLICES, COLUMNS)}  # fmt: skip

GOOD, REVERSED, TURNED, EXCHANGED = "good", "reversed", "reversed twice", "axes exchanged"
CUT, DOUBLED, STRETCHED = "cut slices as transaxial", "two hearts", "voxel size wrong"

WORLDS: tuple[World, ...] = (
    World(GOOD, "as it is", as_it_is),
    *(World(REVERSED, name, partial(reversed_along, (each,))) for name, each in DIRECTIONS.items()),
    *(
        World(TURNED, " and ".join(pair), partial(reversed_along, [DIRECTIONS[e] for e in pair]))
        for pair in PAIRS
    ),
    World(REVERSED, "all three", partial(reversed_along, (HEAD, BACK, LEFT))),
    *(World(EXCHANGED, name, partial(exchanged, *axes)) for name, axes in EXCHANGES.items()),
    *(World(CUT, view.title.lower(), partial(cut_along, view)) for view in CardiacView),
    *(
        World(DOUBLED, name, partial(with_second_heart, offset_mm))
        for name, offset_mm in SECOND_HEART_MM.items()
    ),
    *(
        World(STRETCHED, f"{name} x {factor:g}", partial(stretched, each, factor), factor)
        for name, each in DIRECTIONS.items()
        for factor in FACTORS
    ),
)
