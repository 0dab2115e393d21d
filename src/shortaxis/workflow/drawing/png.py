"""A drawn page as the bytes of a PNG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shortaxis.workflow.drawing.few_colours import NO_SCALES, in_few_colours
from shortaxis.workflow.drawing.png_rows import png_of_pixels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["png_in_few_colours", "png_of"]

COMPRESSION = 7
"""Level 9 takes five times as long and saves 2 %."""


def png_of(figure: Figure) -> bytes:
    """A page as PNG, in few colours; steps of its colour scales and its inks stay what they are."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi="figure", pil_kwargs={"compress_level": 0})
    kept = np.concatenate([_scales_of(figure), _inks_of(figure)])
    with Image.open(drawn) as page:
        return png_in_few_colours(page, kept, dots_per_inch=float(figure.dpi))


def png_in_few_colours(
    picture: Image.Image,
    kept: NDArray[np.uint8] = NO_SCALES,
    *,
    level: int = COMPRESSION,
    dots_per_inch: float | None = None,
) -> bytes:
    """A picture as PNG, in few colours, of which those that are `kept` (colour, 3) do not move."""
    few = in_few_colours(picture, kept)
    table = few.getpalette()
    colours = None if table is None else np.array(table, dtype=np.uint8).reshape(-1, 3)
    return png_of_pixels(np.asarray(few), colours, level=level, dots_per_inch=dots_per_inch)


def _scales_of(figure: Figure) -> NDArray[np.uint8]:
    """Colours (step, 3) of every colour scale that something on the page is shown in."""
    from matplotlib.cm import ScalarMappable

    shown = [each for each in figure.findobj() if isinstance(each, ScalarMappable)]
    scales = [
        each.cmap(np.arange(each.cmap.N), bytes=True)[:, :3]
        for each in shown
        if each.get_array() is not None
    ]
    return np.unique(np.concatenate(scales), axis=0) if scales else NO_SCALES


def _inks_of(figure: Figure) -> NDArray[np.uint8]:
    """Colours (ink, 3) of words and lines: one that is rare on the page is no other one, too."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba_array
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    kinds = (Line2D, LineCollection, Text)
    drawn = [each for each in figure.findobj() if isinstance(each, kinds) and each.get_visible()]
    inks = [to_rgba_array(each.get_color())[:, :3] for each in drawn]
    colours: NDArray[np.uint8] = np.rint(255 * np.concatenate([np.zeros((0, 3)), *inks])).astype(
        np.uint8
    )
    return colours
