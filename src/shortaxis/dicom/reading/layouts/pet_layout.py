"""Layout of a PET series of single-slice objects (PS3.3 C.8.9.1, C.8.9.4)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import (
    integer_of,
    label,
    numbers_of,
    required_integer,
    required_numbers,
)
from shortaxis.dicom.reading.layouts.layout import (
    MAX_VOXELS,
    PlaneOrientation,
    VolumeLayout,
    orientation_of,
    pixel_spacing_of,
    plane_shape_of,
    volume_layout,
)
from shortaxis.dicom.reading.layouts.pet_agreement import (
    check_all_slices_are_there,
    check_slices_belong_together,
    differs,
)
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray

__all__ = ["pet_layout"]

SAME_PLACE_MM = 0.01
"""Slices nearer to each other are at one place: positions are written to 0.01 mm or better."""

UNEVEN_SHARE = 0.05
"""Gaps may differ from their median by this share: rounding, far below one missing slice."""

DRIFT_MM = 0.1
"""Slices may move sideways by this much; more is a sheared stack."""

SAME_DIRECTION = 1e-4

IntArray = NDArray[np.intp]


def pet_layout(datasets: Sequence[Dataset], *, is_gated: bool) -> VolumeLayout:
    """Layout of the slices of one series, given in any order.

    Slices are sorted along their normal, and time slots by Image Index and Trigger Time.

    Raises
    ------
    GeometryError
        If slices are missing, doubled, unevenly spaced, turned, of different size, or of
        several patients, studies, frames of reference or units.
    CountsError
        If a slice has no Rescale Slope or Intercept.
    """
    check_slices_belong_together(datasets)
    orientation, pixel_spacing, plane = _shared_plane(datasets)
    positions = np.stack([required_numbers(each, "ImagePositionPatient", 3) for each in datasets])
    slice_of, depths = _slice_numbers(positions @ orientation.normal)
    check_all_slices_are_there(datasets, slice_of, depths, is_gated=is_gated)
    slot_of = _slot_numbers(datasets, len(depths)) if is_gated else np.zeros_like(slice_of)
    frame_at = _frame_at(datasets[0], slot_of, slice_of, is_gated=is_gated)
    if len(datasets) * plane[0] * plane[1] > MAX_VOXELS:
        raise GeometryError(
            "has more voxels than a nuclear study holds", expected=f"at most {MAX_VOXELS}",
            found=f"{len(datasets)} slices of {plane[0]} x {plane[1]}", cause="a damaged header",
        )  # fmt: skip
    origin = positions[frame_at[0, 0, 0]]
    step = _even_step(orientation, positions, depths, origin)
    return volume_layout(frame_at, plane, orientation.affine(step, pixel_spacing, origin))


def _shared_plane(
    datasets: Sequence[Dataset],
) -> tuple[PlaneOrientation, FloatArray, tuple[int, int]]:
    first = orientation_of(datasets[0]), pixel_spacing_of(datasets[0]), plane_shape_of(datasets[0])
    for other in datasets[1:]:
        turned = orientation_of(other)
        apart = max(
            np.abs(turned.row - first[0].row).max(), np.abs(turned.column - first[0].column).max()
        )
        if apart > SAME_DIRECTION:
            raise differs("ImageOrientationPatient")
        if not np.allclose(pixel_spacing_of(other), first[1], rtol=1e-4):
            raise differs("PixelSpacing")
        if plane_shape_of(other) != first[2]:
            raise differs("Rows")
    return first


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
            "is a single slice", expected="the slices of a whole series", found="one place",
            cause="PET holds one slice in each file; files of the series are missing",
        )  # fmt: skip
    gaps = np.diff(depths)
    typical = float(np.median(gaps))
    if np.abs(gaps - typical).max() > UNEVEN_SHARE * typical:
        raise GeometryError(
            f"{label('ImagePositionPatient')} is unevenly spaced",
            expected=f"{typical:.4g} mm from slice to slice, within {UNEVEN_SHARE:.0%}",
            found=f"gaps of {gaps.min():.4g} to {gaps.max():.4g} mm",
            cause="slices are missing from the middle of the series",
        )
    offsets = positions - origin
    sideways = offsets - np.outer(offsets @ orientation.normal, orientation.normal)
    if np.abs(sideways).max() > DRIFT_MM:
        raise GeometryError(
            f"{label('ImagePositionPatient')} moves sideways from slice to slice",
            expected="slices stacked along their normal",
            found=f"{np.abs(sideways).max():.4g} mm",
            cause="a tilted gantry, or several bed positions in one series",
        )
    return float(depths[-1] - depths[0]) / (len(depths) - 1)


def _slot_numbers(datasets: Sequence[Dataset], n_slices: int) -> IntArray:
    """Time slot of every image from 0, by Image Index (PS3.3 C.8.9.4.1.9) and Trigger Time."""
    n_slots = required_integer(datasets[0], "NumberOfTimeSlots")
    told = [
        slots
        for slots in (_slots_by_index(datasets, n_slices, n_slots), _slots_by_time(datasets))
        if slots is not None
    ]
    if not told:
        raise GeometryError(
            f"{label('ImageIndex')} and {label('TriggerTime')} are missing",
            expected="one of them in every slice of a gated series",
            found="neither",
            cause="an export that dropped them; time slots cannot be told apart",
        )
    counts = [np.unique(slots).size for slots in told]
    if any(count != n_slots for count in counts) or (told[0] != told[-1]).any():
        raise GeometryError(
            f"{label('TriggerTime')}, {label('ImageIndex')} and {label('NumberOfTimeSlots')} "
            "contradict each other",
            expected=f"{n_slots} time slots",
            found=" and ".join(f"{count} time slots" for count in counts),
            cause="files of the series are missing, or two series share one UID",
        )
    return told[0]


def _slots_by_index(datasets: Sequence[Dataset], n_slices: int, n_slots: int) -> IntArray | None:
    indices = [integer_of(each, "ImageIndex") for each in datasets]
    if None in indices:
        return None
    # Slices vary fastest, then time slots, then R-R intervals (PS3.3 C.8.9.4.1.9).
    slots: IntArray = (np.array(indices, dtype=np.intp) - 1) // n_slices % max(n_slots, 1)
    return slots


def _slots_by_time(datasets: Sequence[Dataset]) -> IntArray | None:
    times = [numbers_of(each, "TriggerTime") for each in datasets]
    known = [float(time[0]) for time in times if time is not None]
    if len(known) < len(times):
        return None
    return np.unique(known, return_inverse=True)[1].astype(np.intp)


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
        )
    order = np.argsort(place, kind="stable").reshape(n_slots, n_slices, n_intervals)
    return np.moveaxis(order, -1, 0)
