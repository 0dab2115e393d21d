"""Slices that lie side by side in one frame, as some workstations export them.

Xeleris writes short-axis series as *montage*: one frame whose columns are N times its rows and
that holds N slices from left to right; gated ones have such a frame for every time slot. Header and
pixels are put into the order that the standard has (PS3.3 C.8.4.8), so that nothing after it knows.
"""

from __future__ import annotations

import numpy as np
from pydicom import Dataset
from pydicom.datadict import tag_for_keyword

from shortaxis.dicom.elements.attributes import (
    integer_of,
    label,
    numbers_of,
    text_of,
    texts_of,
)
from shortaxis.dicom.elements.transfer_syntaxes import is_encapsulated
from shortaxis.dicom.elements.vocabulary import NM_RECONSTRUCTIONS, NM_STORAGE
from shortaxis.errors import ShortAxisError
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["unfold_montage"]

FEWEST_SLICES = 4
"""Frames of a reconstruction are about square: at four times their height they are no slice."""

SMALLEST_SLICE = 16
"""Pixels."""

IMAGE_TYPES = 3
"""Values of Image Type, of which the third says what was reconstructed (PS3.3 C.8.4.9.1)."""


def unfold_montage(dataset: Dataset) -> ReadingNote | None:
    """Turn a montage into frames of single slices, in place; None of whatever is none."""
    try:
        slices = _slices_of(dataset)
    except ShortAxisError:
        # What is wrong with the header is told where it is read.
        return None
    if slices == 0:
        return None
    rows = int(dataset.Rows)
    stored = integer_of(dataset, "NumberOfFrames") or 1
    _unfold_pixels(dataset, stored, slices, rows)
    _unfold_header(dataset, stored, slices, rows)
    return ReadingNote(
        f"each frame holds {slices} slices side by side ({label('Columns')} is {slices} times "
        f"{label('Rows')}): read as slices from left to right",
        True,
    )


def _slices_of(dataset: Dataset) -> int:
    """How many slices a frame holds; 0 where it holds one."""
    image_type = [value.upper() for value in texts_of(dataset, "ImageType")]
    if text_of(dataset, "SOPClassUID") != NM_STORAGE or len(image_type) < IMAGE_TYPES:
        return 0
    if image_type[2] not in NM_RECONSTRUCTIONS or _is_compressed(dataset):
        return 0
    rows, columns = integer_of(dataset, "Rows") or 0, integer_of(dataset, "Columns") or 0
    if rows < SMALLEST_SLICE or columns % rows or columns < FEWEST_SLICES * rows:
        return 0
    told = numbers_of(dataset, "SliceVector")
    return columns // rows if told is None or np.unique(told).size == 1 else 0


def _is_compressed(dataset: Dataset) -> bool:
    meta = getattr(dataset, "file_meta", Dataset())
    syntax = text_of(meta, "TransferSyntaxUID")
    return bool(syntax) and is_encapsulated(syntax)


def _unfold_pixels(dataset: Dataset, stored: int, slices: int, rows: int) -> None:
    """From (frame, row, slice, column) to (frame, slice, row, column), whatever a pixel is."""
    if "PixelData" not in dataset:
        return
    pixels = dataset.PixelData
    size = (integer_of(dataset, "BitsAllocated") or 0) // 8
    expected = stored * slices * rows * rows * size
    if not isinstance(pixels, bytes) or expected == 0 or len(pixels) < expected:
        return
    cells = np.frombuffer(pixels, dtype=np.uint8, count=expected)
    apart = cells.reshape(stored, rows, slices, rows * size).swapaxes(1, 2)
    dataset.PixelData = apart.tobytes() + pixels[expected:]


def _unfold_header(dataset: Dataset, stored: int, slices: int, rows: int) -> None:
    """As if every slice had been a frame."""
    for keyword in ("RRIntervalVector", "TimeSlotVector", "EnergyWindowVector", "DetectorVector"):
        told = numbers_of(dataset, keyword)
        if told is not None and len(told) == stored:
            setattr(dataset, keyword, np.repeat(told, slices).astype(int).tolist())
    is_gated = NM_RECONSTRUCTIONS[[value.upper() for value in texts_of(dataset, "ImageType")][2]]
    if is_gated and "TimeSlotVector" not in dataset:
        dataset.TimeSlotVector = np.repeat(np.arange(1, stored + 1), slices).tolist()
    dataset.SliceVector = np.tile(np.arange(1, slices + 1), stored).tolist()
    dataset.NumberOfSlices = slices
    dataset.NumberOfFrames = stored * slices
    dataset.Columns = rows
    ordering = ["RRIntervalVector", "TimeSlotVector", "SliceVector"]
    dataset.FrameIncrementPointer = [
        tag_for_keyword(keyword) for keyword in ordering if keyword in dataset
    ]
