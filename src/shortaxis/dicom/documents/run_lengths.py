"""RLE Lossless of one frame of bytes (PS3.5 Annex G), by arrays instead of byte by byte.

Every reader of DICOM images has a decoder of it. A row is encoded by itself: runs of one value as a
count and the value, all else as it is.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

__all__ = ["rle_frame"]

LONGEST = 128
"""Bytes that one count stands for, at most (G.3.1)."""

SHORTEST_RUN = 3
"""A shorter one may cost more than its bytes as they are."""

SEGMENTS = 15
"""Of which the header of a frame has room for the places (G.5)."""

Bytes = NDArray[np.uint8]


def rle_frame(planes: Bytes) -> bytes:
    """One frame from its planes ``(plane, row, column)``, such as red, green and blue.

    Returns
    -------
    bytes
        Header and one segment a plane, each of an even length.
    """
    segments = [_segment(plane) for plane in planes]
    ends = np.cumsum([64, *map(len, segments)])
    places = [*ends[:-1].tolist(), *[0] * (SEGMENTS - len(segments))]
    return struct.pack("<16I", len(segments), *places) + b"".join(segments)


def _segment(plane: Bytes) -> bytes:
    """A plane ``(row, column)``, row after row."""
    starts, lengths = _pieces(plane)
    flat = plane.ravel()
    is_run = lengths >= SHORTEST_RUN
    # What is no run: bytes one by one, in groups that end with a row, a run or at their longest.
    at = np.flatnonzero(np.repeat(~is_run, lengths))
    opens = np.ones(len(at), dtype=bool)
    opens[1:] = (np.diff(at) > 1) | (np.diff(at // plane.shape[1]) > 0)
    opens |= _place_in_group(opens) % LONGEST == 0
    group = np.flatnonzero(opens)
    sizes = np.diff(np.append(group, len(at)))
    # How many bytes each input byte becomes: two for a run, one more where a group begins.
    written = np.zeros(flat.size, dtype=np.int64)
    written[starts[is_run]] = 2
    written[at] = 1
    written[at[group]] += 1
    ends = np.cumsum(written)
    out = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    first = ends - written
    runs = first[starts[is_run]]
    out[runs] = 257 - lengths[is_run]
    out[runs + 1] = flat[starts[is_run]]
    out[first[at[group]]] = sizes - 1
    out[ends[at] - 1] = flat[at]
    content = out.tobytes()
    return content + bytes(len(content) % 2)


def _pieces(plane: Bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where equal bytes begin, and how many there are: within a row, and no more than fit."""
    begins = np.ones(plane.shape, dtype=bool)
    begins[:, 1:] = plane[:, 1:] != plane[:, :-1]
    flat = begins.ravel()
    flat |= _place_in_group(flat) % LONGEST == 0
    starts = np.flatnonzero(flat)
    return starts, np.diff(np.append(starts, flat.size))


def _place_in_group(opens: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many places each one is behind the last that opens a group."""
    places = np.arange(opens.size)
    return places - np.maximum.accumulate(np.where(opens, places, 0))
