"""How large an input may be, before and after it is unpacked: one answer for every reader.

It is a value of the environment, so that processes that are started for work have it, too.
"""

from __future__ import annotations

import io
import math
import os
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from shortaxis.errors import OptionError, UnreadableFileError
from shortaxis.files.inputs.special_files import require_no_special_file

__all__ = [
    "DEFAULT_MB",
    "OPTION",
    "VARIABLE",
    "allow_inputs",
    "inflated",
    "largest_input_bytes",
    "require_archive_fits",
    "require_counts_fit",
    "require_unpacked_fits",
    "too_large",
]

VARIABLE, OPTION = "SHORTAXIS_LARGEST_INPUT_MB", "--largest-input-mb"

DEFAULT_MB = 256.0
"""10^6 bytes; a gated study of 128 x 128 x 64 voxels in 16 time slots takes 67."""

BYTES_PER_COUNT = 4
"""Of counts in memory, whatever the file takes for them."""

STEP_BYTES = 1 << 20


def largest_input_bytes() -> int:
    """How many bytes of one input may be in memory: of its file, unpacked, and as counts.

    Raises
    ------
    OptionError
        If the environment says something that is no size.
    """
    said = os.environ.get(VARIABLE, "")
    try:
        megabytes = float(said) if said else DEFAULT_MB
    except ValueError:
        megabytes = math.nan
    if not 0 < megabytes < math.inf:
        raise OptionError(
            "the largest input has no size", expected=f"MB above 0 in {VARIABLE}", found=said
        )
    return int(1e6 * megabytes)


def allow_inputs(megabytes: float) -> None:
    """Take inputs of this size, in this process and those that it starts."""
    os.environ[VARIABLE] = f"{megabytes:g}"


def too_large(
    found_bytes: float, path: Path | None = None, *, at_least: bool = False
) -> UnreadableFileError:
    """The error for an input of this size; `at_least`: nobody has counted further."""
    return UnreadableFileError(
        "is larger than what is read",
        path=path,
        expected=f"at most {largest_input_bytes() / 1e6:g} MB in memory",
        found=f"{'more than ' if at_least else ''}{found_bytes / 1e6:.0f} MB",
        cause="another kind of file, a damaged header, or a file that was made to do harm",
        way_on=f"if you trust the file, allow more: shortaxis {OPTION} {_next_mb(found_bytes)} "
        f"and the command, or the same number in {VARIABLE}",
    )


def _next_mb(found_bytes: float) -> int:
    return 100 * math.ceil(max(found_bytes, 2 * largest_input_bytes()) / 1e8)


def require_counts_fit(shape: Iterable[int]) -> None:
    """Refuse counts of a shape that would take too much memory, before there are any.

    Raises
    ------
    UnreadableFileError
        As `too_large`.
    """
    size = BYTES_PER_COUNT * math.prod(float(each) for each in shape)
    if size > largest_input_bytes():
        raise too_large(size)


def require_archive_fits(path: Path) -> None:
    """Refuse a file of arrays that unpacks to too much, by what it says, before it is opened.

    Raises
    ------
    InputNotFoundError
        For a pipe, a socket or a device.
    UnreadableFileError
        As `too_large`.
    """
    require_no_special_file(path)
    size = path.stat().st_size if path.is_file() else 0
    with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        size = max(size, sum(each.file_size for each in archive.infolist()))
    if size > largest_input_bytes():
        raise too_large(size, path)


def require_unpacked_fits(unpacking: io.BufferedIOBase) -> None:
    """Read to the end of what a stream unpacks, keep nothing, and refuse it if it is too much.

    Raises
    ------
    UnreadableFileError
        As `too_large`.
    """
    most, size = largest_input_bytes(), 0
    while part := unpacking.read(STEP_BYTES):
        size += len(part)
        if size > most:
            raise too_large(most, at_least=True)


def inflated(file: BinaryIO) -> io.BytesIO:
    """What the rest of a file inflates to (RFC 1951, without a header, as PS3.5 A.5 has it).

    Raises
    ------
    UnreadableFileError
        As `too_large`.
    zlib.error
        If it is damaged or cut short.
    """
    most, unpacked = largest_input_bytes(), io.BytesIO()
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    pending = file.read(STEP_BYTES)
    while pending and not unpacking.eof:
        unpacked.write(unpacking.decompress(pending, STEP_BYTES))
        if unpacked.tell() > most:
            raise too_large(most, at_least=True)
        pending = unpacking.unconsumed_tail or file.read(STEP_BYTES)
    if not unpacking.eof:
        raise zlib.error("incomplete stream")
    unpacked.seek(0)
    return unpacked
