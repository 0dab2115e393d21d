"""Layout of a stack of single slices: of PET (PS3.3 C.8.9.1, C.8.9.4), or of NM one in a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import (
    integer_of,
    items_of,
    label,
    numbers_of,
    required_numbers,
    texts_of,
)
from shortaxis.dicom.reading.layouts.layout import (
    STATE_DIRECTIONS,
    PlaneOrientation,
    VolumeLayout,
    orientation_of,
    pixel_spacing_of,
    plane_shape_of,
    stated_affine,
    volume_layout,
)
from shortaxis.dicom.reading.layouts.stack_agreement import (
    EXPORT_WHOLE,
    check_all_slices_are_there,
    check_slices_belong_together,
    differs,
    places_against_numbers,
)
from shortaxis.dicom.reading.layouts.time_slots import SLOTS_NOT_TOLD, slot_numbers
from shortaxis.errors import GeometryError
from shortaxis.files.inputs.input_size import require_counts_fit
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.stated_geometry import NOTHING_STATED, StatedGeometry

__all__ = ["SINGLE_SLICE", "stack_layout"]

SAME_PLACE_MM = 0.01
"""Slices nearer to each other are at one place: positions are written to 0.01 mm or better."""

UNEVEN_SHARE = 0.05
"""Gaps may differ from their median by this share: rounding, far below one missing slice."""

DRIFT_MM = 0.1
"""Slices may move sideways by this much; more is a sheared stack."""

SAME_DIRECTION = 1e-4

SINGLE_SLICE = "is a single slice"

PLANE = ("PixelSpacing", "Rows", "Columns", "SamplesPerPixel")
"""Attributes of an image that tell its pixels."""

IntArray = NDArray[np.intp]


NO_POSITIONS = ReadingNote(
    f"{label('ImagePositionPatient')} is missing: slices are in the order of their numbers", True
)


def stack_layout(
    datasets: Sequence[Dataset], *, is_gated: bool, stated: StatedGeometry = NOTHING_STATED
) -> VolumeLayout:
    """Layout of the slices of one series, given in any order.

    Slices are sorted along their normal, and time slots by Image Index and Trigger Time. Where
    the slots cannot be told apart they become addends: their sum needs no order.

    Raises
    ------
    GeometryError
        If slices are missing, doubled, unevenly spaced, turned, of different size, or of
        several patients, studies, frames of reference or units.
    CountsError
        If a slice of PET has no Rescale Slope.
    """
    if _lies_nowhere(datasets):
        return _numbered_stack(datasets, stated)
    check_slices_belong_together(datasets)
    orientation, pixel_spacing, plane = _shared_plane(datasets, stated)
    positions = _positions_of(datasets)
    slice_of, depths = _slice_numbers(positions @ orientation.normal)
    notes = check_all_slices_are_there(datasets, slice_of, depths, is_gated=is_gated)
    notes += () if is_gated else places_against_numbers(datasets, slice_of)
    frame_at, said = _frames_in_order(datasets, slice_of, is_gated=is_gated)
    require_counts_fit((len(datasets), *plane))
    origin = positions[frame_at[0, 0, 0]]
    step = _even_step(orientation, positions, depths, origin)
    affine = orientation.affine(step, pixel_spacing, origin)
    shape = (frame_at.shape[2], *plane)
    affine = affine if stated.is_empty else _as_stated(datasets, stated).applied(affine, shape)
    return volume_layout(frame_at, plane, affine, (*notes, *said, *stated.notes))


def _as_stated(datasets: Sequence[Dataset], stated: StatedGeometry) -> StatedGeometry:
    """What is to be applied: positions tell where slices run if only directions were missing."""
    return replace(stated, orientation=None) if _is_turned_nowhere(datasets) else stated


def _is_turned_nowhere(datasets: Sequence[Dataset]) -> bool:
    return all(numbers_of(_place_of(each), "ImageOrientationPatient") is None for each in datasets)


def _lies_nowhere(datasets: Sequence[Dataset]) -> bool:
    return all(numbers_of(_place_of(each), "ImagePositionPatient") is None for each in datasets)


def _place_of(dataset: Dataset) -> Dataset:
    """Where an image says where it lies: NM in an item of Detector Information Sequence."""
    places = (dataset, *items_of(dataset, "DetectorInformationSequence"))
    has_position = (
        place for place in places if numbers_of(place, "ImagePositionPatient") is not None
    )
    return next(has_position, dataset)


def _positions_of(datasets: Sequence[Dataset]) -> FloatArray:
    """Of every image, (image, 3) LPS mm; where some have none, the error tells how many."""
    try:
        return np.stack([_position_of(each) for each in datasets])
    except GeometryError as error:
        keyword = "ImagePositionPatient"
        missing = sum(numbers_of(_place_of(each), keyword) is None for each in datasets)
        if missing:
            error.found = f"{missing} of {len(datasets)} slices without one"
        raise


def _position_of(dataset: Dataset) -> FloatArray:
    try:
        return required_numbers(_place_of(dataset), "ImagePositionPatient", 3)
    except GeometryError as error:
        error.way_on = (
            f"{STATE_DIRECTIONS} --slice-spacing -6.4, if no slice of the series has a position"
        )
        raise


def _numbered_stack(datasets: Sequence[Dataset], stated: StatedGeometry) -> VolumeLayout:
    """Slices without positions, in the order of Image Index or Instance Number, as stated."""
    check_slices_belong_together(datasets)
    plane = plane_shape_of(datasets[0])
    numbers = next(
        (found for found in map(_numbers(datasets), ("ImageIndex", "InstanceNumber")) if found),
        None,
    )
    if numbers is None or stated.orientation is None or stated.slice_spacing_mm is None:
        raise GeometryError(
            f"{label('ImagePositionPatient')} is missing",
            expected="a position in every slice",
            found="none" + (", and no numbers that order the slices" if numbers is None else ""),
            cause="an export that dropped the geometry; it is never guessed",
            way_on="state where rows, columns and slices run, and the distance between slices with "
            "its sign, such as --orientation LPS --slice-spacing 4"
            if numbers
            else "export the series again with its geometry",
        )
    order = np.argsort(numbers, kind="stable")[np.newaxis, np.newaxis, :]
    in_plane = stated.pixel_spacing_mm or tuple(pixel_spacing_of(datasets[0]).tolist())
    shape = (len(datasets), *plane)
    sizes = (stated.slice_spacing_mm, in_plane[0], in_plane[1])
    affine = stated_affine(stated, None, sizes, shape)
    return volume_layout(order, plane, affine, (NO_POSITIONS, *stated.notes))


def _numbers(datasets: Sequence[Dataset]) -> Callable[[str], list[int] | None]:
    def of(keyword: str) -> list[int] | None:
        found = [integer_of(each, keyword) for each in datasets]
        known = [number for number in found if number is not None]
        return known if len(set(known)) == len(datasets) else None

    return of


def _frames_in_order(
    datasets: Sequence[Dataset], slice_of: IntArray, *, is_gated: bool
) -> tuple[IntArray, tuple[ReadingNote, ...]]:
    n_slices = int(slice_of.max()) + 1
    if not is_gated:
        return _frame_at(datasets[0], np.zeros_like(slice_of), slice_of, is_gated=False), ()
    try:
        slot_of, notes = slot_numbers(datasets, n_slices)
        return _frame_at(datasets[0], slot_of, slice_of, is_gated=True), notes
    except GeometryError:
        counts = np.bincount(slice_of)
        if np.unique(counts).size != 1 or counts[0] < 2:
            raise
        order = np.argsort(slice_of, kind="stable").reshape(n_slices, counts[0])
        return order.T[:, np.newaxis, :], (SLOTS_NOT_TOLD,)


def _shared_plane(
    datasets: Sequence[Dataset], stated: StatedGeometry
) -> tuple[PlaneOrientation, FloatArray, tuple[int, int]]:
    first, alike = _plane_of(datasets[0], stated), _plane_as_written(datasets[0])
    for other in datasets[1:]:
        # Nearly always the same words, which mean the same.
        if _plane_as_written(other) == alike:
            continue
        turned, spacing, shape = _plane_of(other, stated)
        apart = max(
            np.abs(turned.row - first[0].row).max(), np.abs(turned.column - first[0].column).max()
        )
        if apart > SAME_DIRECTION:
            raise differs("ImageOrientationPatient")
        if not np.allclose(spacing, first[1], rtol=1e-4):
            raise differs("PixelSpacing")
        if shape != first[2]:
            raise differs("Rows")
    return first


def _plane_as_written(dataset: Dataset) -> list[list[str]]:
    """Everything that `_plane_of` reads."""
    turned = texts_of(_place_of(dataset), "ImageOrientationPatient")
    return [turned, *(texts_of(dataset, keyword) for keyword in PLANE)]


def _plane_of(
    dataset: Dataset, stated: StatedGeometry
) -> tuple[PlaneOrientation, FloatArray, tuple[int, int]]:
    place = _place_of(dataset)
    if stated.orientation is not None and numbers_of(place, "ImageOrientationPatient") is None:
        _, along_column, along_row = stated.axes
        orientation = PlaneOrientation(along_row, along_column)
    else:
        orientation = orientation_of(place)
    in_plane = stated.pixel_spacing_mm
    spacing = pixel_spacing_of(dataset) if in_plane is None else np.array(in_plane)
    return orientation, spacing, plane_shape_of(dataset)


def _slice_numbers(depth_of: FloatArray) -> tuple[IntArray, FloatArray]:
    """Number every image by its place along the normal, and the depth of every place, mm."""
    order = np.argsort(depth_of, kind="stable")
    is_new = np.diff(depth_of[order], prepend=-np.inf) > SAME_PLACE_MM
    slice_of = np.empty(len(order), dtype=np.intp)
    slice_of[order] = np.cumsum(is_new) - 1
    return slice_of, depth_of[order][is_new]


def _even_step(
    orientation: PlaneOrientation, positions: FloatArray, depths: FloatArray, origin: FloatArray
) -> float:
    if len(depths) < 2:
        raise GeometryError(
            SINGLE_SLICE, expected="the slices of a whole series", found="one place",
            cause="one slice is in each file; files of the series are missing",
            way_on="give the folder with all files of the series",
        )  # fmt: skip
    gaps = np.diff(depths)
    typical = float(np.median(gaps))
    if np.abs(gaps - typical).max() > UNEVEN_SHARE * typical:
        raise GeometryError(
            f"{label('ImagePositionPatient')} is unevenly spaced",
            expected=f"{typical:.4g} mm from slice to slice, within {UNEVEN_SHARE:.0%}",
            found=f"gaps of {gaps.min():.4g} to {gaps.max():.4g} mm",
            cause="slices are missing from the middle of the series",
            way_on=EXPORT_WHOLE,
        )
    offsets = positions - origin
    sideways = offsets - np.outer(offsets @ orientation.normal, orientation.normal)
    if np.abs(sideways).max() > DRIFT_MM:
        raise GeometryError(
            f"{label('ImagePositionPatient')} moves sideways from slice to slice",
            expected="slices stacked along their normal",
            found=f"{np.abs(sideways).max():.4g} mm",
            cause="a tilted gantry, or several bed positions in one series",
            way_on="export the series again as transaxial slices, each bed position by itself",
        )
    return float(depths[-1] - depths[0]) / (len(depths) - 1)


def _frame_at(first: Dataset, slot_of: IntArray, slice_of: IntArray, *, is_gated: bool) -> IntArray:
    n_intervals = (integer_of(first, "NumberOfRRIntervals") or 1) if is_gated else 1
    n_slots, n_slices = int(slot_of.max()) + 1, int(slice_of.max()) + 1
    place = slot_of * n_slices + slice_of
    counts = np.bincount(place, minlength=n_slots * n_slices)
    if (counts != n_intervals).any():
        raise GeometryError(
            "slices are missing or doubled in some time slots",
            expected=f"{n_intervals} image(s) at every place and time slot",
            found=f"{counts.min()} to {counts.max()}",
            cause="files of the series are missing, or doubled",
            way_on=EXPORT_WHOLE,
        )
    order = np.argsort(place, kind="stable").reshape(n_slots, n_slices, n_intervals)
    return np.moveaxis(order, -1, 0)
