"""A painted sheet as a PNG of at most 256 colours.

Pictures are written as steps of their scales, so that they stay exact; marks are painted over
them, and the colours of their edges become the nearest ones that are there. A sheet is painted in
bands, since in colours it takes four times the memory of its steps.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from shortaxis.geometry.arrays import FloatArray
from shortaxis.workflow.drawing.box import Box
from shortaxis.workflow.drawing.colour_scale import rgb_of
from shortaxis.workflow.drawing.lettering import letters, line_ends
from shortaxis.workflow.drawing.marks import Line, Mark, Rim, Shape, Words
from shortaxis.workflow.drawing.painted_sheet import PaintedSheet
from shortaxis.workflow.drawing.palette import ROWS_AT_ONCE, Palette, palette_of
from shortaxis.workflow.drawing.png_rows import png_of_pixels

__all__ = ["painted_png"]

FINER = 4
"""Lines are drawn this much larger and made smaller again, which smooths their edges."""

PLATE_PX = 3
"""By how much a plate is larger than its words."""

BAND_PX = 6 * ROWS_AT_ONCE
"""Rows that are painted at once at most; a mark that two bands share is painted into either."""

BEYOND_PX = 8
"""More than rims, plates and hanging letters stand out of what they belong to."""

COMPRESSION = 2
"""With `PACKED_AS` all levels are the same."""

PACKED_AS = zlib.Z_RLE
"""Repeated bytes alone are looked for: a sheet of counts has hardly anything else that repeats. It
takes three quarters of the time of level 2 without it, and the file is a twentieth smaller."""


@dataclass(frozen=True, eq=False)
class _Band:
    """Rows of the sheet from `top` on, in colours."""

    image: Image.Image
    top: int

    def shows(self, rows: tuple[float, float]) -> bool:
        """Whether it has any of these rows of the sheet."""
        first, last = rows
        return first - BEYOND_PX < self.top + self.image.height and last + BEYOND_PX > self.top

    def place(self, left: int, top: int) -> tuple[int, int]:
        """A place of the sheet, right and down, on the band."""
        return left, top - self.top


def painted_png(sheet: PaintedSheet) -> bytes:
    """The sheet as PNG."""
    palette = palette_of(sheet)
    steps = _pictures(sheet, palette)
    marks = [(mark, _rows_of(mark)) for mark in sheet.marks()]
    for top, bottom in pairwise(_band_edges(sheet.height, [rows for _, rows in marks])):
        own = steps[top:bottom]
        band = _Band(palette.shown(own), top)
        for mark, rows in marks:
            if band.shows(rows):
                _paint(band, mark)
        own[:] = palette.nearest(own, band.image)
    return png_of_pixels(steps, palette.colours[:, :3], level=COMPRESSION, strategy=PACKED_AS)


def _band_edges(height: int, marked: Sequence[tuple[float, float]]) -> list[int]:
    """Where bands end, from 0 to `height`: where the fewest marks are."""
    crossed = np.zeros(height + 1, dtype=np.intp)
    for first, last in marked:
        crossed[max(math.floor(first) - BEYOND_PX, 0) : math.ceil(last) + BEYOND_PX] += 1
    edges = [0]
    while edges[-1] + BAND_PX < height:
        most = edges[-1] + BAND_PX
        backwards = crossed[most : most - BAND_PX // 2 : -1]
        edges.append(most - int(backwards.argmin()))
    return [*edges, height]


def _rows_of(mark: Mark) -> tuple[float, float]:
    """First and last row that a mark is meant for, without its rim."""
    if isinstance(mark, Words):
        return mark.box.top, mark.box.bottom
    return float(mark.points[:, 1].min()), float(mark.points[:, 1].max())


def _pictures(sheet: PaintedSheet, palette: Palette) -> NDArray[np.uint8]:
    """Steps ``(row, column)`` of the palette where pictures, fills and paper are."""
    steps = np.full((sheet.height, sheet.width), palette.paper, dtype=np.uint8)
    for fill in sheet.fills:
        steps[_pixels(fill.box)] = palette.of(fill.colour)
    for panel in sheet.panels:
        for picture in panel.pictures:
            first = palette.first_of(picture.scale)
            own = picture.scale.steps_of(picture.values, picture.highest)
            steps[_pixels(picture.box)] = own + first
    return steps


def _pixels(box: Box) -> tuple[slice, slice]:
    rows = slice(round(box.top), round(box.bottom))
    return rows, slice(round(box.left), round(box.right))


def _paint(band: _Band, mark: Mark) -> None:
    if isinstance(mark, Words):
        _write(band, mark)
    elif isinstance(mark, Line):
        for colour, width_px in _strokes(mark.rim, mark.colour, mark.width_px):
            _stroke(band, mark, colour, width_px)
    else:
        _fill(band, mark)


def _strokes(rim: Rim | None, colour: str, width_px: float) -> list[tuple[str, float]]:
    return [*([(rim.colour, rim.width_px)] if rim else []), (colour, width_px)]


def _stroke(band: _Band, line: Line, colour: str, width_px: float) -> None:
    mask, place = _finer_mask(line.points, width_px)
    drawing = ImageDraw.Draw(mask)
    points = _on_mask(line.points, place)
    drawing.line(points, fill=255, width=max(1, round(width_px * FINER)), joint="curve")
    _lay(band, mask, place, colour, line.opacity, line.clip)


def _fill(band: _Band, shape: Shape) -> None:
    rim_px = shape.rim.width_px if shape.rim else 0.0
    mask, place = _finer_mask(shape.points, rim_px)
    points = _on_mask(shape.points, place)
    if shape.rim:
        edge = ImageDraw.Draw(mask)
        closed = [*points, *points[:4]]
        edge.line(closed, fill=255, width=round(rim_px * FINER), joint="curve")
        edge.polygon(points, fill=255)
        _lay(band, mask, place, shape.rim.colour)
        mask = Image.new("L", mask.size)
    ImageDraw.Draw(mask).polygon(points, fill=255)
    _lay(band, mask, place, shape.colour)


def _finer_mask(points: FloatArray, width_px: float) -> tuple[Image.Image, tuple[int, int]]:
    """An empty mask of whole pixels around points, and where its corner lies."""
    margin = math.ceil(width_px) + 1
    low = np.floor(points.min(axis=0)).astype(int) - margin
    high = np.ceil(points.max(axis=0)).astype(int) + margin
    width, height = ((high - low) * FINER).tolist()
    return Image.new("L", (width, height)), (int(low[0]), int(low[1]))


def _on_mask(points: FloatArray, place: tuple[int, int]) -> list[float]:
    """Right and down of one point after the other, as Pillow takes them."""
    # Pillow puts the centre of a pixel at its number, a sheet its corner.
    on_mask: list[float] = ((points - place) * FINER - 0.5).ravel().tolist()
    return on_mask


def _lay(
    band: _Band,
    mask: Image.Image,
    place: tuple[int, int],
    colour: str,
    opacity: float = 1.0,
    clip: Box | None = None,
) -> None:
    """Lay a colour over the sheet where a mask says so."""
    smooth = mask.reduce(FINER)
    if opacity < 1:
        smooth = smooth.point(lambda part: part * opacity)
    if clip is not None:
        rows, columns = _pixels(clip)
        left, top = max(place[0], columns.start), max(place[1], rows.start)
        right = min(place[0] + smooth.width, columns.stop)
        bottom = min(place[1] + smooth.height, rows.stop)
        if right <= left or bottom <= top:
            return
        smooth = smooth.crop((left - place[0], top - place[1], right - place[0], bottom - place[1]))
        place = (left, top)
    band.image.paste(rgb_of(colour), band.place(*place), smooth)


def _write(band: _Band, words: Words) -> None:
    box, font = words.box, letters(words.size_px, words.bold)
    if words.ground:
        left, top, right, bottom = font.getbbox(words.text, anchor="ls")
        middle = (box.left + box.right) / 2, _baseline(words) + (top + bottom) / 2 - band.top
        half = (right - left) / 2 + PLATE_PX, (bottom - top) / 2 + PLATE_PX
        plate = [middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1]]
        ImageDraw.Draw(band.image).rounded_rectangle(plate, PLATE_PX, fill=words.ground)
    if words.turn:
        _write_turned(band, words)
        return
    _letter(band.image, words, band.place(round(box.left), _baseline(words)))


def _baseline(words: Words) -> int:
    """Where the line that letters stand on lies, in pixels down of the words' place."""
    top, _ = line_ends(words.size_px, words.bold)
    return round(words.box.top - top)


def _letter(picture: Image.Image, words: Words, place: tuple[int, int]) -> None:
    drawing, font = ImageDraw.Draw(picture), letters(words.size_px, words.bold)
    if words.rim:
        drawing.text(
            place,
            words.text,
            fill=words.colour,
            font=font,
            anchor="ls",
            stroke_width=words.rim.width_px / 2,
            stroke_fill=words.rim.colour,
        )
        return
    drawing.text(place, words.text, fill=words.colour, font=font, anchor="ls")


def _write_turned(band: _Band, words: Words) -> None:
    """Write words upwards or downwards: the pixels around them are turned, and back again."""
    box, margin = words.box, math.ceil(words.rim.width_px if words.rim else 1)
    left, top = band.place(math.floor(box.left) - margin, math.floor(box.top) - margin)
    right, bottom = band.place(math.ceil(box.right) + margin, math.ceil(box.bottom) + margin)
    turns: Sequence[Image.Transpose] = (Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_90)
    there, back = turns if words.turn == 90 else turns[::-1]
    upright = band.image.crop((left, top, right, bottom)).transpose(there)
    flat = Words((0, 0), words.text, words.size_px, words.colour, words.bold, rim=words.rim)
    over = (upright.width - flat.box.width) / 2, (upright.height - flat.box.height) / 2
    _letter(upright, flat, (round(over[0]), round(over[1]) + _baseline(flat)))
    band.image.paste(upright.transpose(back), (left, top))
