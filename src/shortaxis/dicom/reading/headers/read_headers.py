"""Headers as they are read: from the file, with what is plain put right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset

from shortaxis.dicom.elements.part10 import read_dataset
from shortaxis.dicom.reading.headers.montage import unfold_montage
from shortaxis.dicom.reading.headers.tolerances import put_right
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["ReadHeader", "read_header"]


@dataclass(frozen=True, eq=False)
class ReadHeader:
    """A data set in memory, the file that it came from, and what was put right in it."""

    path: Path
    dataset: Dataset
    notes: tuple[ReadingNote, ...] = ()


def read_header(path: Path, *, with_pixels: bool = False) -> ReadHeader:
    """Read a DICOM file, with or without its pixels.

    Raises
    ------
    InputNotFoundError, UnreadableFileError
        As `shortaxis.dicom.elements.part10.read_dataset`.
    """
    dataset = read_dataset(path, with_pixels=with_pixels)
    notes = put_right(dataset)
    montage = unfold_montage(dataset)
    return ReadHeader(path, dataset, notes if montage is None else (*notes, montage))
