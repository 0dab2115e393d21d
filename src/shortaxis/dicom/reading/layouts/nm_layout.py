"""Layout of NM multi-frame reconstructions (PS3.3 C.8.4.8, C.8.4.11, C.8.4.15)."""

from __future__ import annotations

from math import prod

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import (
    items_of,
    label,
    numbers_of,
    required_integer,
    required_numbers,
)
from shortaxis.dicom.reading.layouts.frame_order import frame_order
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
from shortaxis.errors import GeometryError, UnreadableFileError
from shortaxis.files.inputs.input_size import require_counts_fit
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.stated_geometry import NOTHING_STATED, StatedGeometry

__all__ = ["nm_layout"]

SAME_PLACE_MM = 0.01
"""Positions written twice in one header agree to rounding or they are two places."""

SAME_DIRECTION = 1e-4


def nm_layout(
    dataset: Dataset, *, is_gated: bool, stated: StatedGeometry = NOTHING_STATED
) -> VolumeLayout:
    """Layout of a RECON TOMO or RECON GATED TOMO object.

    Raises
    ------
    GeometryError
        If geometry or frame order is missing or contradicts itself and the user states none; it
        names the attribute.
    """
    plane = plane_shape_of(dataset)
    n_frames = _number_of_frames(dataset, plane)
    order = frame_order(dataset, n_frames, is_gated=is_gated, stated=stated)
    shape = (order.frame_at.shape[2], *plane)
    affine = _affine(dataset, stated, shape)
    return volume_layout(order.frame_at, plane, affine, (*order.notes, *stated.notes))


def _affine(dataset: Dataset, stated: StatedGeometry, shape: tuple[int, int, int]) -> FloatArray:
    place = _place_of_geometry(dataset, stated)
    _require_geometry(place, stated)
    spacing = _slice_spacing(dataset, stated)
    in_plane = stated.pixel_spacing_mm or pixel_spacing_of(dataset)
    position = None if place is None else numbers_of(place, "ImagePositionPatient")
    orientation = None if place is None else _orientation_of(place, stated)
    if position is None or orientation is None:
        sizes = (spacing, float(in_plane[0]), float(in_plane[1]))
        return stated_affine(stated, orientation, sizes, shape)
    position = required_numbers(place or dataset, "ImagePositionPatient", 3)
    affine = orientation.affine(spacing, np.asarray(in_plane), position)
    return affine if stated.is_empty else stated.applied(affine, shape)


def _orientation_of(place: Dataset, stated: StatedGeometry) -> PlaneOrientation | None:
    """Of the header; None where it has none, or none of use and the user states the directions."""
    if not _has_orientation(place):
        return None
    try:
        return orientation_of(place)
    except GeometryError:
        if stated.orientation is None:
            raise
        return None


def _require_geometry(place: Dataset | None, stated: StatedGeometry) -> None:
    """Position and orientation, unless the user states the directions."""
    if stated.orientation is not None:
        return
    if place is None:
        raise GeometryError(
            f"{label('ImagePositionPatient')} and {label('ImageOrientationPatient')} are missing",
            expected=f"both in {label('DetectorInformationSequence')}",
            found="neither there nor at the top level",
            cause="an export that dropped the geometry; it is never guessed",
            way_on=f"{STATE_DIRECTIONS}; where the volume lies in the scanner stays unknown",
        )
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient"):
        if numbers_of(place, keyword) is None:
            raise GeometryError(
                f"{label(keyword)} is missing",
                expected="6 values" if keyword.startswith("ImageO") else "3 values",
                found="no value",
                cause="an export that dropped the geometry; it is never guessed",
                way_on=STATE_DIRECTIONS,
            )


def _slice_spacing(dataset: Dataset, stated: StatedGeometry) -> float:
    """Spacing Between Slices with its sign, stated or stored (PS3.3 C.8.4.15)."""
    if stated.slice_spacing_mm is not None:
        return stated.slice_spacing_mm
    try:
        numbers = numbers_of(dataset, "SpacingBetweenSlices")
    except GeometryError:
        why, found = "no number", "something else"
    else:
        if numbers is not None and len(numbers) == 1 and numbers[0] != 0:
            return float(numbers[0])
        why, found = _why_no_spacing(numbers)
    thickness = numbers_of(dataset, "SliceThickness")
    at_hand = "" if thickness is None else f"; {label('SliceThickness')} is {thickness[0]:g} mm"
    size = 6.4 if thickness is None else float(thickness[0])
    raise GeometryError(
        f"{label('SpacingBetweenSlices')} is {why}",
        expected="a distance in mm, negative where slices stack against row x column",
        found=found + at_hand,
        cause="an export that dropped the geometry; it is never guessed",
        way_on=f"state it with its sign: --slice-spacing {-size:g} where the slices run from head "
        f"to feet in the usual view from the feet, --slice-spacing {size:g} from feet to head",
    )


def _why_no_spacing(numbers: FloatArray | None) -> tuple[str, str]:
    """What is wrong with it, and what was found."""
    if numbers is None:
        return "missing", "no value"
    return ("zero", "0") if len(numbers) == 1 else ("no single distance", f"{len(numbers)} values")


def _place_of_geometry(dataset: Dataset, stated: StatedGeometry) -> Dataset | None:
    """The first item of Detector Information Sequence that has position and orientation.

    The standard puts them there (PS3.3 C.8.4.11), into the item that Detector Vector counts. Some
    writers put them at the top level, which is taken only where no item has both; whatever several
    places have, they must agree on. None where there is neither position nor orientation.
    """
    detectors = _meant_detectors(dataset)
    places = [
        place for place in (*detectors, dataset) if _has_position(place) or _has_orientation(place)
    ]
    if not places:
        return None
    complete = [place for place in places if _has_position(place) and _has_orientation(place)]
    chosen = (complete or places)[0]
    try:
        for other in places:
            _refuse_contradiction(chosen, other)
    except GeometryError:
        if stated.orientation is None:
            raise
        return None
    return chosen


def _meant_detectors(dataset: Dataset) -> list[Dataset]:
    """Items of Detector Information Sequence; the one of all frames, where Detector Vector tells.

    Its values are numbers of items, from 1 (PS3.3 C.8.4.11).
    """
    items = items_of(dataset, "DetectorInformationSequence")
    vector = numbers_of(dataset, "DetectorVector")
    if vector is None or np.unique(vector).size != 1:
        return items
    number = int(vector[0])
    return [items[number - 1]] if 1 <= number <= len(items) else items


def _has_position(place: Dataset) -> bool:
    return numbers_of(place, "ImagePositionPatient") is not None


def _has_orientation(place: Dataset) -> bool:
    return numbers_of(place, "ImageOrientationPatient") is not None


def _refuse_contradiction(place: Dataset, other: Dataset) -> None:
    """Compare what both places have."""
    for keyword, count, tolerance in (
        ("ImagePositionPatient", 3, SAME_PLACE_MM),
        ("ImageOrientationPatient", 6, SAME_DIRECTION),
    ):
        if numbers_of(place, keyword) is None or numbers_of(other, keyword) is None:
            continue
        said = [required_numbers(each, keyword, count) for each in (place, other)]
        if np.abs(said[0] - said[1]).max() > tolerance:
            listed = ["\\".join(f"{number:g}" for number in numbers) for numbers in said]
            raise GeometryError(
                f"{label(keyword)} contradicts itself",
                expected="one value for all detectors and the top level",
                found=" and ".join(listed),
                cause="volumes of several detectors in one object, or an edited header",
                way_on=f"{STATE_DIRECTIONS}; where the volume lies in the scanner stays unknown",
            )


def _number_of_frames(dataset: Dataset, plane: tuple[int, int]) -> int:
    n_frames = required_integer(dataset, "NumberOfFrames")
    if n_frames * prod(plane) < 1:
        raise GeometryError(
            f"{label('NumberOfFrames')} is impossible",
            expected="at least 1, of at least one pixel",
            found=f"{n_frames} frames of {plane[0]} x {plane[1]}",
            cause="a damaged header",
        )
    try:
        require_counts_fit((n_frames, *plane))
    except UnreadableFileError as error:
        raise GeometryError(
            f"{label('NumberOfFrames')} is larger than what is read",
            expected=error.expected,
            found=f"{n_frames} frames of {plane[0]} x {plane[1]}, {error.found}",
            cause=error.cause,
            way_on=error.way_on,
        ) from error
    return n_frames
