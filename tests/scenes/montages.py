"""Short-axis series as Xeleris exports them: the slices of a time slot lie in one frame."""

from __future__ import annotations

import numpy as np
from pydicom import Dataset

__all__ = ["folded"]

DROPPED = ("SliceVector", "NumberOfSlices", "FrameIncrementPointer", "RRIntervalVector")


def folded(dataset: Dataset, frames: int) -> Dataset:
    """An NM object of 16 bits with its frames laid side by side, into so many frames."""
    rows, slices = int(dataset.Rows), int(dataset.NumberOfFrames) // frames
    cells = np.frombuffer(dataset.PixelData, np.uint16).reshape(frames, slices, rows, rows)
    dataset.PixelData = np.ascontiguousarray(cells.swapaxes(1, 2)).tobytes()
    dataset.Columns, dataset.NumberOfFrames = slices * rows, frames
    for keyword in DROPPED:
        if keyword in dataset:
            delattr(dataset, keyword)
    if "TimeSlotVector" in dataset:
        dataset.TimeSlotVector = list(range(1, frames + 1))
    return dataset
