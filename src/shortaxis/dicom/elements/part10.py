"""DICOM files without surprises: no warnings, no huge allocations, named errors, no halves."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydicom import Dataset, FileMetaDataset, dcmread, dcmwrite
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_file_meta_info
from pydicom.uid import UID, ExplicitVRLittleEndian

from shortaxis._version import __version__
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.uids import IMPLEMENTATION_CLASS_UID, is_usable_uid
from shortaxis.errors import InputNotFoundError, UnreadableFileError
from shortaxis.files.whole_files import written_whole

__all__ = [
    "EMPTY",
    "NOT_DICOM",
    "file_meta_of",
    "is_dicom_file",
    "quiet_pydicom",
    "read_dataset",
    "sender_titles",
    "write_dataset",
]

NOT_DICOM, EMPTY = "is not a DICOM file", "is empty"
"""Summaries of the errors for bytes of any other format, and for none."""

PREFIX_AT = 128
"""Where a Part 10 file holds DICM (PS3.10 7.1)."""

BARE_STARTS = (b"\x08\x00", b"\x02\x00")
"""Groups 0008 and 0002 in little endian, one of which comes first in a file without the prefix."""

IMPLEMENTATION_VERSION_NAME = f"SHORTAXIS_{__version__}"[:16]
"""An SH value, of 16 characters (PS3.10 7.1)."""

MAX_FILE_BYTES = 1 << 31
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
    """Read a Part 10 file, or a data set that was stored without preamble and prefix.

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
        dataset = _bare_dataset(path, size, with_pixels=with_pixels)
        if dataset is None:
            raise _not_dicom(path, size) from error
        return dataset
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


def sender_titles(path: Path) -> tuple[str, str]:
    """AE titles that a file came from and that it was sent to; empty where it does not say.

    Sending and Receiving Application Entity Title (PS3.10 7.1). Nothing but the file meta
    information is read.
    """
    try:
        with quiet_pydicom():
            meta = read_file_meta_info(path)
            sending = text_of(meta, "SendingApplicationEntityTitle")
            return sending, text_of(meta, "ReceivingApplicationEntityTitle")
    except Exception:  # damaged bytes raise anything
        return "", ""


def file_meta_of(dataset: Dataset) -> FileMetaDataset:
    """File meta information of a new object in Explicit VR Little Endian (PS3.10 7.1)."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta


def write_dataset(path: Path, dataset: Dataset) -> None:
    """Write a new object as a Part 10 file, whole or not at all; an earlier file is replaced.

    Raises
    ------
    OSError
        If the file cannot be written; none is left then but an earlier one.
    """
    with written_whole(path) as partial, quiet_pydicom():
        dcmwrite(partial, dataset, enforce_file_format=True)


def _bare_dataset(path: Path, size: int, *, with_pixels: bool) -> Dataset | None:
    """A data set without the prefix if its first bytes and its SOP class are DICOM's, else None.

    Any bytes can be parsed somehow, so only a class that PS3.6 registers proves what they are.
    """
    try:
        with _BoundedReader(io.FileIO(path), size) as file, quiet_pydicom():
            if file.read(len(BARE_STARTS[0])) not in BARE_STARTS:
                return None
            file.seek(0)
            dataset = dcmread(file, stop_before_pixels=not with_pixels, force=True)
            is_known = UID(text_of(dataset, "SOPClassUID")).type == "SOP Class"
            is_named = is_usable_uid(text_of(dataset, "SOPInstanceUID"))
    except Exception:  # bytes that are something else raise anything
        return None
    return dataset if is_known and is_named else None


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
    if size > MAX_FILE_BYTES:
        raise UnreadableFileError(
            "is larger than a nuclear study can be",
            path=path,
            expected=f"at most {MAX_FILE_BYTES >> 20} MB",
            found=f"{size >> 20} MB",
        )
    return size


def _not_dicom(path: Path, size: int) -> UnreadableFileError:
    return UnreadableFileError(
        NOT_DICOM if size else EMPTY,
        path=path,
        expected="a DICOM file with the DICM prefix (PS3.10 7.1), or its data set alone",
        found=None if size else "no bytes",
        cause="another format, an interrupted copy, or a damaged export without the file header; "
        "export the study again as DICOM files",
    )
