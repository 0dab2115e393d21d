"""Layout of NM multi-frame reconstructions (PS3.3 C.8.4.8, C.8.4.11, C.8.4.15)."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from shortaxis.dicom.attributes import (
    integer_of,
    items_of,
    label,
    numbers_of,
    required_integer,
    required_numbers,
)
from shortaxis.dicom.layout import (
    MOST_VOXELS,
    VolumeLayout,
    orientation_of,
    pixel_spacing_of,
    plane_shape_of,
    volume_layout,
)
from shortaxis.dicom.vocabulary import FRAME_VECTORS, VECTOR_SIZES
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray

__all__ = ["nm_layout"]

SAME_PLACE_MM = 0.01
"""Positions written twice in one header agree to rounding or they are two places."""

SAME_DIRECTION = 1e-4

ORDERING_VECTORS = ("RRIntervalVector", "TimeSlotVector", "SliceVector")
"""What may vary over the frames of a reconstruction, in the order of `VolumeLayout.frame_at`."""


def nm_layout(dataset: Dataset, *, is_gated: bool) -> VolumeLayout:
    """Layout of a RECON TOMO or RECON GATED TOMO object.

    Raises
    ------
    GeometryError
        If geometry or frame order is missing or contradicts itself; it names the attribute.
    """
    plane = plane_shape_of(dataset)
    frame_at = _frame_at(dataset, _number_of_frames(dataset, plane), is_gated=is_gated)
    return volume_layout(frame_at, plane, _affine(dataset))


def _affine(dataset: Dataset) -> FloatArray:
    place = _place_of_geometry(dataset)
    spacing = float(required_numbers(dataset, "SpacingBetweenSlices", 1)[0])
    if spacing == 0:
        raise GeometryError(
            f"{label('SpacingBetweenSlices')} is zero",
            expected="a distance in mm, negative where slices stack against row x column",
            found="0",
            cause="an export that dropped the geometry; it is never guessed",
        )
    position = required_numbers(place, "ImagePositionPatient", 3)
    return orientation_of(place).affine(spacing, pixel_spacing_of(dataset), position)


def _place_of_geometry(dataset: Dataset) -> Dataset:
    """The item of Detector Information Sequence that has position and orientation.

    The standard puts them there (PS3.3 C.8.4.11). Some writers put them at the top level,
    which is accepted only where no item has either; where both have them they must agree.
    """
    detectors = items_of(dataset, "DetectorInformationSequence")
    located = [item for item in detectors if _has_position(item) or _has_orientation(item)]
    top_is_located = _has_position(dataset) or _has_orientation(dataset)
    places = located + ([dataset] if top_is_located else [])
    if not places:
        raise GeometryError(
            f"{label('ImagePositionPatient')} and {label('ImageOrientationPatient')} are missing",
            expected=f"both in {label('DetectorInformationSequence')}",
            found="neither there nor at the top level",
            cause="an export that dropped the geometry; it is never guessed",
        )
    for other in places[1:]:
        _refuse_contradiction(places[0], other)
    return places[0]


def _has_position(place: Dataset) -> bool:
    return numbers_of(place, "ImagePositionPatient") is not None


def _has_orientation(place: Dataset) -> bool:
    return numbers_of(place, "ImageOrientationPatient") is not None


def _refuse_contradiction(place: Dataset, other: Dataset) -> None:
    for keyword, count, tolerance in (
        ("ImagePositionPatient", 3, SAME_PLACE_MM),
        ("ImageOrientationPatient", 6, SAME_DIRECTION),
    ):
        apart = required_numbers(place, keyword, count) - required_numbers(other, keyword, count)
        if np.abs(apart).max() > tolerance:
            raise GeometryError(
                f"{label(keyword)} contradicts itself",
                expected="one value for all detectors and the top level",
                found=f"values up to {np.abs(apart).max():.4g} apart",
                cause="volumes of several detectors in one object, or an edited header",
            )


def _number_of_frames(dataset: Dataset, plane: tuple[int, int]) -> int:
    n_frames = required_integer(dataset, "NumberOfFrames")
    if not 1 <= n_frames * prod(plane) <= MOST_VOXELS:
        raise GeometryError(
            f"{label('NumberOfFrames')} is impossible",
            expected=f"at least 1 and at most {MOST_VOXELS} voxels in all",
            found=f"{n_frames} frames of {plane[0]} x {plane[1]}",
            cause="a damaged header",
        )
    return n_frames


def _frame_at(dataset: Dataset, n_frames: int, *, is_gated: bool) -> NDArray[np.intp]:
    """Frame numbers at (R-R interval, time slot, slice), by what the vectors say."""
    vectors = _vectors_pointed_to(dataset, n_frames)
    if "SliceVector" not in vectors or (is_gated and "TimeSlotVector" not in vectors):
        raise GeometryError(
            f"{label('FrameIncrementPointer')} does not order the frames",
            expected=" and ".join(map(label, ORDERING_VECTORS[1 if is_gated else 2 :])),
            found=", ".join(map(label, vectors)) or "no vector",
            cause="an export that dropped or rewrote multi-frame attributes",
        )
    may_vary = ORDERING_VECTORS if is_gated else ORDERING_VECTORS[2:]
    for keyword, vector in vectors.items():
        if keyword not in may_vary and np.unique(vector).size > 1:
            raise _varies_unexpectedly(keyword, np.unique(vector).size)
    ones = np.ones(n_frames, dtype=np.intp)
    numbers = [
        vectors.get(keyword, ones) if keyword in may_vary else ones for keyword in ORDERING_VECTORS
    ]
    sizes = [int(vector.max()) for vector in numbers]
    for keyword, size in zip(ORDERING_VECTORS, sizes, strict=True):
        if keyword in may_vary:
            _check_stated_size(dataset, keyword, size)
    return _invert_order(numbers, sizes, n_frames)


def _vectors_pointed_to(dataset: Dataset, n_frames: int) -> dict[str, NDArray[np.intp]]:
    tags = numbers_of(dataset, "FrameIncrementPointer")
    if tags is None:
        raise GeometryError(
            f"{label('FrameIncrementPointer')} is missing",
            expected="the vectors that order the frames",
            found="no value",
            cause="an export that dropped multi-frame attributes",
        )
    vectors = {}
    for tag in tags:
        keyword = FRAME_VECTORS.get(int(tag))
        if keyword is None:
            raise GeometryError(
                f"{label('FrameIncrementPointer')} points to no frame vector",
                expected="tags of PS3.3 C.8.4.8.1.1",
                found=f"({int(tag) >> 16:04X},{int(tag) & 0xFFFF:04X})",
            )
        vector = required_numbers(dataset, keyword, n_frames)
        if vector.min() < 1 or (vector != np.round(vector)).any() or vector.max() > n_frames:
            raise GeometryError(
                f"{label(keyword)} does not count from 1", expected=f"1 to at most {n_frames}",
                found=f"{vector.min():g} to {vector.max():g}",
            )  # fmt: skip
        vectors[keyword] = vector.astype(np.intp)
    return vectors


def _varies_unexpectedly(keyword: str, count: int) -> GeometryError:
    return GeometryError(
        f"{label(keyword)} has several values in a reconstruction",
        expected="one value for all frames",
        found=f"{count} values",
        cause="several energy windows, detectors or dynamic frames in one object; export each "
        "as its own series",
    )


def _check_stated_size(dataset: Dataset, keyword: str, size: int) -> None:
    stated = integer_of(dataset, VECTOR_SIZES[keyword])
    if stated is not None and stated != size:
        raise GeometryError(
            f"{label(VECTOR_SIZES[keyword])} contradicts {label(keyword)}",
            expected=f"{stated} values",
            found=f"values up to {size}",
            cause="frames are missing, or the header was edited",
        )


def _invert_order(
    numbers: list[NDArray[np.intp]], sizes: list[int], n_frames: int
) -> NDArray[np.intp]:
    if prod(sizes) == n_frames:
        places = np.ravel_multi_index(tuple(vector - 1 for vector in numbers), tuple(sizes))
        if np.unique(places).size == n_frames and numbers[-1][0] == 1:
            return np.argsort(places).reshape(sizes)
    names = ", ".join(map(label, ORDERING_VECTORS))
    if prod(sizes) == n_frames and numbers[-1][0] != 1:
        raise GeometryError(
            f"{label('SliceVector')} does not start with slice 1",
            expected="slice 1 in the first frame, whose position the header holds",
            found=f"slice {numbers[-1][0]} in the first frame",
            cause="Image Position belongs to the first frame; which way the rest lies is ambiguous",
        )
    raise GeometryError(
        f"{names} do not name every frame once",
        expected=f"{' x '.join(map(str, sizes))} different frames",
        found=f"{n_frames} frames",
        cause="frames are missing or doubled",
    )
