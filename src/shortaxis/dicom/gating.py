"""Timing of the time slots of a derived gated series."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.valuerep import format_number_as_ds

from shortaxis.dicom.attributes import numbers_of
from shortaxis.dicom.carrying import carry_item, first_item
from shortaxis.errors import ShortAxisError

__all__ = ["gated_information"]

CARRIED_PER_INTERVAL = (
    "FrameTime",
    "NominalInterval",
    "LowRRValue",
    "HighRRValue",
    "IntervalsAcquired",
    "IntervalsRejected",
)
"""Data Information Sequence (C.8.4.14): one item for the one R-R interval that is written."""


def gated_information(source: Dataset, slots: int) -> list[Dataset]:
    """Items of Gated Information Sequence (C.8.4.14), from NM or PET timing; may be empty."""
    gating = first_item(source, "GatedInformationSequence")
    beat = carry_item(first_item(gating, "DataInformationSequence"), CARRIED_PER_INTERVAL)
    if "FrameTime" not in beat:
        frame_time = _pet_frame_time(source, slots)
        if frame_time is None:
            return []
        beat.FrameTime = frame_time
    item = carry_item(gating, ("TriggerSourceOrType", "FramingType"))
    item.DataInformationSequence = [beat]
    return [item]


def _pet_frame_time(source: Dataset, slots: int) -> str | None:
    """Length of a time slot in ms, of a PET source: given, or its share of the R-R interval."""
    for keyword, parts in (("FrameTime", 1), ("NominalInterval", slots)):
        try:
            numbers = numbers_of(source, keyword)
        except ShortAxisError:
            continue
        if numbers is not None and numbers[0] > 0:
            return format_number_as_ds(float(numbers[0]) / parts)
    return None
