"""Timing of the time slots of a derived gated series (PS3.3 C.8.4.13)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.valuerep import format_number_as_ds

from shortaxis.dicom.carried.modules.carrying import carry_item, first_item, items_in
from shortaxis.dicom.elements.attributes import numbers_of
from shortaxis.errors import ShortAxisError

__all__ = ["CARRIED_PER_GATING", "MERGED", "gated_information"]

CARRIED_PER_GATING = ("TriggerTime", "CardiacFramingType")
"""Gated Information Sequence: the same for every R-R interval, as far as cameras write it."""

TIME_SLOTS = "TimeSlotInformationSequence"


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _common(values: Sequence[float]) -> float | None:
    return values[0] if len(set(values)) == 1 else None


def _only(values: Sequence[float]) -> float | None:
    return values[0] if len(values) == 1 else None


MERGED: dict[str, Callable[[Sequence[float]], float | None]] = {
    "FrameTime": _mean,
    "NominalInterval": _common,
    "LowRRValue": min,
    "HighRRValue": max,
    "IntervalsAcquired": sum,
    "IntervalsRejected": _only,
}
"""Data Information Sequence, and what becomes of a value where R-R intervals are summed.

A beat that one interval rejects may be another's, so rejected beats cannot be added up.
"""


def gated_information(source: Dataset, slots: int) -> list[Dataset]:
    """Items of Gated Information Sequence, from NM or PET timing; may be empty.

    All R-R intervals are summed into the one that is written, so their timing is merged. Time
    Slot Information Sequence (2C, C.8.4.13) is written where the source has it.
    """
    intervals = [
        interval
        for gating in items_in(source, "GatedInformationSequence")
        for interval in items_in(gating, "DataInformationSequence")
    ]
    beat = _merged(intervals)
    if any(TIME_SLOTS in interval for interval in intervals):
        setattr(beat, TIME_SLOTS, _time_slots(intervals, slots))
    if "FrameTime" not in beat:
        frame_time = _pet_frame_time(source, slots)
        if frame_time is None:
            return []
        beat.FrameTime = frame_time
    item = carry_item(first_item(source, "GatedInformationSequence"), CARRIED_PER_GATING)
    item.DataInformationSequence = [beat]
    return [item]


def _merged(intervals: Sequence[Dataset]) -> Dataset:
    """One item of every value that all intervals have."""
    items = [carry_item(interval, MERGED) for interval in intervals]
    merged = Dataset()
    for keyword, merge in MERGED.items():
        values = [_number(item, keyword) for item in items]
        known = [value for value in values if value is not None]
        value = merge(known) if known and len(known) == len(values) else None
        if value is not None:
            is_decimal = dictionary_VR(keyword) == "DS"
            setattr(merged, keyword, format_number_as_ds(value) if is_decimal else round(value))
    return merged


def _time_slots(intervals: Sequence[Dataset], slots: int) -> list[Dataset]:
    """Total time of each time slot in all intervals; no items where any interval is silent."""
    times = [
        [_number(item, "TimeSlotTime") for item in items_in(interval, TIME_SLOTS)]
        for interval in intervals
    ]
    items = []
    for of_slot in zip(*times, strict=False):
        known = [time for time in of_slot if time is not None]
        if len(known) < len(of_slot):
            return []
        item = Dataset()
        item.TimeSlotTime = format_number_as_ds(sum(known))
        items.append(item)
    return items if all(len(each) == slots for each in times) else []


def _pet_frame_time(source: Dataset, slots: int) -> str | None:
    """Length of a time slot in ms, of a PET source: given, or its share of the R-R interval."""
    for keyword, parts in (("FrameTime", 1), ("NominalInterval", slots)):
        number = _number(source, keyword)
        if number is not None and number > 0:
            return format_number_as_ds(number / parts)
    return None


def _number(dataset: Dataset, keyword: str) -> float | None:
    try:
        numbers = numbers_of(dataset, keyword)
    except ShortAxisError:
        return None
    return None if numbers is None else float(numbers[0])
