"""Fields of protocol buffer messages, as ONNX files hold them.

An ONNX file is one message; its own library is large, and a graph is changed here in few places.
See "Encoding" of the protocol buffers' documentation: each field is a tag, the number times eight
and the kind of its value, and the value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["Field", "message", "numbers_of", "read_fields", "varint"]

VARINT, EIGHT_BYTES, MESSAGE, FOUR_BYTES = 0, 1, 2, 5
"""Kinds of values; a message is also text, bytes, or numbers one after the other."""

FIXED_BYTES = {EIGHT_BYTES: 8, FOUR_BYTES: 4}


class Field(NamedTuple):
    """A field: its number, the whole number or the bytes that it holds, and all of it as stored."""

    number: int
    value: int | memoryview
    stored: memoryview

    @property
    def content(self) -> memoryview:
        """Bytes of a field that holds bytes.

        Raises
        ------
        ValueError
            If it holds a number.
        """
        if isinstance(self.value, int):
            raise ValueError(f"field {self.number} holds a number")
        return self.value

    @property
    def text(self) -> str:
        """Text of a field that holds bytes."""
        return bytes(self.content).decode("utf-8")


def read_fields(content: bytes | memoryview) -> Iterator[Field]:
    """Fields of a message, in order.

    Raises
    ------
    ValueError
        If it is none.
    """
    view, at = memoryview(content), 0
    while at < len(view):
        begin = at
        tag, at = _read_varint(view, at)
        number, kind = tag >> 3, tag & 7
        value: int | memoryview
        if kind == VARINT:
            value, at = _read_varint(view, at)
        else:
            if kind == MESSAGE:
                length, at = _read_varint(view, at)
            else:
                length = FIXED_BYTES.get(kind, -1)
            if length < 0 or at + length > len(view):
                raise ValueError("no message of a protocol buffer")
            value, at = view[at : at + length], at + length
        yield Field(number, value, view[begin:at])


def numbers_of(field: Field) -> list[int]:
    """Whole numbers of a repeated field, which holds one or, packed, several."""
    if isinstance(field.value, int):
        return [field.value]
    found, at = [], 0
    while at < len(field.value):
        number, at = _read_varint(field.value, at)
        found.append(number)
    return found


def message(number: int, content: bytes | memoryview | str) -> bytes:
    """A field that holds bytes, text or another message."""
    held = content.encode() if isinstance(content, str) else bytes(content)
    return _varint(number << 3 | MESSAGE) + _varint(len(held)) + held


def varint(number: int, values: int | Sequence[int]) -> bytes:
    """A field, or several of one number, that hold whole numbers."""
    of = [values] if isinstance(values, int) else values
    return b"".join(_varint(number << 3 | VARINT) + _varint(value) for value in of)


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; negative numbers as 64 bits."""
    left, parts = value & (1 << 64) - 1, bytearray()
    while left > 0x7F:
        parts.append(left & 0x7F | 0x80)
        left >>= 7
    parts.append(left)
    return bytes(parts)


def _read_varint(view: memoryview, at: int) -> tuple[int, int]:
    # Nearly all take one byte, and a graph has thousands.
    if at < len(view) and view[at] < 0x80:
        return view[at], at + 1
    value, shift = 0, 0
    while True:
        if at >= len(view) or shift > 63:
            raise ValueError("no message of a protocol buffer")
        byte = view[at]
        value, at, shift = value | (byte & 0x7F) << shift, at + 1, shift + 7
        if byte < 0x80:
            return value, at
