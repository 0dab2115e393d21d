"""A figure as PNG and as SVG, the same bytes for the same figure."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

__all__ = ["write_pictures"]

DOTS_PER_INCH = 150

SVG_SETTINGS: Any = {"svg.hashsalt": "shortaxis", "svg.fonttype": "none"}


def write_pictures(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write ``NAME.png`` and ``NAME.svg`` into a folder."""
    paths = [folder / f"{name}.{ending}" for ending in ("png", "svg")]
    png, svg = io.BytesIO(), io.BytesIO()
    FigureCanvasAgg(figure).print_figure(
        png, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None}
    )
    with mpl.rc_context(SVG_SETTINGS):
        FigureCanvasSVG(figure).print_figure(svg, format="svg", metadata={"Date": None})
    for path, content in zip(paths, (png, svg), strict=True):
        path.write_bytes(content.getvalue())
    return paths
