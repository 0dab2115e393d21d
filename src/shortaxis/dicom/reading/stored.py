"""Read slices as they are stored, whether or not the header says where they lie.

Programs that cut short-axis slices often leave position and orientation out, or keep those of the
transaxial study.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import integer_of, numbers_of
from shortaxis.dicom.elements.part10 import quiet_pydicom, read_dataset
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.headers.kinds import classify_object
from shortaxis.dicom.reading.headers.read_headers import read_header
from shortaxis.dicom.reading.pixels.counts import frame_counts
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import GeometryError, InputNotFoundError, ShortAxisError
from shortaxis.spect.reading_options import RawProjections, ReadingOptions
from shortaxis.spect.stored_slices import NO_PLACE, StoredSlices

__all__ = ["is_multi_frame", "read_stored_dicom"]

FORCED = ReadingOptions(force_input=True, raw=RawProjections.NONE)
"""Slices that say they are reoriented are what is looked for here, and no projections."""


def read_stored_dicom(path: Path) -> StoredSlices:
    """Counts and voxel sizes of one series, in a file or a folder; time slots are added up.

    Where geometry is missing or contradicts itself, the frames of an ungated NM object are taken
    in their order, and `patient_from_index` is None.

    Raises
    ------
    InputNotFoundError
        If the path holds no series, or several.
    ShortAxisError
        Another child that says why it cannot be read.
    """
    try:
        entries = scan_dicom(path, options=FORCED).entries
    except GeometryError:
        return _without_place(_only_file(path))
    if len(entries) != 1:
        raise InputNotFoundError(
            "does not hold one series", path=path, expected="one", found=f"{len(entries)}"
        )
    try:
        volume = read_dicom_study(entries[0], FORCED).study.volume
    except GeometryError:
        return _without_place(entries[0].paths[0])
    return StoredSlices(volume.counts, volume.spacing_mm, volume.patient_from_index)


def _only_file(path: Path) -> Path:
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    if len(files) != 1:
        raise InputNotFoundError(
            "does not hold one object", path=path, expected="one file", found=f"{len(files)} files"
        )
    return files[0]


def _without_place(path: Path) -> StoredSlices:
    try:
        with quiet_pydicom():
            dataset = read_header(path, with_pixels=True).dataset
            return _stacked(dataset)
    except ShortAxisError as error:
        raise error.at_path(path) from error


def _stacked(dataset: Dataset) -> StoredSlices:
    kind = classify_object(dataset, FORCED)
    n_frames = integer_of(dataset, "NumberOfFrames") or 1
    rows, columns = (integer_of(dataset, name) or 0 for name in ("Rows", "Columns"))
    if kind.is_gated or min(n_frames, rows, columns) < 2:
        raise GeometryError(
            "has frames whose order is not known",
            expected="an ungated object with one frame a slice",
            found=f"{kind.name} with {n_frames} frames",
        )
    counts = frame_counts(dataset, n_frames, (rows, columns))
    between = numbers_of(dataset, "SpacingBetweenSlices")
    if between is None:
        between = numbers_of(dataset, "SliceThickness")
    in_plane = numbers_of(dataset, "PixelSpacing")
    if between is None or in_plane is None or len(in_plane) != 2:
        raise GeometryError(
            "has no voxel sizes",
            expected="Pixel Spacing, and Spacing Between Slices or Slice Thickness",
            found="no value",
        )
    # A negative spacing stacks against row x column (PS3.3 C.8.4.15).
    stacked = counts[::-1] if between[0] < 0 else counts
    return StoredSlices(stacked, np.abs([between[0], *in_plane]), None, (NO_PLACE,))


def is_multi_frame(path: Path) -> bool:
    """Whether an object holds more than one frame; False where it cannot be read."""
    try:
        with quiet_pydicom():
            return (integer_of(read_dataset(path, with_pixels=False), "NumberOfFrames") or 1) > 1
    except ShortAxisError:
        return False
