"""How the figures look, and how they become PNG; matplotlib without state or display."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = [
    "ACCEPTED",
    "FLAGGED",
    "LINES",
    "MISSED",
    "MUTED",
    "house_style",
    "new_blank_figure",
    "new_figure",
    "to_png",
]

ACCEPTED, FLAGGED, MISSED = "#0b5cad", "#e07b00", "#b00020"
"""Blue and orange, which the colour-blind distinguish, and red; the markers differ too."""

LINES = ("#0b5cad", "#e07b00", "#1b7f5c", "#7a4fb5", "#a8412d", "#3f4854")
"""Colours of methods."""

INK, MUTED, FAINT = "#14181f", "#5b6472", "#d9dee4"

DOTS_PER_INCH = 120

STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "text.usetex": False,
    "text.parse_math": False,
    "legend.frameon": False,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw and save in here; the settings of the caller's program stay as they are."""
    with mpl.rc_context(STYLE):
        yield


def new_figure(
    columns: int, rows: int, size_inch: tuple[float, float], title: str
) -> tuple[Figure, list[Axes]]:
    """An empty figure with a title and axes in reading order."""
    figure = Figure(figsize=size_inch, dpi=DOTS_PER_INCH, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    return figure, list(figure.subplots(rows, columns, squeeze=False).ravel())


TITLE_INCH = 0.1
"""From the upper edge."""


def new_blank_figure(size_inch: tuple[float, float], title: str) -> Figure:
    """An empty figure with a title, for axes whose places the caller knows."""
    figure = Figure(figsize=size_inch, dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    top = 1 - TITLE_INCH / size_inch[1]
    figure.suptitle(title, x=0.01, y=top, ha="left", fontsize=12, fontweight="bold")
    return figure


def to_png(figure: Figure) -> bytes:
    """PNG of a figure; the same bytes for the same figure."""
    content = io.BytesIO()
    FigureCanvasAgg(figure).print_figure(
        content, format="png", dpi=figure.dpi, metadata={"Software": None}
    )
    return content.getvalue()
