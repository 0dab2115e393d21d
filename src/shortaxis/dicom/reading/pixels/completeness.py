"""Whether a file is long enough for the pixels that its header tells of, without reading them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from shortaxis.dicom.elements.attributes import integer_of
from shortaxis.dicom.elements.transfer_syntaxes import is_encapsulated, transfer_syntax_of
from shortaxis.errors import UnreadableFileError

__all__ = ["announced_bytes", "refuse_short_files"]

BITS_PER_BYTE = 8


def refuse_short_files(paths: Sequence[Path], datasets: Sequence[Dataset]) -> None:
    """Refuse files that end before their last pixel, as interrupted copies do.

    Compressed pixels may have any length; those are found out when they are decoded.

    Raises
    ------
    UnreadableFileError
        Naming the file, the bytes of pixels that were announced, and the size of the file.
    """
    for path, dataset in zip(paths, datasets, strict=True):
        expected = announced_bytes(dataset)
        found = path.stat().st_size
        if found < expected:
            raise UnreadableFileError(
                "is truncated",
                path=path,
                expected=f"at least {expected} bytes for {_size_of(dataset)}",
                found=f"a file of {found} bytes",
                cause="an interrupted copy",
            )


def announced_bytes(dataset: Dataset) -> int:
    """How many bytes of pixels the header tells of; 0 where they are compressed, or it does not."""
    syntax = transfer_syntax_of(dataset)
    if is_encapsulated(syntax) or syntax == DeflatedExplicitVRLittleEndian:
        return 0
    sizes = [integer_of(dataset, name) for name in ("Rows", "Columns", "BitsAllocated")]
    if None in sizes:
        return 0
    rows, columns, bits = (int(size or 0) for size in sizes)
    return _frames_of(dataset) * rows * columns * bits // BITS_PER_BYTE


def _frames_of(dataset: Dataset) -> int:
    return integer_of(dataset, "NumberOfFrames") or 1


def _size_of(dataset: Dataset) -> str:
    rows, columns = (integer_of(dataset, name) for name in ("Rows", "Columns"))
    return f"{_frames_of(dataset)} frames of {rows} x {columns}"
