"""The colours of a painted sheet: steps of its scales, its inks, and mixtures of inks and paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shortaxis.workflow.drawing.colour_scale import ColourScale, rgb_of
from shortaxis.workflow.drawing.inks import PAPER
from shortaxis.workflow.drawing.marks import Words
from shortaxis.workflow.drawing.painted_sheet import PaintedSheet

__all__ = ["ROWS_AT_ONCE", "Palette", "palette_of"]

MOST = 256
ROWS_AT_ONCE = 50
"""In four bytes a pixel."""

KINDS_AT_ONCE = 256
"""Colours that are compared with all steps at once."""

MIXTURES = (0.2, 0.4, 0.6, 0.8)
"""Parts of ink at the edges of letters on paper."""


@dataclass(frozen=True, eq=False)
class Palette:
    """Colours ``(step, 4)``: red, green, blue, opaque; and at which step each kind begins."""

    colours: NDArray[np.uint8]
    scales: Mapping[ColourScale, int]
    inks: Mapping[str, int]

    @property
    def paper(self) -> int:
        """The step of the empty sheet."""
        return self.inks[PAPER]

    def of(self, ink: str) -> int:
        """The step of an ink."""
        return self.inks[ink]

    def first_of(self, scale: ColourScale) -> int:
        """Where a scale begins."""
        return self.scales[scale]

    def shown(self, steps: NDArray[np.uint8]) -> Image.Image:
        """A picture of steps ``(row, column)`` to paint on."""
        height, width = steps.shape
        picture = Image.new("RGBA", (width, height))
        for rows in _bands(height):
            band = self._packed.take(steps[rows])
            shown = Image.frombuffer("RGBA", (width, len(band)), band, "raw", "RGBA", 0, 1)
            picture.paste(shown, (0, rows.start))
        return picture

    def nearest(self, steps: NDArray[np.uint8], painted: Image.Image) -> NDArray[np.uint8]:
        """The steps again, with the nearest ones where other colours have been painted."""
        result, changed, found = steps.copy(), [], []
        for rows in _bands(painted.height):
            content = painted.crop((0, rows.start, painted.width, rows.stop)).tobytes()
            packed = np.frombuffer(content, dtype=np.uint32).reshape(-1, painted.width)
            changed.append(packed != self._packed.take(steps[rows]))
            found.append(packed[changed[-1]])
        result[np.concatenate(changed)] = self._nearest_of(np.concatenate(found))
        return result

    def _nearest_of(self, packed: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """The nearest step of every colour."""
        # Two bits less of each: a tenth of the mixtures, which nobody tells apart.
        parts = (packed >> shift & 0x3F for shift in (2, 10, 18))
        kind = sum(part << 6 * place for place, part in enumerate(parts))
        is_there = np.zeros(1 << 18, dtype=bool)
        is_there[kind] = True
        kinds = np.flatnonzero(is_there)
        mixed = np.stack([(kinds >> 6 * place & 0x3F) * 4 + 2 for place in range(3)], axis=-1)
        known = self.colours[:, :3].astype(np.float32)
        lengths, twice = (known**2).sum(axis=1), 2 * mixed.astype(np.float32)
        steps = np.zeros(len(is_there), dtype=np.uint8)
        for first in range(0, len(kinds), KINDS_AT_ONCE):
            some = slice(first, first + KINDS_AT_ONCE)
            # |a - b|^2 without |a|^2, which is the same for all steps.
            steps[kinds[some]] = np.argmin(lengths - twice[some] @ known.T, axis=1)
        nearest: NDArray[np.uint8] = steps[kind]
        return nearest

    @property
    def _packed(self) -> NDArray[np.uint32]:
        """A number a colour."""
        packed: NDArray[np.uint32] = np.ascontiguousarray(self.colours).view(np.uint32).ravel()
        return packed


def _bands(height: int) -> Iterator[slice]:
    """Rows that are worked on at once."""
    for top in range(0, height, ROWS_AT_ONCE):
        yield slice(top, min(top + ROWS_AT_ONCE, height))


def palette_of(sheet: PaintedSheet) -> Palette:
    """All colours of a sheet, and as many mixtures as there is room for."""
    pictures = [picture for panel in sheet.panels for picture in panel.pictures]
    scales = dict.fromkeys(picture.scale for picture in pictures)
    rows: list[NDArray[np.uint8]] = []
    begins: dict[ColourScale, int] = {}
    for scale in scales:
        begins[scale] = sum(map(len, rows))
        rows.append(scale.colours())
    first = sum(map(len, rows))
    inks = _inks(sheet)
    solid = np.array([rgb_of(ink) for ink in inks], dtype=np.float64)
    mixtures = [part * solid + (1 - part) * 255 for part in MIXTURES]
    rows.append(np.rint(np.vstack([solid, *mixtures])).astype(np.uint8))
    colours = np.vstack(rows)[:MOST]
    opaque = np.full((len(colours), 1), 255, dtype=np.uint8)
    steps = {ink: first + number for number, ink in enumerate(inks)}
    return Palette(np.hstack([colours, opaque]), begins, steps)


def _inks(sheet: PaintedSheet) -> list[str]:
    """Every colour of a mark, once, those of words first."""
    used = [PAPER, *(fill.colour for fill in sheet.fills)]
    marks = sorted(sheet.marks(), key=lambda mark: not isinstance(mark, Words))
    for mark in marks:
        used += [mark.colour, *([mark.rim.colour] if mark.rim else [])]
        used += [mark.ground] if isinstance(mark, Words) and mark.ground else []
    return list(dict.fromkeys(used))
