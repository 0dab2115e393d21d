"""What a header says of the beats of a gated study (PS3.3 C.8.4.13 of NM, C.8.9.3 of PET).

NM tells the beats once for every R-R interval, in Gated Information Sequence; PET in every image.
Fields that nobody filled in hold zeros, and others hold what no heart does: such a value is none.
A strange header is never an error, since no pixel and no place depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low
from typing import TypeVar

from pydicom import Dataset

from shortaxis.dicom.carried.modules.carrying import items_in
from shortaxis.dicom.elements.attributes import numbers_of, texts_of
from shortaxis.errors import ShortAxisError
from shortaxis.spect.told_beats import ToldBeats, agree

__all__ = ["told_beats"]

T = TypeVar("T")

CYCLE_MS = (100.0, 6000.0)
"""Lengths that are read as those of a beat, 10 to 600 a minute: wider than any heart's, so that
a trigger that is none is told. Outside, a field holds another thing, or was not filled in."""

MOST_BEATS = 1_000_000
"""Eleven days: more is no count of beats."""

MOST_WINDOWS = 64

MIN_TRIGGERS = 3
"""Two times have one step, which nothing confirms."""

REJECTS = {"Y": True, "N": False}
"""Beat Rejection Flag."""

TRIGGERS = {"EKG": "ECG", "ECG": "ECG", "RESP": "breathing"}
"""First letters of Trigger Source or Type, which is free text: nothing else of it is kept."""


@dataclass(frozen=True)
class _Window:
    """What one R-R interval tells, of all images or objects that tell of it."""

    slot_ms: float | None
    interval_ms: float | None
    accepted_ms: tuple[float, float] | None
    accepted: int | None
    rejected: int | None


def told_beats(datasets: Sequence[Dataset], slots: int) -> ToldBeats | None:
    """Beats of a gated study; None where its headers say nothing of them.

    Parameters
    ----------
    datasets : sequence of Dataset
        One NM object, the objects of time slots, or the images of a PET series.
    slots : int
        Time slots of the study.
    """
    windows = _windows(datasets, slots)
    places = [place for dataset in datasets for place in (dataset, *_intervals(dataset))]
    rates = _numbers(places, "HeartRate", lambda rate: _is_cycle(60_000 / rate) if rate else False)
    intervals = _all_tell(windows, lambda window: window.interval_ms)
    slot_times = _all_tell(windows, lambda window: window.slot_ms)
    accepted = _all_tell(windows, lambda window: window.accepted)
    spans = _all_tell(windows, lambda window: window.accepted_ms)
    beats = ToldBeats(
        slots,
        heart_rate_per_min=_agreed(rates),
        interval_ms=_agreed(intervals),
        accepted_ms=(min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None,
        accepted=sum(accepted) if accepted else None,
        # A beat that one window rejects may be another's: rejected beats cannot be added up.
        rejected=windows[0].rejected if len(windows) == 1 else None,
        windows=max(len(windows), _stated_windows(datasets)) or None,
        slot_ms=_slot_ms(slot_times, _slot_by_triggers_ms(datasets, slots)),
        rejects=_one_of(REJECTS.get(text[:1]) for text in _texts(places, "BeatRejectionFlag")),
        trigger=_one_of(_trigger(text) for text in _texts(places, "TriggerSourceOrType")) or "",
    )
    return None if beats == ToldBeats(slots, windows=beats.windows) else beats


def _windows(datasets: Sequence[Dataset], slots: int) -> list[_Window]:
    """One for every R-R interval; images of PET belong to one by the lengths that they accept."""
    are_several = _stated_windows(datasets) > 1
    told: dict[object, list[Dataset]] = {}
    for dataset in datasets:
        intervals = _intervals(dataset)
        for number, item in enumerate(intervals):
            told.setdefault(number, []).append(item)
        if not intervals:
            of_image = _accepted_ms([dataset]) if are_several else None
            told.setdefault(of_image, []).append(dataset)
    return [_window(items, slots) for items in told.values()]


def _window(items: Sequence[Dataset], slots: int) -> _Window:
    accepted = _agreed(_numbers(items, "IntervalsAcquired", lambda n: _is_count(n, 1)))
    rejected = _agreed(_numbers(items, "IntervalsRejected", lambda n: _is_count(n, 0)))
    if accepted is None and not rejected:
        # Zeros in both are fields that nobody filled in.
        rejected = None
    return _Window(
        slot_ms=_agreed(_numbers(items, "FrameTime", lambda ms: _is_cycle(ms * slots))),
        interval_ms=_agreed(_numbers(items, "NominalInterval", _is_cycle)),
        accepted_ms=_accepted_ms(items),
        accepted=None if accepted is None else round(accepted),
        rejected=None if rejected is None else round(rejected),
    )


def _accepted_ms(items: Sequence[Dataset]) -> tuple[float, float] | None:
    low = _agreed(_numbers(items, "LowRRValue", _is_cycle))
    high = _agreed(_numbers(items, "HighRRValue", _is_cycle))
    return None if low is None or high is None or low >= high else (low, high)


def _slot_ms(told: Sequence[float], by_triggers: float | None) -> float | None:
    """Frame Time, or the step of Trigger Time in its place; None where they contradict."""
    if not told:
        return by_triggers
    by_both = [*told, *([] if by_triggers is None else [by_triggers])]
    return sum(told) / len(told) if agree(by_both) else None


def _slot_by_triggers_ms(datasets: Sequence[Dataset], slots: int) -> float | None:
    """Even step of Trigger Time from slot to slot, of a PET series."""
    times = sorted(set(_numbers(datasets, "TriggerTime", lambda ms: 0 <= ms <= CYCLE_MS[1])))
    steps = [later - earlier for earlier, later in pairwise(times)]
    if slots < MIN_TRIGGERS or len(times) != slots or not agree(steps):
        return None
    step = sum(steps) / len(steps)
    return step if _is_cycle(step * slots) else None


def _stated_windows(datasets: Sequence[Dataset]) -> int:
    stated = _numbers(
        datasets[:1],
        "NumberOfRRIntervals",
        lambda number: 1 <= number <= MOST_WINDOWS and number.is_integer(),
    )
    return int(stated[0]) if stated else 0


def _intervals(dataset: Dataset) -> list[Dataset]:
    return [
        interval
        for gating in items_in(dataset, "GatedInformationSequence")
        for interval in items_in(gating, "DataInformationSequence")
    ]


def _is_cycle(length_ms: float) -> bool:
    shortest, longest = CYCLE_MS
    return shortest <= length_ms <= longest


def _is_count(number: float, fewest: int) -> bool:
    return fewest <= number <= MOST_BEATS and number.is_integer()


def _numbers(
    places: Iterable[Dataset], keyword: str, is_believed: Callable[[float], bool]
) -> list[float]:
    """The one believable number of every place that has one."""
    found = []
    for place in places:
        try:
            numbers = numbers_of(place, keyword)
        except ShortAxisError:
            continue
        if numbers is not None and len(numbers) == 1 and is_believed(float(numbers[0])):
            found.append(float(numbers[0]))
    return found


def _texts(places: Iterable[Dataset], keyword: str) -> list[str]:
    found = []
    for place in places:
        try:
            found += texts_of(place, keyword)[:1]
        except ShortAxisError:
            continue
    return [text.upper() for text in found]


def _trigger(text: str) -> str | None:
    return next((named for start, named in TRIGGERS.items() if text.startswith(start)), None)


def _agreed(values: Sequence[float]) -> float | None:
    """A middle one of values that lie together; None of others."""
    return median_low(values) if agree(values) else None


def _one_of(values: Iterable[T | None]) -> T | None:
    said = {value for value in values if value is not None}
    return said.pop() if len(said) == 1 else None


def _all_tell(windows: Sequence[_Window], of: Callable[[_Window], T | None]) -> list[T]:
    """The value of every window; none at all where any of them is silent."""
    values = [value for value in map(of, windows) if value is not None]
    return values if len(values) == len(windows) else []
