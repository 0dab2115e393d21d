"""Endocardium, epicardium and valve plane on the pictures of matplotlib: one set of colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from shortaxis.geometry.arrays import FloatArray

__all__ = ["LINE_COLOURS", "cuts_legend", "draw_wall_lines", "lines_legend"]

LINE_COLOURS: Mapping[str, str] = {
    "middle": "#e4003a",
    "endocardium": "#e4003a",
    "epicardium": "#12a05c",
    "valve_plane": "#2a7de1",
}
"""By the names of outlines. Which line is which shows without colours, too: the endocardium lies
inside, and the valve plane is straight."""

LINE_WORDS: Mapping[str, str] = {
    "middle": "red: middle of the wall",
    "endocardium": "red: endocardium",
    "epicardium": "green: epicardium",
    "valve_plane": "blue: valve plane",
}


def lines_legend(names: Iterable[str]) -> str:
    """What the lines of some outlines are, in words."""
    return "; ".join(LINE_WORDS[name] for name in names)


def cuts_legend(names: Iterable[str]) -> str:
    """What is to be seen on cuts in grey."""
    return f"{lines_legend(names)}; inverse grey, black at 100 %"


def draw_wall_lines(
    axes: Axes,
    lines: Mapping[str, Sequence[FloatArray]],
    shift: tuple[float, float] = (0.0, 0.0),
    width: float = 1.2,
) -> None:
    """Draw lines (n, 2) in pixels (column, row), moved by `shift`."""
    for name, of_name in lines.items():
        moved = [line + np.array(shift) for line in of_name]
        axes.add_collection(LineCollection(moved, colors=LINE_COLOURS[name], linewidths=width))
