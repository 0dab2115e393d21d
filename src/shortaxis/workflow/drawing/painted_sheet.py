"""A sheet of marks: words beside panels, and panels with pictures and what is marked on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.workflow.drawing.box import Box
from shortaxis.workflow.drawing.colour_scale import ColourScale
from shortaxis.workflow.drawing.lettering import drawable
from shortaxis.workflow.drawing.marks import Anchor, Fill, Line, Mark, Picture, Rim, Shape, Words

__all__ = ["HEIGHT", "WIDTH", "LineStyle", "PaintedSheet", "Panel", "WordsStyle"]

WIDTH, HEIGHT = 1600, 1200


class WordsStyle(TypedDict, total=False):
    """How words are written, as `Words` takes it."""

    colour: str
    bold: bool
    anchor: Anchor
    turn: int
    rim: Rim
    ground: str
    name: str


class LineStyle(TypedDict, total=False):
    """How a line is drawn, as `Line` takes it."""

    rim: Rim
    opacity: float
    name: str
    clip: Box


@dataclass(frozen=True, eq=False)
class Panel:
    """A part of the sheet with units of its own.

    Parameters
    ----------
    box : Box
        Where it lies.
    label : str
        Its name.
    origin : (float, float)
        Where its zero lies, in pixels right and down of the box's corner.
    unit_px : float
        How many pixels a unit has.
    """

    box: Box
    label: str
    origin: tuple[float, float] = (0.0, 0.0)
    unit_px: float = 1.0
    pictures: list[Picture] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def on_sheet(self, points: ArrayLike) -> FloatArray:
        """Points ``(..., 2)`` of the panel, in pixels of the sheet."""
        corner = np.array([self.box.left, self.box.top])
        return corner + self.origin + np.asarray(points, dtype=np.float64) * self.unit_px

    def on_panel(self, points: ArrayLike) -> FloatArray:
        """Points ``(..., 2)`` of the sheet, in units of the panel."""
        corner = np.array([self.box.left, self.box.top])
        offsets: FloatArray = np.asarray(points, dtype=np.float64) - corner - self.origin
        return offsets / self.unit_px

    def picture(
        self, values: CountsArray, scale: ColourScale, top: float = 0.0, highest: float = 1.0
    ) -> None:
        """Show values, one a pixel, from `top` pixels below the upper left corner on."""
        rows, columns = values.shape
        box = Box(self.box.left, self.box.top + top, columns, rows)
        self.pictures.append(Picture(box, values, scale, highest))

    def line(
        self, points: ArrayLike, colour: str, width_px: float, **style: Unpack[LineStyle]
    ) -> None:
        """Draw a line through points in units of the panel."""
        self.marks.append(Line(self.on_sheet(points), colour, width_px, **style))

    def shape(self, shape: Shape) -> None:
        """Fill the inside of a closed line, which is given in pixels of the sheet."""
        self.marks.append(shape)

    def text(
        self, place: ArrayLike, words: str, size_px: float, **style: Unpack[WordsStyle]
    ) -> None:
        """Write words at a place in units of the panel."""
        left, top = self.on_sheet(place).tolist()
        self.marks.append(Words((left, top), drawable(words), size_px, **style))

    def words(self) -> list[Words]:
        """What is written on it."""
        return [mark for mark in self.marks if isinstance(mark, Words)]

    def named(self, name: str) -> list[Mark]:
        """The marks of a name."""
        return [mark for mark in self.marks if mark.name == name]


@dataclass(frozen=True, eq=False)
class PaintedSheet:
    """Panels, and what stands beside them, in pixels, y down."""

    width: int = WIDTH
    height: int = HEIGHT
    panels: list[Panel] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)

    def panel(self, box: Box, label: str, half_width: float | None = None) -> Panel:
        """A panel that fills `box`, in pixels, or in units: `half_width` to each side."""
        if half_width is None:
            panel = Panel(box, label)
        else:
            unit_px = box.width / (2 * half_width)
            panel = Panel(box, label, (box.width / 2, box.height / 2), unit_px)
        self.panels.append(panel)
        return panel

    def text(
        self, place: tuple[float, float], words: str, size_px: float, **style: Unpack[WordsStyle]
    ) -> None:
        """Write words beside the panels."""
        self.words.append(Words(place, drawable(words), size_px, **style))

    def fill(self, box: Box, colour: str) -> None:
        """Fill a rectangle below everything else."""
        self.fills.append(Fill(box, colour))

    def panel_of(self, label: str) -> Panel:
        """The panel of a name."""
        (found,) = [panel for panel in self.panels if panel.label == label]
        return found

    def marks(self) -> Iterator[Mark]:
        """Everything but pictures and fills, in the order in which it is painted."""
        for panel in self.panels:
            yield from panel.marks
        yield from self.words
