"""Draw the figures of the documentation.

``python docs/figures/draw_frames.py [FOLDER]`` writes SVG and PNG into the folder, by default
the one that this file is in. Directions come from `shortaxis.geometry` and `shortaxis.anatomy`,
so a figure cannot show another convention than the code has.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import palette
from frames_figure import draw_frames
from matplotlib.figure import Figure
from rolls_figure import draw_rolls
from rooms_figure import draw_rooms
from views_figure import draw_views

FIGURES: dict[str, Callable[[], Figure]] = {
    "frames": draw_frames,
    "views": draw_views,
    "rolls": draw_rolls,
    "rooms": draw_rooms,
}


def draw_all(folder: Path) -> list[Path]:
    """Write every figure into `folder`; returns the paths."""
    palette.use_style()
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, draw in FIGURES.items():
        figure = draw()
        written += palette.save(figure, folder, name)
        plt.close(figure)
    return written


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for path in draw_all(target):
        print(path)
