"""Frames of the written series, enlarged to tiles, blank where nothing was measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.spline_weights import spline_weights
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.field import beyond_centres
from shortaxis.workflow.drawing.shown_heart import TILE_HALF_WIDTH_MM
from shortaxis.workflow.drawing.tile_style import TILE_PX

__all__ = ["enlarged_frames", "middle_frame"]

BoolArray = NDArray[np.bool_]

AT_ONCE = 256
"""Voxels beyond the field whose distances to its rim are there together."""


def middle_frame(volume: SpectVolume, pose: RigidPose, indices: Sequence[int] | None = None) -> int:
    """Of `indices`, or of all frames, the one nearest to the centre of the ventricle."""
    center = apply_affine(invert_affine(volume.patient_from_index), pose.center_mm)[0]
    return min(indices or range(volume.shape[0]), key=lambda index: abs(index - center))


def enlarged_frames(
    volume: SpectVolume,
    indices: Sequence[int],
    pose: RigidPose,
    source: SpectVolume,
    size: int = TILE_PX,
) -> CountsArray:
    """Frames as tiles ``(tile, row, column)`` around the pose's centre, enlarged in plane only.

    A spline passes through the counts of the frame. NaN where the frame or the field of
    `source` ends.
    """
    center = apply_affine(invert_affine(volume.patient_from_index), pose.center_mm)[1:]
    pixels = 2 * TILE_HALF_WIDTH_MM / size / volume.spacing_mm[1:]
    corner = center - pixels * (size - 1) / 2
    positions = corner[:, None] + pixels[:, None] * np.arange(size)
    last = np.array(volume.shape[1:])[:, None] - 1
    rows_beyond, columns_beyond = (positions < 0) | (positions > last)
    down, across = map(spline_weights, volume.shape[1:], positions)
    tiles = np.empty((len(indices), size, size), dtype=np.float32)
    source_from_patient = invert_affine(source.patient_from_index)

    def outside(index: int, shape: Sequence[int], first: FloatArray, step: FloatArray) -> BoolArray:
        plane = source_from_patient @ _plane(volume, index, first, step)
        beyond: BoolArray = beyond_centres(plane, (1, *shape), source.shape)[0]
        return beyond

    for tile, index in zip(tiles, indices, strict=True):
        no_voxels = outside(index, volume.shape[1:], np.zeros(2), np.ones(2))
        frame = _carried_on(volume.counts[index], no_voxels)
        tile[:] = down @ frame @ across.T
        tile[outside(index, tile.shape, corner, pixels)] = np.nan
        tile[rows_beyond], tile[:, columns_beyond] = np.nan, np.nan
    return tiles


def _plane(volume: SpectVolume, index: int, corner: FloatArray, pixels: FloatArray) -> FloatArray:
    """From pixels in the plane of a frame to the patient.

    `corner` and `pixels` are in its rows and columns.
    """
    index_from_pixel = np.diag([1.0, *pixels, 1.0])
    index_from_pixel[:3, 3] = index, *corner
    plane: FloatArray = volume.patient_from_index @ index_from_pixel
    return plane


def _carried_on(frame: CountsArray, outside: BoolArray) -> CountsArray:
    """The frame with its nearest counts where it lies outside the field.

    They are not shown; a spline through the zeros that are written there would darken the
    last voxels inside.
    """
    if not outside.any() or outside.all():
        return frame
    beside = np.zeros_like(outside)
    beside[1:] |= outside[:-1]
    beside[:-1] |= outside[1:]
    beside[:, 1:] |= outside[:, :-1]
    beside[:, :-1] |= outside[:, 1:]
    rim, beyond = np.argwhere(beside & ~outside), np.argwhere(outside)
    # |a - b|^2 without |a|^2, which is the same for all of the rim: one product of whole numbers
    # that float32 has.
    places = rim.astype(np.float32)
    known = np.concatenate([places, (places**2).sum(axis=1, keepdims=True)], axis=1).T
    wanted = np.concatenate([-2 * beyond, np.ones_like(beyond[:, :1])], axis=1).astype(np.float32)
    carried_on = frame.copy()
    for first in range(0, len(beyond), AT_ONCE):
        nearest = (wanted[first : first + AT_ONCE] @ known).argmin(axis=1)
        some = beyond[first : first + AT_ONCE]
        carried_on[tuple(some.T)] = frame[tuple(rim[nearest].T)]
    return carried_on
