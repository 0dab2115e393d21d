"""Whether a file is long enough for the pixels that its header tells of, without reading them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from shortaxis.dicom.elements.attributes import integer_of
from shortaxis.dicom.elements.transfer_syntaxes import is_encapsulated, transfer_syntax_of
from shortaxis.errors import UnreadableFileError

__all__ = ["refuse_short_files"]

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
        syntax = transfer_syntax_of(dataset)
        if is_encapsulated(syntax) or syntax == DeflatedExplicitVRLittleEndian:
            continue
        sizes = [integer_of(dataset, name) for name in ("Rows", "Columns", "BitsAllocated")]
        if None in sizes:
            continue
        rows, columns, bits = (int(size or 0) for size in sizes)
        frames = integer_of(dataset, "NumberOfFrames") or 1
        expected = frames * rows * columns * bits // BITS_PER_BYTE
        found = path.stat().st_size
        if found < expected:
            raise UnreadableFileError(
                "is truncated",
                path=path,
                expected=f"at least {expected} bytes for {frames} frames of {rows} x {columns}",
                found=f"a file of {found} bytes",
                cause="an interrupted copy",
            )
