"""Endocardium, epicardium and valve plane on the pictures of matplotlib: one set of colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from shortaxis.geometry.arrays import FloatArray

__all__ = ["ON_GREY", "ON_WARM", "cuts_legend", "draw_wall_lines", "lines_legend"]

Colours = Mapping[str, tuple[str, str]]
"""Name and value of a colour by the names of outlines. Which line is which shows without colours,
too: the endocardium lies inside, and the valve plane is straight."""

ON_GREY: Colours = {
    "middle": ("red", "#e4003a"),
    "endocardium": ("red", "#e4003a"),
    "epicardium": ("green", "#12a05c"),
    "valve_plane": ("blue", "#2a7de1"),
}

ON_WARM: Colours = {
    "middle": ("cyan", "#35d0ff"),
    "endocardium": ("cyan", "#35d0ff"),
    "epicardium": ("green", "#7dff8a"),
    "valve_plane": ("white", "#ffffff"),
}
"""On slices of the warm metal scale, which has red and blue for counts."""

LINE_WORDS: Mapping[str, str] = {
    "middle": "middle of the wall",
    "endocardium": "endocardium",
    "epicardium": "epicardium",
    "valve_plane": "valve plane",
}


def lines_legend(names: Iterable[str], colours: Colours = ON_GREY) -> str:
    """What the lines of some outlines are, in words."""
    return "; ".join(f"{colours[name][0]}: {LINE_WORDS[name]}" for name in names)


def cuts_legend(names: Iterable[str]) -> str:
    """What is to be seen on cuts in grey."""
    return f"{lines_legend(names)}; inverse grey, black at 100 %"


def draw_wall_lines(
    axes: Axes,
    lines: Mapping[str, Sequence[FloatArray]],
    shift: tuple[float, float] = (0.0, 0.0),
    width: float = 1.2,
    colours: Colours = ON_GREY,
) -> None:
    """Draw lines (n, 2) in pixels (column, row), moved by `shift`."""
    for name, of_name in lines.items():
        moved = [line + np.array(shift) for line in of_name]
        axes.add_collection(LineCollection(moved, colors=colours[name][1], linewidths=width))
