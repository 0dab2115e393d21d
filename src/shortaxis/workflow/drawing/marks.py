"""What stands on a painted sheet: pictures, lines, shapes and words, in pixels of the sheet.

A mark says what is drawn and where; `painting` makes the picture of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.workflow.drawing.box import Box
from shortaxis.workflow.drawing.colour_scale import ColourScale
from shortaxis.workflow.drawing.inks import INK
from shortaxis.workflow.drawing.lettering import line_ends, text_width_px

__all__ = ["Anchor", "Fill", "Line", "Mark", "Picture", "Rim", "Shape", "Words"]

Anchor = tuple[float, float]
"""Which point of the words stands at their place, right and down, in parts of their box."""


@dataclass(frozen=True)
class Rim:
    """What keeps letters and lines legible on any counts: a line below them, as wide as this."""

    colour: str
    width_px: float


@dataclass(frozen=True, eq=False)
class Picture:
    """Values ``(row, column)``, one a pixel, from zero to `highest`; NaN where none is."""

    box: Box
    values: CountsArray
    scale: ColourScale
    highest: float = 1.0


@dataclass(frozen=True)
class Fill:
    """A rectangle of one colour."""

    box: Box
    colour: str


@dataclass(frozen=True, eq=False)
class Line:
    """A line through points ``(point, 2)``, right and down; nothing of it lies outside `clip`."""

    points: FloatArray
    colour: str
    width_px: float
    rim: Rim | None = None
    opacity: float = 1.0
    name: str = ""
    clip: Box | None = None


@dataclass(frozen=True, eq=False)
class Shape:
    """The inside of a closed line ``(point, 2)``, with a rim around it."""

    points: FloatArray
    colour: str
    rim: Rim | None = None
    name: str = ""


@dataclass(frozen=True)
class Words:
    """One line of text.

    Parameters
    ----------
    place : (float, float)
        Where it stands, right and down.
    text : str
        Characters that the font has.
    size_px : float
        Size of the letters.
    anchor : (float, float)
        (0, 0) puts its upper left corner at `place`, (0.5, 0.5) its middle.
    turn : int
        0, or the 90 or 270 degrees that it is turned by, anticlockwise.
    ground : str
        Colour of a plate below the letters; empty for none.
    """

    place: tuple[float, float]
    text: str
    size_px: float
    colour: str = INK
    bold: bool = False
    anchor: Anchor = (0.0, 0.0)
    turn: int = 0
    rim: Rim | None = None
    ground: str = ""
    name: str = ""

    @cached_property
    def box(self) -> Box:
        """What the words take up, from the tops of tall letters to the ends of hanging ones."""
        top, bottom = line_ends(self.size_px, self.bold)
        width, height = text_width_px(self.text, self.size_px, bold=self.bold), bottom - top
        if self.turn:
            width, height = height, width
        left = self.place[0] - self.anchor[0] * width
        return Box(left, self.place[1] - self.anchor[1] * height, width, height)


Mark = Line | Shape | Words
