"""Counts on their way to the page: as 16-bit steps, packed, or as they lie in memory.

A voxel is much like those before it in its row, its column and its slice, so what is sent are
differences. How large one is can be told by those beside it: small ones are bytes, which pack well;
of larger ones the last four or eight bits are noise and stand by themselves. ``packed_counts.js``
of the page turns them back.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.arrays import CountsArray

__all__ = ["SentCounts", "as_floats", "as_steps"]

STEPS = 65_535
"""Between the lowest and the highest count, where they are no multiples of one number."""

LOOKED_AT = 1 << 16
"""Voxels by which it is judged whether counts are multiples of one number, and of which."""

NEAREST_ZERO = 512
"""Of them, in which floats tell neighbours apart best."""

ROUNDING = 2.0**-21
"""By which counts may stray from such multiples, of the highest: a few roundings of float32."""

SMALL, LARGE = 250, 4000
"""Sums of the three numbers before a voxel, from which on its last four bits, and its last eight,
are sent apart."""

LAST_BITS = np.array([0, 4, 8], dtype=np.uint8)

BEYOND = 255
"""Stands for a number whose first bits do not fit into a byte; it is sent apart as a whole."""

TRIED = (0, 2, 3)
"""Axes along which differences are taken, from the last one on."""

TRIED_SLICES = 4

Steps = NDArray[np.uint16]


@dataclass(frozen=True)
class SentCounts:
    """A body, and the headers that tell how to read it."""

    body: bytes
    headers: dict[str, str]


def as_floats(counts: CountsArray) -> SentCounts:
    """As float32, little endian."""
    return SentCounts(np.ascontiguousarray(counts, dtype="<f4").tobytes(), {})


def as_steps(counts: CountsArray) -> SentCounts:
    """As unsigned steps of 16 bits from the lowest count on, packed.

    Multiples of one number, as counts are that were stored with a Rescale Slope, stay what they
    are; others are off by half a step at most, a hundredth of a thousandth of the highest.

    Headers, all of them ``X-Counts-``: ``Lowest`` and ``Step`` lead back to counts, ``Shape`` are
    slices, rows and columns, ``Differences`` along how many axes differences were taken, from the
    last one on, each to the voxel before (0 before the first), modulo 65536. They are numbered 0,
    -1, 1, -2 ... Of each number the three kinds of `SMALL` and `LARGE` leave out the last 0, 4 or 8
    bits, and what remains, or `BEYOND`, is a byte. The body, deflated, holds these bytes, kind
    after kind (``Parts`` says how many of each), then the bits left out, two times four in a byte,
    the first one low, then those of eight, and the numbers that `BEYOND` stands for: low bytes,
    then high ones.
    """
    lowest, step = _lowest_and_step(counts)
    axes = _best_axes(counts, lowest, step)
    packing = _Packing()
    before: Steps | None = None
    flat_before: Steps | None = None
    # A slice at a time: in double precision a whole body is large.
    for frame in counts:
        flat = _flat_differences(_steps_of(frame, lowest, step), axes)
        across = flat if axes < 3 or flat_before is None else flat - flat_before
        flat_before = flat
        coded = _numbered(across)
        packing.add(coded, before)
        before = coded
    slices, rows, columns = counts.shape
    return SentCounts(
        packing.deflated(),
        {
            "Content-Encoding": "deflate",
            "X-Counts-Lowest": repr(lowest),
            "X-Counts-Step": repr(step),
            "X-Counts-Shape": f"{slices},{rows},{columns}",
            "X-Counts-Differences": f"{axes}",
            "X-Counts-Parts": ",".join(map(str, packing.sizes)),
        },
    )


@dataclass(frozen=True)
class _Packing:
    """Bytes of the three kinds, bits left out, and numbers beyond, so far."""

    coarse: tuple[list[Steps], list[Steps], list[Steps]] = field(
        default_factory=lambda: ([], [], [])
    )
    half_bytes: list[Steps] = field(default_factory=list)
    whole_bytes: list[Steps] = field(default_factory=list)
    beyond: list[Steps] = field(default_factory=list)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many voxels there are of each kind."""
        return tuple(sum(map(len, each)) for each in self.coarse)

    def add(self, coded: Steps, before: Steps | None) -> None:
        """Add the numbers ``(row, column)`` of a slice; `before` are those of the one before."""
        around = np.zeros(coded.shape, dtype=np.uint32)
        around[:, 1:] += coded[:, :-1]
        around[1:] += coded[:-1]
        if before is not None:
            around += before
        kind = (around >= SMALL).astype(np.uint8)
        kind += around >= LARGE
        first = coded >> LAST_BITS[kind]
        is_beyond = first >= BEYOND
        self.beyond.append(coded[is_beyond])
        first = np.minimum(first, BEYOND).astype(np.uint8)
        for number, each in enumerate(self.coarse):
            each.append(first[kind == number])
        self.half_bytes.append((coded[kind == 1] & 0xF).astype(np.uint8))
        self.whole_bytes.append((coded[kind == 2] & 0xFF).astype(np.uint8))

    def deflated(self) -> bytes:
        """All of it."""
        half = np.concatenate([*self.half_bytes, np.zeros(self.sizes[1] % 2, dtype=np.uint8)])
        beyond = np.concatenate(self.beyond)
        parts = [
            *(each for kind in self.coarse for each in kind),
            half[::2] | half[1::2] << 4,
            *self.whole_bytes,
            (beyond & 0xFF).astype(np.uint8),
            (beyond >> 8).astype(np.uint8),
        ]
        # Nothing but runs repeats here; whoever looks for more takes longer and finds less.
        packing = zlib.compressobj(strategy=zlib.Z_RLE)
        return b"".join([*(packing.compress(each.tobytes()) for each in parts), packing.flush()])


def _lowest_and_step(counts: CountsArray) -> tuple[float, float]:
    lowest, highest = float(counts.min()), float(counts.max())
    width = highest - lowest
    if width <= STEPS and all(bool((frame == np.round(frame)).all()) for frame in counts):
        return lowest, 1.0
    steps = _stored_steps(counts, width)
    if 0 < steps <= STEPS:
        step, most = width / steps, ROUNDING * max(abs(lowest), abs(highest))
        if all(_are_multiples(frame, lowest, step, most) for frame in counts):
            return lowest, step
    return lowest, max(width / STEPS, float(np.finfo(np.float32).tiny))


def _stored_steps(counts: CountsArray, width: float) -> int:
    """How many steps there are by the least difference that a part of the counts shows."""
    some = np.unique(counts.reshape(-1)[:: max(counts.size // LOOKED_AT, 1)]).astype(np.float64)
    nearest = np.sort(some[np.argsort(np.abs(some))[:NEAREST_ZERO]])
    least = float(np.diff(nearest).min(initial=np.inf))
    if not width / STEPS / 2 < least < np.inf:
        return 0
    # Differences of single floats are rounded; that of many steps is not, in parts of one.
    span = float(nearest[-1] - nearest[0])
    return round(width * round(span / least) / span)


def _are_multiples(frame: CountsArray, lowest: float, step: float, most: float) -> bool:
    from_lowest = frame.astype(np.float64) - lowest
    return bool((np.abs(np.rint(from_lowest / step) * step - from_lowest) <= most).all())


def _best_axes(counts: CountsArray, lowest: float, step: float) -> int:
    """Along how many axes differences leave the fewest bits, in the middle of the volume."""
    first = max((len(counts) - TRIED_SLICES) // 2, 0)
    some = _steps_of(counts[first : first + TRIED_SLICES], lowest, step)
    bits = []
    for axes in TRIED:
        flat = _flat_differences(some, axes)
        across = np.diff(flat, axis=0) if axes == 3 and len(flat) > 1 else flat[1:]
        bits.append(float(np.log2(1.0 + _numbered(across)).mean()) if across.size else 0.0)
    return TRIED[int(np.argmin(bits))]


def _steps_of(counts: CountsArray, lowest: float, step: float) -> Steps:
    return np.rint((counts.astype(np.float64) - lowest) / step).astype(np.uint16)


def _flat_differences(steps: Steps, axes: int) -> Steps:
    """Along columns and rows, of one or more slices, unless none are to be taken."""
    if axes == 0:
        return steps
    along = np.diff(steps, axis=-1, prepend=np.uint16(0))
    return np.diff(along, axis=-2, prepend=np.uint16(0))


def _numbered(differences: Steps) -> Steps:
    """Numbers of 0, -1, 1, -2 ..."""
    signed = differences.view(np.int16)
    return ((signed << 1) ^ (signed >> 15)).view(np.uint16)
