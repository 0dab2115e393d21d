"""Which single objects make up one study: slices to stacks, and time slots to gated studies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import (
    integer_of,
    items_of,
    label,
    numbers_of,
    required_numbers,
    text_of,
    texts_of,
)
from shortaxis.errors import ShortAxisError
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["Stack", "divided", "slot_order"]

SAME_PLACE_DECIMALS = 2
"""Positions are written to 0.01 mm or better; nearer ones are one place."""

DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, eq=False)
class Stack:
    """Members of one reconstruction, as indices of what was divided, and what was concluded."""

    members: tuple[int, ...]
    notes: tuple[ReadingNote, ...] = ()


def divided(datasets: Sequence[Dataset], *, is_gated: bool) -> list[Stack]:
    """Divide the slices of one series into reconstructions.

    Slices with and without attenuation correction are told apart by Corrected Image. Where
    several images of an ungated series lie at one place all the same, Series Description tells
    them apart, or what else names a reconstruction, and at last their order. A series that
    nothing divides evenly comes back whole: reading says what is wrong with it.
    """
    groups = _grouped(range(len(datasets)), lambda i: _corrections(datasets[i]))
    if is_gated:
        return [Stack(group) for group in groups]
    stacks: list[Stack] = []
    for group in groups:
        stacks += _undoubled(datasets, group)
    return stacks


def _undoubled(datasets: Sequence[Dataset], group: tuple[int, ...]) -> list[Stack]:
    if _times_at_each_place(datasets, group) in (0, 1) or _differ_in_time(datasets, group):
        return [Stack(group)]
    for keyword in ("SeriesDescription", "ImageID", "ImageType", "Units", "AcquisitionNumber"):
        said = {i: tuple(texts_of(datasets[i], keyword)) for i in group}
        parts = _grouped(group, said.__getitem__)
        if len(parts) > 1 and all(_times_at_each_place(datasets, part) == 1 for part in parts):
            return [Stack(part) for part in parts]
    return _by_order(datasets, group)


def _differ_in_time(datasets: Sequence[Dataset], group: tuple[int, ...]) -> bool:
    """Whether images are of several times: a gated or dynamic series that does not say so."""
    if any((_integer(datasets[i], "NumberOfTimeSlots") or 1) > 1 for i in group):
        return True
    return any(
        len({_number(datasets[i], keyword) for i in group}) > 1
        for keyword in ("TriggerTime", "FrameReferenceTime", "TemporalPositionIdentifier")
    )


def _by_order(datasets: Sequence[Dataset], group: tuple[int, ...]) -> list[Stack]:
    """Whole stacks one after the other, by Instance Number; doubled files stay together."""
    times = _times_at_each_place(datasets, group)
    numbers = [_integer(datasets[i], "InstanceNumber") for i in group]
    if times == 0 or None in numbers or len(set(numbers)) < len(group):
        return [Stack(group)]
    ordered = sorted(group, key=lambda i: _integer(datasets[i], "InstanceNumber") or 0)
    size = len(group) // times
    parts = [tuple(ordered[start : start + size]) for start in range(0, len(group), size)]
    if any(_times_at_each_place(datasets, part) != 1 for part in parts):
        return [Stack(group)]
    return [
        Stack(
            part,
            (
                ReadingNote(
                    f"{times} images at each place: reconstruction {number} of {times} by "
                    f"{label('InstanceNumber')}",
                    True,
                ),
            ),
        )
        for number, part in enumerate(parts, start=1)
    ]


def _times_at_each_place(datasets: Sequence[Dataset], group: Sequence[int]) -> int:
    """How many images lie at every place; 0 where that differs or is not told."""
    try:
        places = [_position_of(datasets[i]) for i in group]
    except ShortAxisError:
        return 0
    counts = set(_counted(places).values())
    return counts.pop() if len(counts) == 1 else 0


def _position_of(dataset: Dataset) -> tuple[float, ...]:
    places = (dataset, *items_of(dataset, "DetectorInformationSequence"))
    placed = (each for each in places if numbers_of(each, "ImagePositionPatient") is not None)
    position = required_numbers(next(placed, dataset), "ImagePositionPatient", 3)
    return tuple(np.round(position, SAME_PLACE_DECIMALS).tolist())


def _counted(places: Sequence[Hashable]) -> dict[Hashable, int]:
    counts: dict[Hashable, int] = defaultdict(int)
    for place in places:
        counts[place] += 1
    return counts


def _corrections(dataset: Dataset) -> Hashable:
    """Whether attenuation correction is among Corrected Image; None where nobody says."""
    said = [value.upper() for value in texts_of(dataset, "CorrectedImage")]
    return ("ATTN" in said) if said else None


def _grouped(
    members: Sequence[int] | range, key_of: Callable[[int], Hashable]
) -> list[tuple[int, ...]]:
    groups: dict[Hashable, list[int]] = {}
    for member in members:
        groups.setdefault(key_of(member), []).append(member)
    return [tuple(group) for group in groups.values()]


def slot_order(headers: Sequence[Dataset]) -> tuple[list[int], ReadingNote] | None:
    """Order of objects that hold one time slot each, and what tells it; None if nothing does.

    Trigger Time tells it, else numbers of images or series, else the number in their names.
    """
    tellers: tuple[tuple[str, Callable[[Dataset], float | None]], ...] = (
        (label("TriggerTime"), lambda each: _number(each, "TriggerTime")),
        (label("InstanceNumber"), lambda each: _number(each, "InstanceNumber")),
        (label("SeriesNumber"), lambda each: _number(each, "SeriesNumber")),
        (label("ImageID"), lambda each: _digits(text_of(each, "ImageID"))),
        (label("SeriesDescription"), lambda each: _digits(text_of(each, "SeriesDescription"))),
    )
    for name, tell in tellers:
        numbers = [tell(each) for each in headers]
        if None not in numbers and len(set(numbers)) == len(headers):
            told = {number or 0.0: i for i, number in enumerate(numbers)}
            order = [told[number] for number in sorted(told)]
            note = f"{len(headers)} objects of one time slot each are one gated study, by {name}"
            return order, ReadingNote(note, name != label("TriggerTime"))
    return None


def _number(dataset: Dataset, keyword: str) -> float | None:
    try:
        numbers = numbers_of(dataset, keyword)
    except ShortAxisError:
        return None
    return None if numbers is None or len(numbers) != 1 else float(numbers[0])


def _integer(dataset: Dataset, keyword: str) -> int | None:
    try:
        return integer_of(dataset, keyword)
    except ShortAxisError:
        return None


def _digits(text: str) -> float | None:
    found = DIGITS.findall(text)
    return float(found[-1]) if len(found) == 1 else None
