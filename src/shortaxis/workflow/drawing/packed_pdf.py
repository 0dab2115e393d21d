"""A PDF of matplotlib in fewer bytes: the same pages, pictures to the last bit, lines as seen.

Matplotlib writes every number with six decimals, which at 72 units an inch are those of an atom,
and the rows of pictures as they are, by numbers of colours in no order. Here outlines have two,
colours are numbered from dark to light, and rows say what they change of the one above, as in
`png_rows`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from shortaxis.workflow.drawing.png_rows import filtered_rows

__all__ = ["packed_pdf"]

PICTURE_LEVEL, OTHER_LEVEL = 7, 9
"""Of zlib. Of pictures, level 9 takes five times as long and saves 2 %."""

TABLE = re.compile(rb"xref\n0 (\d+)\n")

ENTRY = 20
"""Bytes of a place in the table of places (PDF 1.4, 3.4.3)."""

START = re.compile(rb"startxref\n(\d+)\n%%EOF\n?\Z")

STREAM = re.compile(
    rb"(?P<head>\d+ 0 obj\n<<.*?/Length (?P<length>\d+) 0 R.*?>>\nstream\n)", re.DOTALL
)

STREAM_END = b"\nendstream\nendobj\n"

PICTURE = re.compile(
    rb"/BitsPerComponent 8.*?/Predictor 1\d /Colors (\d) /Columns (\d+)", re.DOTALL
)

COLOURS = re.compile(rb"/Indexed /DeviceRGB \d+\s(?P<table>\((?:[^\\()]|\\.)*\))", re.DOTALL)

ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
"""After a backslash; everything else stands for itself (PDF 1.4, 3.2.3)."""

CONTENTS = re.compile(rb"/Contents (\d+) 0 R")

OUTLINE = re.compile(rb"^(?:-?\d+(?:\.\d+)? ){2,6}[mlcvy]$", re.MULTILINE)
"""A step of an outline on a line of its own; words are in brackets, where line ends are escaped."""

LONG_NUMBER = re.compile(rb"-?\d+\.\d{3,}")

AS_IT_IS = 0
"""Filter of a row of a picture."""


@dataclass(frozen=True)
class _Stream:
    """A stream of an object: what stands before it, its bytes, and the object of its length."""

    head: bytes
    packed: bytes
    length: int


def packed_pdf(content: bytes) -> bytes:
    """The same document; just as it is where it is laid out otherwise than matplotlib does.

    Parameters
    ----------
    content : bytes
        A PDF with one table of places, whose streams have their lengths in objects of their own.
    """
    found = _objects(content)
    if found is None:
        return content
    first, start, objects = found
    pages = {int(number) for body in objects.values() for number in CONTENTS.findall(body)}
    for number, body in list(objects.items()):
        stream = _stream_of(body, objects)
        if stream is None:
            continue
        smaller = _smaller(stream, is_page=number in pages)
        objects[number] = smaller.head + smaller.packed + STREAM_END
        objects[smaller.length] = b"%d 0 obj\n%d\nendobj\n" % (smaller.length, len(smaller.packed))
    return _written(content[:first], objects, content[start:])


def _objects(content: bytes) -> tuple[int, int, dict[int, bytes]] | None:
    """Where objects and the table of their places begin, and each object, as the file has them."""
    end = START.search(content)
    table = TABLE.match(content, int(end[1])) if end else None
    if table is None:
        return None
    count = int(table[1])
    lines = [content[table.end() + ENTRY * i :][:ENTRY] for i in range(count)]
    places = {number: int(line[:10]) for number, line in enumerate(lines) if line[17:18] == b"n"}
    if sorted(places) != [*range(1, count)]:
        return None
    order = sorted(places, key=places.__getitem__)
    ends = [*(places[number] for number in order[1:]), table.start()]
    objects = {
        number: content[places[number] : end_] for number, end_ in zip(order, ends, strict=True)
    }
    if not all(body.startswith(b"%d 0 obj\n" % number) for number, body in objects.items()):
        return None
    return places[order[0]], table.start(), objects


def _stream_of(body: bytes, objects: Mapping[int, bytes]) -> _Stream | None:
    """The stream of an object; None if it has none, or one that is no zlib stream."""
    match = STREAM.match(body)
    if match is None or b"/Filter /FlateDecode" not in match["head"]:
        return None
    length = int(match["length"])
    told = re.fullmatch(rb"\d+ 0 obj\n(\d+)\nendobj\n", objects.get(length, b""))
    if told is None or body[match.end() + int(told[1]) :] != STREAM_END:
        return None
    return _Stream(match["head"], body[match.end() :][: int(told[1])], length)


def _smaller(stream: _Stream, *, is_page: bool) -> _Stream:
    plain, level, changed = zlib.decompress(stream.packed), OTHER_LEVEL, stream
    picture = PICTURE.search(stream.head)
    if picture is not None:
        changed, plain = _by_changes(stream, plain, int(picture[1]), int(picture[2]))
        level = PICTURE_LEVEL
    elif is_page:
        plain = OUTLINE.sub(lambda line: LONG_NUMBER.sub(_shorter, line[0]), plain)
    packed = zlib.compress(plain, level)
    return replace(changed, packed=packed) if len(packed) < len(stream.packed) else stream


def _by_changes(stream: _Stream, plain: bytes, colours: int, columns: int) -> tuple[_Stream, bytes]:
    """A picture from dark to light, its rows with the filter of each; as it is if any has one."""
    rows = np.frombuffer(plain, dtype=np.uint8).reshape(-1, 1 + colours * columns)
    if (rows[:, 0] != AS_IT_IS).any():
        return stream, plain
    values, table = rows[:, 1:], COLOURS.search(stream.head)
    if table is not None:
        known = np.frombuffer(_unescaped(table["table"]), dtype=np.uint8).reshape(-1, 3)
        order = np.lexsort((*known.T, known.sum(axis=1)))
        values = np.argsort(order).astype(np.uint8)[values]
        start, end = table.span("table")
        sorted_ = _escaped(known[order].tobytes())
        stream = replace(stream, head=stream.head[:start] + sorted_ + stream.head[end:])
    return stream, filtered_rows(values, np.zeros_like(values[:1]), colours).tobytes()


def _unescaped(words: bytes) -> bytes:
    """The bytes of a string in brackets."""
    return re.sub(rb"\\(.)", lambda m: ESCAPED.get(m[1], m[1]), words[1:-1], flags=re.DOTALL)


def _escaped(content: bytes) -> bytes:
    """Bytes as a string in brackets; a bare line end could be read as another one."""
    marked = re.sub(rb"[\\()]", rb"\\\g<0>", content)
    for letter, byte in ESCAPED.items():
        marked = marked.replace(byte, b"\\" + letter)
    return b"(" + marked + b")"


def _shorter(number: re.Match[bytes]) -> bytes:
    short = b"%.2f" % float(number[0])
    return short.rstrip(b"0").rstrip(b".")


def _written(start: bytes, objects: Mapping[int, bytes], end: bytes) -> bytes:
    """The file again, with the new places of its objects."""
    places, parts, at = {0: b"0000000000 65535 f \n"}, [start], len(start)
    for number, body in objects.items():
        places[number] = b"%010d 00000 n \n" % at
        parts.append(body)
        at += len(body)
    table = b"".join(places[number] for number in sorted(places))
    trailer = end[end.index(b"trailer\n") :]
    trailer = START.sub(b"startxref\n%d\n%%%%EOF\n" % at, trailer)
    return b"".join([*parts, b"xref\n0 %d\n" % len(places), table, trailer])
