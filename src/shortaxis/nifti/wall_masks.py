"""Masks of the wall that experts drew, on the grid of the study that they were drawn in.

A mask that is not of the study that it is compared with gives numbers all the same, and none of
them says so. So a mask is refused unless it has the study's grid and place, is one piece, and the
wall that it names is warmer than what lies around it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from shortaxis.errors import GeometryError, ShortAxisError, UnreadableFileError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.nifti.stored import read_stored_nifti
from shortaxis.spect.volume import SpectVolume

__all__ = ["WALL_LABEL", "read_wall_mask"]

WALL_LABEL = 1
"""Of the wall, in masks with several labels; as in files of ``shortaxis wall``."""

SAME_PLACE_MM = 1.0
"""Corners of a mask and of its study are no further apart than rounding."""

STRAY_PART = 0.02
"""Of a mask's voxels: as many may lie apart, as single voxels do that a threshold left."""

RING_VOXELS = 3
LEAST_CONTRAST = 1.25
"""Mean counts in a mask over those around it. Two real masks have 1.8 and 2.3; moved aside by
two to four centimetres, as that of another patient lies, they have at most 1.2."""

UID = re.compile(r"\d+(?:\.\d+){5,}", re.ASCII)


def read_wall_mask(
    path: Path, volume: SpectVolume, uids: Collection[str] = ()
) -> npt.NDArray[np.bool_]:
    """Voxels (slice, row, column) of a volume that a mask calls wall.

    Parameters
    ----------
    path : Path
        A NIfTI file of 0 and 1, or of the labels of ``shortaxis wall``, whose cavity is left out.
    volume : SpectVolume
        Counts of the study.
    uids : collection of str
        Of the study's objects; a mask that is named after another one is refused.

    Raises
    ------
    UnreadableFileError
        If the file is no NIfTI, is empty, has other labels, or lies in several parts.
    GeometryError
        If it is of another grid, place, or study.
    """
    try:
        _refuse_other_uid(path, uids)
        stored = read_stored_nifti(path)
        if stored.counts.shape != volume.shape:
            raise GeometryError(
                "the mask has another number of voxels than the study",
                expected=f"{volume.shape} (slice, row, column)",
                found=f"{stored.counts.shape}",
                cause="a mask of another study, or one that was resampled",
                way_on="resample the mask to the grid of the study, labels by nearest neighbour",
            )
        _refuse_other_place(stored.patient_from_index, volume)
        wall = _wall_of(stored.counts)
        _refuse_parts(wall)
        _refuse_cold(wall, volume)
        return wall
    except ShortAxisError as error:
        raise error.at_path(path) from error


def _refuse_other_uid(path: Path, uids: Collection[str]) -> None:
    named = UID.search(path.name)
    if named and uids and named[0] not in uids:
        raise GeometryError(
            "the mask is of another study",
            expected="a name with the SOP Instance UID of the study, or without any",
            found="the UID of another object in its name",
            cause="masks and studies that were paired by their order",
            way_on="pair each mask with the object whose UID it carries",
        )


def _refuse_other_place(patient_from_index: FloatArray | None, volume: SpectVolume) -> None:
    if patient_from_index is None:
        return
    corners = np.array(np.meshgrid(*[(0, size - 1) for size in volume.shape])).reshape(3, -1).T
    here, there = (
        apply_affine(affine, corners) for affine in (volume.patient_from_index, patient_from_index)
    )
    apart = float(np.abs(here - there).max())
    if apart > SAME_PLACE_MM:
        raise GeometryError(
            f"the mask lies {apart:.0f} mm from its study",
            expected="the place of the study, to the millimetre",
            found="other corners in the patient",
            cause="a mask of another study, or a program that lost or mirrored the axes",
            way_on="export the mask in the frame of the study; one without orientation is taken "
            "for as lying like the study",
        )


def _wall_of(labels: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    found = set(np.unique(labels[labels != 0]).tolist())
    if not found:
        raise UnreadableFileError("the mask is empty", expected="voxels of the wall", found="none")
    if len(found) > 1 and found != {WALL_LABEL, WALL_LABEL + 1}:
        raise UnreadableFileError(
            "the mask has several labels, and nothing says which one is the wall",
            expected="0 and one other value, or 1 for the wall and 2 for the cavity",
            found=", ".join(f"{value:g}" for value in sorted(found)[:MAX_NAMED]),
            cause="a segmentation of several organs, or one that was interpolated",
            way_on="keep the label of the wall alone",
        )
    wall: npt.NDArray[np.bool_] = labels == (WALL_LABEL if len(found) > 1 else found.pop())
    return wall


MAX_NAMED = 6


def _refuse_parts(wall: npt.NDArray[np.bool_]) -> None:
    parts, _ = ndimage.label(wall, np.ones((3, 3, 3)))
    sizes = np.sort(np.bincount(parts.ravel())[1:])[::-1]
    if sizes[1:].sum() > STRAY_PART * sizes[0]:
        raise UnreadableFileError(
            f"the mask has {sizes.size} parts",
            expected="one piece",
            found=f"parts of {', '.join(str(size) for size in sizes[:MAX_NAMED])} voxels",
            cause="both ventricles, or an organ beside the heart, in one mask",
            way_on="keep the left ventricle alone",
        )


def _refuse_cold(wall: npt.NDArray[np.bool_], volume: SpectVolume) -> None:
    ring = ndimage.binary_dilation(wall, iterations=RING_VOXELS) & ~wall
    inside, around = float(volume.counts[wall].mean()), float(volume.counts[ring].mean())
    if not inside > LEAST_CONTRAST * around:
        raise GeometryError(
            "the study shows no wall where the mask has it",
            expected=f"at least {LEAST_CONTRAST:g} times the counts around it",
            found=f"{inside / max(around, 1e-9):.2f} times",
            cause="a mask of another patient on the same grid, or of another exam",
            way_on="pair the mask with the study that it was drawn in",
        )
