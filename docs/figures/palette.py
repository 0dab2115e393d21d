"""Colours and text sizes of the figures, so that they look like one set."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

INK = "#1f2a37"
SOFT = "#6b7785"
FAINT = "#cfd6dd"
PAPER = "#ffffff"
BODY = "#f1f4f7"
MUSCLE = "#e2725b"
MUSCLE_EDGE = "#a8412d"
CHAMBER = "#f6d5cc"
VENTRICLE = "#b9cfe4"
VENTRICLE_EDGE = "#5d86ad"
X_AXIS = "#1b7f5c"
Y_AXIS = "#7a4fb5"
Z_AXIS = "#c2410c"
ANGLE = "#0b5cad"

SMALL, TEXT, TITLE = 9.5, 11, 13


def use_style() -> None:
    """Set text and vector output so that two runs give the same files."""
    mpl.rcParams.update(
        {
            "font.family": "DejaVu Sans",
            "font.size": TEXT,
            "text.color": INK,
            "mathtext.default": "regular",
            "svg.fonttype": "path",
            "svg.hashsalt": "shortaxis",
            "figure.facecolor": PAPER,
            "savefig.facecolor": PAPER,
        }
    )


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write ``name.svg`` and ``name.png``; returns their paths."""
    paths = [folder / f"{name}.svg", folder / f"{name}.png"]
    figure.savefig(paths[0], metadata={"Date": None, "Creator": None})
    figure.savefig(paths[1], dpi=130, metadata={"Software": None})
    return paths
