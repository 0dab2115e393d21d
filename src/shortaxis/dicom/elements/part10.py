"""DICOM files without surprises: no warnings, no huge allocations, named errors, no halves."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydicom import Dataset, FileDataset, FileMetaDataset, dcmread, dcmwrite
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_dataset as parse_dataset
from pydicom.filereader import read_file_meta_info
from pydicom.tag import BaseTag
from pydicom.uid import UID, ExplicitVRLittleEndian

from shortaxis._version import __version__
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.uids import IMPLEMENTATION_CLASS_UID, is_usable_uid
from shortaxis.errors import InputNotFoundError, ShortAxisError, UnreadableFileError
from shortaxis.files.inputs.input_size import inflated, largest_input_bytes, too_large
from shortaxis.files.inputs.special_files import require_no_special_file
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

LARGE_READ_BYTES = 1 << 16

BYTES_PER_READ = 512
"""That pydicom takes in memory: an element is two reads, and an object of a thousand bytes."""

PIXEL_TAGS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
"""Float, Double Float and Pixel Data."""


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
    if with_pixels and size > largest_input_bytes():
        raise too_large(size, path)
    try:
        with _BoundedReader(io.FileIO(path), size) as file, quiet_pydicom():
            return _parsed(file, with_pixels=with_pixels)
    except ShortAxisError as error:
        raise error.at_path(path) from error
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


def _parsed(file: _BoundedReader, *, with_pixels: bool, force: bool = False) -> Dataset:
    try:
        return dcmread(file, stop_before_pixels=not with_pixels, force=force)
    except _RestAskedError as asked:
        return _inflated_dataset(file, asked.start, with_pixels=with_pixels)


def _inflated_dataset(file: _BoundedReader, start: int, *, with_pixels: bool) -> Dataset:
    """A data set that is deflated from a byte on; what it inflates to is counted (PS3.5 A.5)."""
    file.seek(0)
    head = dcmread(io.BytesIO(file.read(start)))
    rest = inflated(file)
    size = rest.seek(0, io.SEEK_END)
    rest.seek(0)
    with _BoundedReader(rest, size) as unpacked:
        stop = None if with_pixels else _is_pixels
        content = parse_dataset(
            unpacked, is_implicit_VR=False, is_little_endian=True, stop_when=stop
        )
    meta = head.file_meta
    dataset = FileDataset(rest, content, head.preamble, meta, is_implicit_VR=False)
    dataset.set_original_encoding(False, True, content.original_character_set)
    return dataset


def _is_pixels(tag: BaseTag, _: str | None, __: int) -> bool:
    return int(tag) in PIXEL_TAGS


def _bare_dataset(path: Path, size: int, *, with_pixels: bool) -> Dataset | None:
    """A data set without the prefix if its first bytes and its SOP class are DICOM's, else None.

    Any bytes can be parsed somehow, so only a class that PS3.6 registers proves what they are.
    """
    try:
        with _BoundedReader(io.FileIO(path), size) as file, quiet_pydicom():
            if file.read(len(BARE_STARTS[0])) not in BARE_STARTS:
                return None
            file.seek(0)
            dataset = _parsed(file, with_pixels=with_pixels, force=True)
            is_known = UID(text_of(dataset, "SOPClassUID")).type == "SOP Class"
            is_named = is_usable_uid(text_of(dataset, "SOPInstanceUID"))
    except ShortAxisError as error:
        raise error.at_path(path) from error
    except Exception:  # bytes that are something else raise anything
        return None
    return dataset if is_known and is_named else None


class _RestAskedError(Exception):
    """pydicom wants all the rest of a file, from a byte on, as it does only to inflate it."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self.start = start


class _BoundedReader(io.BufferedReader):
    """A file in which a damaged length cannot ask for more bytes than there are.

    What it has given must not take more memory than an input may, values and elements alike.
    """

    def __init__(self, raw: io.FileIO | io.BytesIO, size: int) -> None:
        super().__init__(raw)
        self._size = size
        self._most = largest_input_bytes()
        self._given = self._count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as usual, large reads only to the end of the file."""
        if size is None or size < 0:
            raise _RestAskedError(self.tell())
        if size > LARGE_READ_BYTES:
            size = min(size, max(self._size - self.tell(), 0))
            if self._given + size > self._most + LARGE_READ_BYTES:
                raise too_large(self._given + size)
        content = super().read(size)
        self._given += len(content)
        self._count += 1
        if BYTES_PER_READ * self._count > self._most:
            raise too_large(BYTES_PER_READ * self._count, at_least=True)
        return content


def _readable_size(path: Path) -> int:
    require_no_special_file(path)
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
