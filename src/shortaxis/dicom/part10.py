"""Open DICOM files without surprises: no warnings, no huge allocations, named errors."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError

from shortaxis.errors import InputNotFoundError, UnreadableFileError

__all__ = ["is_dicom_file", "quiet_pydicom", "read_dataset"]

PREFIX_AT = 128
"""Where a Part 10 file holds DICM (PS3.10 7.1)."""

LARGEST_FILE_BYTES = 1 << 31
"""Larger than any nuclear study; such a file is not read into memory."""

LARGE_READ_BYTES = 1 << 16


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Keep pydicom's remarks to itself: what matters is checked and raised here.

    Some of them quote values of the header, which belong neither on a terminal nor in a log.
    """
    logger = logging.getLogger("pydicom")
    level = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            logger.setLevel(level)


def is_dicom_file(path: Path) -> bool:
    """Whether this is a regular file that starts as PS3.10 files do; False if unreadable."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(PREFIX_AT + 4)[PREFIX_AT:] == b"DICM"
    except OSError:
        return False


def read_dataset(path: Path, *, with_pixels: bool) -> Dataset:
    """Read a Part 10 file.

    Raises
    ------
    InputNotFoundError
        If there is no such file.
    UnreadableFileError
        If it cannot be opened, is empty, is not DICOM, or is damaged.
    """
    size = _readable_size(path)
    try:
        with _BoundedReader(io.FileIO(path), size) as file, quiet_pydicom():
            return dcmread(file, stop_before_pixels=not with_pixels)
    except InvalidDicomError as error:
        raise _not_dicom(path, size) from error
    except (
        Exception
    ) as error:  # damaged bytes raise anything: EOFError, struct.error, RecursionError
        raise UnreadableFileError(
            "cannot be read as DICOM",
            path=path,
            expected="a complete DICOM file",
            found=f"{size} bytes that cannot be decoded",
            cause="the file is truncated or damaged, or may not be opened",
        ) from error


class _BoundedReader(io.BufferedReader):
    """A file in which a damaged length cannot ask for more bytes than there are."""

    def __init__(self, raw: io.FileIO, size: int) -> None:
        super().__init__(raw)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as usual, large reads only to the end of the file."""
        if size is not None and size > LARGE_READ_BYTES:
            size = min(size, max(self._size - self.tell(), 0))
        return super().read(size)


def _readable_size(path: Path) -> int:
    try:
        if not path.is_file():
            raise InputNotFoundError(
                "is not a file", path=path, expected="a DICOM file",
                found="another kind of entry" if path.exists() else "nothing",
            )  # fmt: skip
        size = path.stat().st_size
    except PermissionError as error:
        raise UnreadableFileError(
            "may not be opened", path=path, expected="permission to read it", found="none"
        ) from error
    if size > LARGEST_FILE_BYTES:
        raise UnreadableFileError(
            "is larger than a nuclear study can be",
            path=path,
            expected=f"at most {LARGEST_FILE_BYTES >> 20} MB",
            found=f"{size >> 20} MB",
        )
    return size


def _not_dicom(path: Path, size: int) -> UnreadableFileError:
    return UnreadableFileError(
        "is not a DICOM file" if size else "is empty",
        path=path,
        expected="a DICOM file with the DICM prefix (PS3.10 7.1)",
        found=None if size else "no bytes",
        cause="another format, an interrupted copy, or an export without the file header",
    )
