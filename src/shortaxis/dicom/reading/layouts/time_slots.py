"""Which time slot each image of a gated PET series belongs to (PS3.3 C.8.9.4.1.9)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import integer_of, label, numbers_of
from shortaxis.errors import GeometryError
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["SLOTS_NOT_TOLD", "slot_numbers"]

IntArray = NDArray[np.intp]

SLOTS_NOT_TOLD = ReadingNote(
    "the order of the time slots is in doubt: only their sum was reoriented, no gated series",
    True,
)

SLOTS_NOT_COUNTED = ReadingNote(
    f"{label('NumberOfTimeSlots')} is missing; {label('ImageIndex')} and {label('TriggerTime')} "
    "agree on the time slots"
)

NO_TIMES = ReadingNote(
    f"{label('TriggerTime')} is the same in all images; {label('ImageIndex')} tells the time slots",
    True,
)


def slot_numbers(
    datasets: Sequence[Dataset], n_slices: int
) -> tuple[IntArray, tuple[ReadingNote, ...]]:
    """Time slot of every image from 0, by Image Index and Trigger Time, and what was concluded.

    Raises
    ------
    GeometryError
        If the two are missing, or contradict each other or Number of Time Slots.
    """
    stated = integer_of(datasets[0], "NumberOfTimeSlots") or None
    n_slots = stated or len(datasets) // n_slices
    by_time = _slots_by_time(datasets)
    notes = (NO_TIMES,) if n_slots > 1 and _has_no_times(datasets) else ()
    by_index = _slots_by_index(datasets, n_slices, n_slots)
    told = [slots for slots in (by_index, by_time) if slots is not None]
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
    if stated is None and len(told) < 2:
        raise GeometryError(
            f"{label('NumberOfTimeSlots')} is missing",
            expected=f"a value, or {label('ImageIndex')} and {label('TriggerTime')} that agree",
            found="one of them",
            cause="an export that dropped it",
        )
    return told[0], (*notes, *(() if stated else (SLOTS_NOT_COUNTED,)))


def _slots_by_index(datasets: Sequence[Dataset], n_slices: int, n_slots: int) -> IntArray | None:
    indices = [integer_of(each, "ImageIndex") for each in datasets]
    if None in indices:
        return None
    # Slices vary fastest, then time slots, then R-R intervals (PS3.3 C.8.9.4.1.9).
    slots: IntArray = (np.array(indices, dtype=np.intp) - 1) // n_slices % max(n_slots, 1)
    return slots


def _slots_by_time(datasets: Sequence[Dataset]) -> IntArray | None:
    """By Trigger Time; zero throughout is no time of a slot but an empty field."""
    times = [numbers_of(each, "TriggerTime") for each in datasets]
    known = [float(time[0]) for time in times if time is not None]
    if len(known) < len(times) or not any(known):
        return None
    return np.unique(known, return_inverse=True)[1].astype(np.intp)


def _has_no_times(datasets: Sequence[Dataset]) -> bool:
    times = [numbers_of(each, "TriggerTime") for each in datasets]
    return all(time is not None and not time.any() for time in times)
