"""Which frame of an NM reconstruction holds which slice and time slot (PS3.3 C.8.4.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import integer_of, label, numbers_of, required_numbers
from shortaxis.dicom.elements.vocabulary import FRAME_VECTORS, VECTOR_SIZES
from shortaxis.dicom.reading.layouts.time_slots import SLOTS_NOT_TOLD
from shortaxis.errors import GeometryError
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.stated_geometry import NOTHING_STATED, StatedGeometry

__all__ = ["FrameOrder", "frame_order"]

ORDERING_VECTORS = ("RRIntervalVector", "TimeSlotVector", "SliceVector")
"""What may vary over the frames of a reconstruction, in the order of `VolumeLayout.frame_at`."""

EXPORT_WITH_VECTORS = "export the study again with its multi-frame attributes"

IntArray = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class FrameOrder:
    """Frame numbers from 0 at (R-R interval, time slot, slice), and what was concluded."""

    frame_at: IntArray
    notes: tuple[ReadingNote, ...] = ()


POINTER_ABSENT = ReadingNote(
    f"{label('FrameIncrementPointer')} is missing: the vectors alone order the frames", True
)
SLICES_IN_STORED_ORDER = ReadingNote(
    f"{label('SliceVector')} is missing: the frames are taken as slices in stored order", True
)


def frame_order(
    dataset: Dataset, n_frames: int, *, is_gated: bool, stated: StatedGeometry = NOTHING_STATED
) -> FrameOrder:
    """Frame numbers by what the vectors say.

    Where the order of the time slots is in doubt, but every slice has as many frames, the slots
    become addends: their sum needs no order.

    Raises
    ------
    GeometryError
        If vectors are missing, contradict each other, or vary where a reconstruction must not;
        also those that Frame Increment Pointer does not point to.
    """
    vectors, notes = _vectors(dataset, n_frames, is_gated=is_gated)
    may_vary = ORDERING_VECTORS if is_gated else ORDERING_VECTORS[2:]
    _refuse_other_variation(dataset, [keyword for keyword in vectors if keyword in may_vary])
    ordering = {keyword: vectors[keyword] for keyword in may_vary if keyword in vectors}
    if _runs_down(ordering["SliceVector"]):
        ordering["SliceVector"] = _in_stored_order(ordering["SliceVector"], stated)
    try:
        frame_at, said = _told_order(dataset, ordering, n_frames)
    except GeometryError:
        slices = ordering["SliceVector"]
        summed = _summed_slots(slices, n_frames) if is_gated and slices[0] == 1 else None
        if summed is None:
            raise
        frame_at, said = summed, (SLOTS_NOT_TOLD,)
    return FrameOrder(frame_at, (*notes, *said))


def _told_order(
    dataset: Dataset, ordering: Mapping[str, IntArray], n_frames: int
) -> tuple[IntArray, tuple[ReadingNote, ...]]:
    ones = np.ones(n_frames, dtype=np.intp)
    numbers = [ordering.get(keyword, ones) for keyword in ORDERING_VECTORS]
    sizes = [int(vector.max()) for vector in numbers]
    sized = dict(zip(ORDERING_VECTORS, sizes, strict=True))
    notes = [_check_stated_size(dataset, keyword, sized[keyword], n_frames) for keyword in ordering]
    return _invert_order(numbers, sizes, n_frames), tuple(filter(None, notes))


def _vectors(
    dataset: Dataset, n_frames: int, *, is_gated: bool
) -> tuple[dict[str, IntArray], tuple[ReadingNote, ...]]:
    """Vectors that order the frames; where pointer or slice numbers were dropped, what is left."""
    tags = numbers_of(dataset, "FrameIncrementPointer")
    notes = () if tags is not None else (POINTER_ABSENT,)
    keywords = _pointed_to(tags) if tags is not None else _vectors_there(dataset, n_frames)
    vectors = {keyword: _vector(dataset, keyword, n_frames) for keyword in keywords}
    if "SliceVector" not in vectors and _can_only_be_slices(dataset, n_frames, is_gated=is_gated):
        vectors["SliceVector"] = np.arange(1, n_frames + 1, dtype=np.intp)
        return vectors, (SLICES_IN_STORED_ORDER,)
    if "SliceVector" not in vectors or (is_gated and "TimeSlotVector" not in vectors):
        raise GeometryError(
            f"{label('FrameIncrementPointer')} "
            + ("is missing" if tags is None else "does not order the frames"),
            expected=" and ".join(map(label, ORDERING_VECTORS[1 if is_gated else 2 :])),
            found=", ".join(map(label, vectors)) or ("no value" if tags is None else "no vector"),
            cause="an export that dropped or rewrote multi-frame attributes",
            way_on=EXPORT_WITH_VECTORS,
        )
    return vectors, notes


def _pointed_to(tags: NDArray[np.float64]) -> list[str]:
    keywords = []
    for tag in tags:
        keyword = FRAME_VECTORS.get(int(tag))
        if keyword is None:
            raise GeometryError(
                f"{label('FrameIncrementPointer')} points to no frame vector",
                expected="tags of PS3.3 C.8.4.8.1.1",
                found=f"({int(tag) >> 16:04X},{int(tag) & 0xFFFF:04X})",
                cause="an export that rewrote multi-frame attributes",
                way_on=EXPORT_WITH_VECTORS,
            )
        keywords.append(keyword)
    return keywords


def _vectors_there(dataset: Dataset, n_frames: int) -> list[str]:
    """Ordering vectors with one value a frame."""
    lengths = {keyword: numbers_of(dataset, keyword) for keyword in ORDERING_VECTORS}
    return [k for k, vector in lengths.items() if vector is not None and len(vector) == n_frames]


def _vector(dataset: Dataset, keyword: str, n_frames: int) -> IntArray:
    vector = required_numbers(dataset, keyword, n_frames)
    if vector.min() < 1 or (vector != np.round(vector)).any() or vector.max() > n_frames:
        raise GeometryError(
            f"{label(keyword)} does not count from 1", expected=f"1 to at most {n_frames}",
            found=f"{vector.min():g} to {vector.max():g}",
            cause="a writer that counts from 0, or frames that were taken out",
            way_on=EXPORT_WITH_VECTORS,
        )  # fmt: skip
    return vector.astype(np.intp)


def _can_only_be_slices(dataset: Dataset, n_frames: int, *, is_gated: bool) -> bool:
    """Whether no slice is numbered, and nothing but the slice can differ between frames."""
    stated = integer_of(dataset, "NumberOfSlices")
    slots = integer_of(dataset, "NumberOfTimeSlots") or 1
    is_numbered = numbers_of(dataset, "SliceVector") is not None
    return not is_gated and not is_numbered and stated in (None, n_frames) and slots == 1


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


def _check_stated_size(
    dataset: Dataset, keyword: str, size: int, n_frames: int
) -> ReadingNote | None:
    """Compare with what the header counts; a count of all frames, or of a longer scan, is noted."""
    stated = integer_of(dataset, VECTOR_SIZES[keyword])
    if stated is None or stated == size:
        return None
    if keyword == "SliceVector" and stated == n_frames:
        return ReadingNote(f"{label('NumberOfSlices')} counts all {n_frames} frames, not slices")
    if keyword == "SliceVector" and stated > size:
        return ReadingNote(
            f"{label('NumberOfSlices')} counts {stated}, and there are {size}: slices at an end "
            "may be missing",
            True,
        )
    raise GeometryError(
        f"{label(VECTOR_SIZES[keyword])} contradicts {label(keyword)}",
        expected=f"{stated} values",
        found=f"values up to {size}",
        cause="frames are missing, or the header was edited",
        way_on=EXPORT_WITH_VECTORS,
    )


def _runs_down(slices: IntArray) -> bool:
    """Whether the stored frames hold the slices from the last to the first.

    Time slots may hold all slices one after the other, or each slice all time slots.
    """
    last = int(slices.max())
    if last == 1 or slices[0] != last:
        return False
    steps = np.diff(slices)
    is_next, is_same, begins_again = steps == -1, steps == 0, steps == last - int(slices.min())
    return bool((is_next | is_same | begins_again).all())


def _in_stored_order(slices: IntArray, stated: StatedGeometry) -> IntArray:
    """Numbers in the order of storage, which is what the user's directions are about."""
    if stated.orientation is None and stated.slice_spacing_mm is None:
        raise _first_frame_is_not_slice_one(int(slices[0]))
    renumbered: IntArray = (slices.max() + 1 - slices).astype(np.intp)
    return renumbered


def _first_frame_is_not_slice_one(first: int) -> GeometryError:
    return GeometryError(
        f"{label('SliceVector')} does not start with slice 1",
        expected="slice 1 in the first frame, whose position the header holds",
        found=f"slice {first} in the first frame",
        cause="Image Position belongs to the first frame; which way the rest lies is ambiguous",
        way_on="state with --orientation where rows, columns and the stored frames run, for "
        "example --orientation LPI with the first frame nearest to the head",
    )


def _summed_slots(slices: IntArray, n_frames: int) -> IntArray | None:
    """Frames at (frame of a slice, 0, slice) where every slice has as many; None otherwise."""
    numbers, counts = np.unique(slices, return_counts=True)
    if numbers[0] != 1 or numbers[-1] != numbers.size or np.unique(counts).size != 1:
        return None
    addends = n_frames // numbers.size
    order = np.argsort(slices, kind="stable").reshape(numbers.size, addends)
    return order.T[:, np.newaxis, :]


def _invert_order(numbers: list[IntArray], sizes: list[int], n_frames: int) -> IntArray:
    if prod(sizes) == n_frames:
        places = np.ravel_multi_index(tuple(vector - 1 for vector in numbers), tuple(sizes))
        if np.unique(places).size == n_frames and numbers[-1][0] == 1:
            return np.argsort(places).reshape(sizes)
    if prod(sizes) == n_frames and numbers[-1][0] != 1:
        raise _first_frame_is_not_slice_one(int(numbers[-1][0]))
    named = np.unique(np.stack(numbers), axis=1).shape[1]
    raise GeometryError(
        f"{_named(sizes)} does not name every frame once",
        expected=f"each of {' x '.join(map(str, sizes))} once",
        found=f"{n_frames} frames, {named} of them different",
        cause="frames are missing or doubled, or the vector was rewritten",
        way_on=EXPORT_WITH_VECTORS,
    )


def _named(sizes: Sequence[int]) -> str:
    """The vectors that number more than one thing; Slice Vector is always among them."""
    vary = [k for k, size in zip(ORDERING_VECTORS, sizes, strict=True) if size > 1]
    return " with ".join(map(label, [k for k in ORDERING_VECTORS if k in (*vary, "SliceVector")]))
