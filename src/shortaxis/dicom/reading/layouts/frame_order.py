"""Which frame of an NM reconstruction holds which slice and time slot (PS3.3 C.8.4.8)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import integer_of, label, numbers_of, required_numbers
from shortaxis.dicom.elements.vocabulary import FRAME_VECTORS, VECTOR_SIZES
from shortaxis.errors import GeometryError

__all__ = ["frame_order"]

ORDERING_VECTORS = ("RRIntervalVector", "TimeSlotVector", "SliceVector")
"""What may vary over the frames of a reconstruction, in the order of `VolumeLayout.frame_at`."""


def frame_order(dataset: Dataset, n_frames: int, *, is_gated: bool) -> NDArray[np.intp]:
    """Frame numbers at (R-R interval, time slot, slice), by what the vectors say.

    Raises
    ------
    GeometryError
        If vectors are missing, contradict each other, or vary where a reconstruction must not;
        also those that Frame Increment Pointer does not point to.
    """
    vectors = _vectors_pointed_to(dataset, n_frames)
    if "SliceVector" not in vectors or (is_gated and "TimeSlotVector" not in vectors):
        raise GeometryError(
            f"{label('FrameIncrementPointer')} does not order the frames",
            expected=" and ".join(map(label, ORDERING_VECTORS[1 if is_gated else 2 :])),
            found=", ".join(map(label, vectors)) or "no vector",
            cause="an export that dropped or rewrote multi-frame attributes",
        )
    may_vary = ORDERING_VECTORS if is_gated else ORDERING_VECTORS[2:]
    _refuse_other_variation(dataset, [keyword for keyword in vectors if keyword in may_vary])
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


def _refuse_other_variation(dataset: Dataset, may_vary: Sequence[str]) -> None:
    for keyword in FRAME_VECTORS.values():
        vector = None if keyword in may_vary else numbers_of(dataset, keyword)
        if vector is not None and np.unique(vector).size > 1:
            raise _varies_unexpectedly(keyword, np.unique(vector).size)


def _varies_unexpectedly(keyword: str, count: int) -> GeometryError:
    return GeometryError(
        f"{label(keyword)} has several values in a reconstruction",
        expected="one value for all frames",
        found=f"{count} values",
        cause="several energy windows, detectors, time slots or dynamic frames in one object, "
        "which its type or Frame Increment Pointer does not tell; export each as its own series",
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
