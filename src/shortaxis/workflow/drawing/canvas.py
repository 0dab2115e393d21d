"""The sheet as a canvas in pixels: axes, text that fits, colours; matplotlib without state."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

__all__ = [
    "ELLIPSIS",
    "FLAG_COLOURS",
    "FONT",
    "INK",
    "MUTED",
    "POINTS_PER_PIXEL",
    "Box",
    "Sheet",
    "Style",
    "clipped",
    "drawable",
    "halo",
    "new_sheet",
    "text_style",
    "text_width_px",
    "wrapped",
]

WIDTH, HEIGHT = 1600, 1200
DOTS_PER_INCH = 100
POINTS_PER_PIXEL = 72 / DOTS_PER_INCH

FONT = "DejaVu Sans"
"""It comes with matplotlib, so that the sheet looks the same everywhere."""

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

FLAG_COLOURS = {"accept": "#1a7f37", "review": "#b3261e"}
"""By the value of a flag."""

INK, MUTED, PAPER = "#14181f", "#5b6472", "#ffffff"


Style = dict[str, Any]
"""Keyword arguments of matplotlib."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, from the upper left corner of the sheet."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.top + self.height


@dataclass(frozen=True, eq=False)
class Sheet:
    """A figure that is addressed in pixels, y down."""

    figure: Figure
    height: float = HEIGHT

    def axes(self, box: Box, label: str) -> Axes:
        """Axes without ticks or frame that fill `box`; `label` is their name."""
        rectangle = (
            box.left / WIDTH,
            1 - box.bottom / self.height,
            box.width / WIDTH,
            box.height / self.height,
        )
        axes = self.figure.add_axes(rectangle, label=label)
        axes.set_axis_off()
        return axes

    def text(self, place: tuple[float, float], words: str, size_px: float, **style: str) -> Text:
        """Text on one line, by default with its upper left corner at `place`."""
        merged: Style = {"color": INK, "va": "top", "ha": "left", **text_style(size_px), **style}
        left, top = place
        return self.figure.text(left / WIDTH, 1 - top / self.height, drawable(words), **merged)

    def fill(self, box: Box, colour: str) -> None:
        """Fill a rectangle."""
        corner = (box.left / WIDTH, 1 - box.bottom / self.height)
        size = (box.width / WIDTH, box.height / self.height)
        self.figure.add_artist(Rectangle(corner, *size, facecolor=colour, zorder=-1))


def new_sheet(height: int = HEIGHT) -> Sheet:
    """An empty sheet of 1600 pixels across that needs no display."""
    size = (WIDTH / DOTS_PER_INCH, height / DOTS_PER_INCH)
    figure = Figure(figsize=size, dpi=DOTS_PER_INCH, facecolor=PAPER)
    FigureCanvasAgg(figure)
    return Sheet(figure, height)


def text_style(size_px: float) -> Style:
    """Style of plain text: nothing in it is markup, whatever a header holds."""
    return {
        "fontfamily": FONT,
        "fontsize": size_px * POINTS_PER_PIXEL,
        "parse_math": False,
        "usetex": False,
    }


def halo(colour: str, width_px: float = 2.5) -> list[withStroke]:
    """A rim that keeps letters and lines legible on any counts."""
    return [withStroke(linewidth=width_px * POINTS_PER_PIXEL, foreground=colour)]


def wrapped(words: str, width_px: float, size_px: float) -> list[str]:
    """Lines no wider than `width_px`; words that are too long are cut."""
    lines = [""]
    for word in drawable(words).split():
        candidate = f"{lines[-1]} {word}".strip()
        if text_width_px(candidate, size_px) <= width_px:
            lines[-1] = candidate
        else:
            lines.append(clipped(word, width_px, size_px))
    return [line for line in lines if line]


def clipped(words: str, width_px: float, size_px: float, *, bold: bool = False) -> str:
    """The words, or as much of them as fits before an ellipsis."""
    words = drawable(words)
    if text_width_px(words, size_px, bold=bold) <= width_px:
        return words
    while words and text_width_px(f"{words}{ELLIPSIS}", size_px, bold=bold) > width_px:
        words = words[:-1]
    return f"{words.rstrip()}{ELLIPSIS}"


def text_width_px(words: str, size_px: float, *, bold: bool = False) -> float:
    """Width of one line."""
    font = _font(bold)
    font.set_size(size_px * POINTS_PER_PIXEL, DOTS_PER_INCH)
    font.set_text(words)
    return float(font.get_width_height()[0]) / 64


def drawable(words: str) -> str:
    """The words on one line, with a question mark for characters that the font lacks."""
    return "".join(_drawable(character) for character in " ".join(words.split()))


def _drawable(character: str) -> str:
    return character if _font(bold=False).get_char_index(ord(character)) else "?"


def _font(bold: bool) -> FT2Font:
    return get_font(_font_path(bold))


@cache
def _font_path(bold: bool) -> str:
    return findfont(FontProperties(family=FONT, weight="bold" if bold else "normal"))
