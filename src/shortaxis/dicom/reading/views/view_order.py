"""Which frame of an NM TOMO object holds which view (PS3.3 C.8.4.8.1.1).

The vectors alone tell it: frames may be stored in any order. A head is a detector in one rotation,
since a camera may begin a new rotation where it turns back or moves the table (C.8.4.12).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import label, numbers_of
from shortaxis.dicom.elements.vocabulary import FRAME_VECTORS
from shortaxis.errors import GeometryError
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["ViewOrder", "view_order"]

VIEW_VECTORS = (
    "RRIntervalVector", "EnergyWindowVector", "TimeSlotVector", "DetectorVector",
    "RotationVector", "AngularViewVector",
)  # fmt: skip
"""What may vary over the frames of projections."""

IntArray = NDArray[np.intp]

MOST = 65535
"""Of a vector's values (US, PS3.5 6.2)."""

EXPORT_AGAIN = "export the acquisition again with all its frames and multi-frame attributes"

STORED_ORDER = ReadingNote(
    f"{label('AngularViewVector')} is missing: the frames are taken as views in stored order", True
)
POINTER_ABSENT = ReadingNote(
    f"{label('FrameIncrementPointer')} is missing: the vectors alone order the frames", True
)
NUMBERED_ON = ReadingNote(
    f"{label('AngularViewVector')} counts on from head to head: each head's views are counted anew"
)


@dataclass(frozen=True, eq=False)
class ViewOrder:
    """Where the frames of an acquisition are.

    `frame_at` of shape (addend, energy_window, time_slot, head, view) holds numbers from 0;
    addends (R-R intervals) are summed. `windows` are the numbers from 1 of the energy windows,
    `detectors` and `rotations` those of the items that describe each head.
    """

    frame_at: IntArray
    windows: tuple[int, ...]
    detectors: tuple[int, ...]
    rotations: tuple[int, ...]
    notes: tuple[ReadingNote, ...] = ()

    @property
    def heads(self) -> int:
        """Number of heads."""
        return int(self.frame_at.shape[3])

    @property
    def views(self) -> int:
        """Views of each head."""
        return int(self.frame_at.shape[4])


def view_order(dataset: Dataset, n_frames: int) -> ViewOrder:
    """Order the frames by their vectors.

    Raises
    ------
    GeometryError
        If a vector has another length than the object frames, something else varies, views are
        missing or there twice, or heads have different numbers of views.
    """
    _refuse_other_variation(dataset)
    vectors = {keyword: _vector(dataset, keyword, n_frames) for keyword in VIEW_VECTORS}
    notes = [] if "FrameIncrementPointer" in dataset else [POINTER_ABSENT]
    if numbers_of(dataset, "AngularViewVector") is None:
        vectors["AngularViewVector"] = _in_stored_order(vectors, n_frames)
        notes.append(STORED_ORDER)
    pairs = np.stack([vectors["DetectorVector"], vectors["RotationVector"]], axis=1)
    heads, head_of = np.unique(pairs, axis=0, return_inverse=True)
    head_of = head_of.reshape(-1)
    view_of, said = _views_of_heads(vectors["AngularViewVector"], head_of, len(heads))
    windows, window_of = np.unique(vectors["EnergyWindowVector"], return_inverse=True)
    interval_of, slot_of = (
        np.unique(vectors[keyword], return_inverse=True)[1]
        for keyword in ("RRIntervalVector", "TimeSlotVector")
    )
    frame_at = _inverted((interval_of, window_of, slot_of, head_of, view_of))
    return ViewOrder(
        frame_at,
        tuple(int(number) for number in windows),
        tuple(int(detector) for detector, _ in heads),
        tuple(int(rotation) for _, rotation in heads),
        (*notes, *said),
    )


def _vector(dataset: Dataset, keyword: str, n_frames: int) -> IntArray:
    """Values of a vector; ones where it is absent, as for one detector or one window."""
    numbers = numbers_of(dataset, keyword)
    if numbers is None:
        return np.ones(n_frames, dtype=np.intp)
    if len(numbers) != n_frames:
        raise GeometryError(
            f"{label(keyword)} does not fit the frames", expected=f"{n_frames} values",
            found=f"{len(numbers)} values", cause="frames were taken out, or the header was edited",
            way_on=EXPORT_AGAIN,
        )  # fmt: skip
    if numbers.min() < 1 or numbers.max() > MOST or (numbers != np.round(numbers)).any():
        raise GeometryError(
            f"{label(keyword)} does not count from 1", expected=f"whole numbers from 1 to {MOST}",
            found=f"{numbers.min():g} to {numbers.max():g}", way_on=EXPORT_AGAIN,
        )  # fmt: skip
    return numbers.astype(np.intp)


def _in_stored_order(vectors: Mapping[str, IntArray], n_frames: int) -> IntArray:
    """Views of an object in which nothing but the view can differ from frame to frame."""
    others = [name for name, vector in vectors.items() if np.unique(vector).size > 1]
    if others:
        raise GeometryError(
            f"{label('AngularViewVector')} is missing",
            expected="the number of its view for every frame",
            found="no value, and frames that differ in " + ", ".join(map(label, others)),
            cause="an export that dropped multi-frame attributes",
            way_on=EXPORT_AGAIN,
        )
    return np.arange(1, n_frames + 1, dtype=np.intp)


def _refuse_other_variation(dataset: Dataset) -> None:
    for keyword in FRAME_VECTORS.values():
        vector = None if keyword in VIEW_VECTORS else numbers_of(dataset, keyword)
        if vector is not None and np.unique(vector).size > 1:
            raise GeometryError(
                f"{label(keyword)} has several values in projections",
                expected="one value for all frames", found=f"{np.unique(vector).size} values",
                cause="a dynamic study, or slices and projections in one object",
                way_on="export the tomographic acquisition alone",
            )  # fmt: skip


def _views_of_heads(
    numbers: IntArray, head_of: IntArray, heads: int
) -> tuple[IntArray, tuple[ReadingNote, ...]]:
    """View of every frame from 0 within its head, and what was concluded."""
    view_of = np.empty_like(numbers)
    found = [np.unique(numbers[head_of == head]) for head in range(heads)]
    sizes = [len(each) for each in found]
    if len(set(sizes)) > 1:
        raise GeometryError(
            "the heads have different numbers of views",
            expected="as many views of each head",
            found=" and ".join(map(str, sizes)),
            cause="an acquisition that was broken off, or frames that were taken out",
            way_on=EXPORT_AGAIN,
        )
    for head, of_head in enumerate(found):
        _refuse_gaps(of_head, head, heads)
        view_of[head_of == head] = numbers[head_of == head] - of_head[0]
    return view_of, (NUMBERED_ON,) if any(each[0] != 1 for each in found) else ()


def _refuse_gaps(numbers: IntArray, head: int, heads: int) -> None:
    wanted = range(int(numbers[0]), int(numbers[-1]) + 1)
    # A head whose first views are missing would be taken for one that begins later.
    first = 1 if heads == 1 or head == 0 or numbers[0] <= len(numbers) else int(numbers[0])
    absent = sorted(set(range(first, wanted.stop)) - set(numbers.tolist()))
    if absent:
        raise GeometryError(
            "views are missing",
            expected=f"views {first} to {wanted.stop - 1} of head {head + 1}",
            found="all but " + ", ".join(map(str, absent[:8])) + (" ..." if absent[8:] else ""),
            cause="frames that were taken out, or an acquisition that was broken off",
            way_on=EXPORT_AGAIN,
        )


def _inverted(places: Sequence[IntArray]) -> IntArray:
    """Frame numbers at every place; each place is filled once."""
    shape = tuple(int(place.max()) + 1 for place in places)
    n_frames, n_places = len(places[0]), int(np.prod(shape))
    flat = np.ravel_multi_index(tuple(places), shape)
    times = np.bincount(flat, minlength=n_places) if n_places <= 8 * n_frames else np.zeros(1)
    if n_frames == n_places and (times == 1).all():
        frame_at = np.empty(n_places, dtype=np.intp)
        frame_at[flat] = np.arange(n_frames)
        return frame_at.reshape(shape)
    doubled, empty = int((times > 1).sum()), int((times == 0).sum())
    raise GeometryError(
        "views are there twice" if doubled else "views are missing",
        expected=f"{n_places} frames: one for each energy window, time slot, head and view",
        found=f"{n_frames} frames, {doubled} places filled twice and {empty} empty",
        cause="frames that were taken out or copied, or vectors that were edited",
        way_on=EXPORT_AGAIN,
    )
