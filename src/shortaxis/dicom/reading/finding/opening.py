"""What the first kilobytes of a file say of it, read without building its data set.

A folder holds thousands of objects that are no exam of the heart. Each is told by its class, which
stands at its beginning, twice: in the file meta information and in the data set.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shortaxis.files.inputs.special_files import special_kind

__all__ = ["Opening", "opening_of"]

FIRST_BYTES = 1 << 14
PREFIX_END = 132

CLASS_IN_META, SYNTAX = 0x00020002, 0x00020010
CLASS, SERIES, FRAMES, ROWS = 0x00080016, 0x0020000E, 0x00280008, 0x00280010

IMPLICIT, EXPLICIT = b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1"
COMPRESSED = b"1.2.840.10008.1.2.4."
RLE = b"1.2.840.10008.1.2.5"
"""Transfer syntaxes whose elements are little endian and not deflated (PS3.5 A)."""

LONG_LENGTHS = frozenset(
    (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
)
"""Value representations with a length of four bytes (PS3.5 7.1.2)."""

UNDEFINED = 0xFFFFFFFF
ITEM_GROUP = 0xFFFE
SEQUENCE_END = b"\xfe\xff\xdd\xe0\0\0\0\0"


@dataclass(frozen=True)
class Opening:
    """Class, series and number of frames as they are written; empty where nothing is."""

    sop_class: str
    series_uid: str
    frames: str


def opening_of(path: Path) -> Opening | None:
    """What a file says at its beginning; None wherever anything is unusual.

    Whoever gets None reads the file as a whole. The class is given only where the file meta
    information and the data set have the same one.
    """
    if special_kind(path):
        return None
    try:
        with path.open("rb", buffering=0) as file:
            start = file.read(FIRST_BYTES)
        return _opening(start)
    except (OSError, ValueError, struct.error, UnicodeDecodeError):
        return None


def _opening(start: bytes) -> Opening | None:
    if start[128:PREFIX_END] != b"DICM":
        return None
    meta, at = _elements(start, PREFIX_END, (CLASS_IN_META, SYNTAX), explicit=True, last=0x0002FFFF)
    syntax = meta.get(SYNTAX, b"").rstrip(b"\0 ")
    if syntax != IMPLICIT and not (syntax in (EXPLICIT, RLE) or syntax.startswith(COMPRESSED)):
        return None
    wanted = (CLASS, SERIES, FRAMES)
    found, _ = _elements(start, at, wanted, explicit=syntax != IMPLICIT, last=FRAMES)
    sop_class, series_uid, frames = (_text(found.get(tag, b"")) for tag in wanted)
    if not sop_class or sop_class != _text(meta.get(CLASS_IN_META, b"")):
        return None
    return Opening(sop_class, series_uid, frames)


def _text(value: bytes) -> str:
    return value.decode("ascii").rstrip("\0 ").lstrip()


def _elements(
    content: bytes, at: int, wanted: tuple[int, ...], *, explicit: bool, last: int
) -> tuple[dict[int, bytes], int]:
    """Values of some elements up to a tag, and where the next one begins.

    Raises
    ------
    ValueError, struct.error
        If they are not in order, or do not end in what was read.
    """
    found: dict[int, bytes] = {}
    for tag, value, end in _walked(content, at, explicit=explicit):
        if tag > last:
            return found, at
        at = end
        if tag in wanted:
            found[tag] = value
    raise ValueError("the file goes on")


def _walked(content: bytes, at: int, *, explicit: bool) -> Iterator[tuple[int, bytes, int]]:
    """Tag, value and end of one element after the other."""
    before = 0
    while at < len(content):
        group, number = struct.unpack_from("<HH", content, at)
        tag = group << 16 | number
        if tag <= before or group == ITEM_GROUP:
            raise ValueError("elements out of order")
        before = tag
        start, length = _value(content, at + 4, explicit=explicit)
        if length == UNDEFINED:
            end = content.index(SEQUENCE_END, start) + len(SEQUENCE_END)
        else:
            end = start + length
        yield tag, content[start:end], end
        at = end


def _value(content: bytes, at: int, *, explicit: bool) -> tuple[int, int]:
    """Where a value begins, and how many bytes it has."""
    if not explicit:
        return at + 4, struct.unpack_from("<I", content, at)[0]
    if content[at : at + 2] in LONG_LENGTHS:
        return at + 8, struct.unpack_from("<I", content, at + 4)[0]
    return at + 4, struct.unpack_from("<H", content, at + 2)[0]
