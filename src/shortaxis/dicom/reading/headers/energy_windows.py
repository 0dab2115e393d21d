"""One study for each energy window of an object that holds several (PS3.3 C.8.4.10)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.datadict import tag_for_keyword

from shortaxis.dicom.elements.attributes import integer_of, items_of, numbers_of
from shortaxis.dicom.elements.vocabulary import FRAME_VECTORS
from shortaxis.geometry.arrays import FloatArray

PIXEL_DATA = 0x7FE00010

__all__ = ["frames_of_window", "window_of", "windows_of"]


def windows_of(dataset: Dataset) -> tuple[int, ...]:
    """Numbers from 1 of the energy windows that frames were taken in; empty for one alone."""
    vector = numbers_of(dataset, "EnergyWindowVector")
    if vector is None or len(vector) != integer_of(dataset, "NumberOfFrames"):
        return ()
    numbers = np.unique(vector)
    if numbers.size < 2 or not _hold_the_same_slices(dataset, vector, numbers):
        return ()
    return tuple(int(number) for number in numbers)


def _hold_the_same_slices(dataset: Dataset, vector: FloatArray, numbers: FloatArray) -> bool:
    """Whether every window has the slices of the others; parts of one volume are no windows."""
    slices = numbers_of(dataset, "SliceVector")
    if slices is None or len(slices) != len(vector):
        return False
    first, *others = (np.sort(slices[vector == number]) for number in numbers)
    return all(np.array_equal(first, other) for other in others)


def frames_of_window(dataset: Dataset, window: int) -> NDArray[np.intp]:
    """Numbers from 0 of the frames of one window."""
    vector = numbers_of(dataset, "EnergyWindowVector")
    if vector is None:
        return np.arange(integer_of(dataset, "NumberOfFrames") or 0)
    return np.flatnonzero(vector == window)


def window_of(dataset: Dataset, window: int) -> Dataset:
    """Header of one window alone, as if its frames had been stored in an object of their own.

    Pixels are not touched: `frames_of_window` tells which frames are meant.
    """
    frames = frames_of_window(dataset, window)
    n_frames = integer_of(dataset, "NumberOfFrames")
    changed: dict[str, object] = {
        "EnergyWindowVector": [1] * len(frames),
        "NumberOfFrames": len(frames),
        "NumberOfEnergyWindows": 1,
    }
    for keyword in FRAME_VECTORS.values():
        vector = numbers_of(dataset, keyword)
        if vector is not None and len(vector) == n_frames:
            changed.setdefault(keyword, [int(value) for value in vector[frames]])
    items = items_of(dataset, "EnergyWindowInformationSequence")
    if 1 <= window <= len(items):
        changed["EnergyWindowInformationSequence"] = [items[window - 1]]
    tags = numbers_of(dataset, "FrameIncrementPointer")
    if tags is not None:
        energy = tag_for_keyword("EnergyWindowVector")
        changed["FrameIncrementPointer"] = [int(tag) for tag in tags if int(tag) != energy]
    return _with(dataset, changed)


def _with(dataset: Dataset, changed: Mapping[str, object]) -> Dataset:
    """The same header but for some attributes, and the original left alone.

    ``copy.copy`` of a pydicom data set shares its elements, and setting an attribute changes the
    element in place, so that the copy would change the original.
    """
    without = {PIXEL_DATA, *(tag_for_keyword(keyword) for keyword in changed)}
    tags = [tag for tag in dataset.keys() if tag not in without]  # noqa: SIM118 - no mapping
    single = Dataset({tag: dataset.get_item(tag, keep_deferred=True) for tag in tags})
    single.file_meta = dataset.file_meta
    for keyword, value in changed.items():
        setattr(single, keyword, value)
    return single
