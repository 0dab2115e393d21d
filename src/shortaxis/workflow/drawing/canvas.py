"""The sheet as a canvas in pixels: axes, text that fits, colours; matplotlib without state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from shortaxis.workflow.drawing.box import Box
from shortaxis.workflow.drawing.inks import FLAG_COLOURS, INK, MUTED, PAPER
from shortaxis.workflow.drawing.lettering import (
    BULLET_WIDTH,
    ELLIPSIS,
    BulletedLine,
    bulleted,
    clipped,
    drawable,
    text_width_px,
    wrapped,
)

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
    "bulleted",
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

Style = dict[str, Any]
"""Keyword arguments of matplotlib."""


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

    def lines(
        self,
        place: tuple[float, float],
        lines: Sequence[BulletedLine],
        size_px: float,
        step_px: float,
        colour: str = INK,
    ) -> float:
        """Write lines with bullets below each other; where the next line would be."""
        left, top = place
        for bullet, words in lines:
            if bullet:
                self.text((left, top), bullet, size_px, color=colour)
            self.text((left + BULLET_WIDTH, top), words, size_px, color=colour)
            top += step_px
        return top

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
