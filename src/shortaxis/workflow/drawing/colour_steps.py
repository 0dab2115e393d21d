"""Colour scales in as many steps as are told apart, so that all of a page fit into 256 colours.

A page in 256 colours is a third of the bytes, in the archive too, and each step stays exactly what
it is (`few_colours`): so all scales of a page have to have few enough steps together.
"""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Colormap, LinearSegmentedColormap, ListedColormap, to_hex

from shortaxis.geometry.arrays import FloatArray

__all__ = [
    "CIRCLE_STEPS",
    "DIFFERENCE_STEPS",
    "GREY_STEPS",
    "MAP_STEPS",
    "SEVERITY_STEPS",
    "UPTAKE_STEPS",
    "colour_circle",
    "hex_colours",
    "stepped",
]

UPTAKE_STEPS = 100
"""One a per cent, which is how uptake is written."""

DIFFERENCE_STEPS = 41
"""Of 2.4 per cent each, far less than what two exams of a heart differ by; the middle one is no
difference."""

SEVERITY_STEPS = 12
"""Three a score."""

GREY_STEPS = 50
"""Of two per cent each: counts behind a traced wall, in which the eye sees no edges of steps."""

MAP_STEPS = 96
"""Of motion and thickening, which share one scale."""

CIRCLE_STEPS = 60
"""Of phases: one a bin of their histogram."""

CIRCLE = ("#d9483b", "#e8b92e", "#5aa845", "#35b3b0", "#3f6fd1", "#a85bc0", "#d9483b")
"""Every 60 degrees, of about one lightness: black letters are read on each, and 360 is 0."""


def stepped(name: str, steps: int) -> Colormap:
    """A colour scale of matplotlib in so many steps."""
    return _in_whole_bytes(name, colormaps[name].resampled(steps)(np.arange(steps)))


def colour_circle() -> Colormap:
    """The colours of phases, in which both ends are one."""
    whole = LinearSegmentedColormap.from_list("phases", CIRCLE, N=CIRCLE_STEPS + 1)
    return _in_whole_bytes("phases", whole(np.arange(CIRCLE_STEPS)))


def _in_whole_bytes(name: str, colours: FloatArray) -> Colormap:
    """Colours (step, 4) that are the same bytes in images, which cut off, and meshes, which round.

    With two bytes for a step, one of them would be no step of the scale.
    """
    whole = np.floor(255 * colours + 0.5)
    return ListedColormap(np.minimum((whole + 0.25) / 255, 1.0), name)


def hex_colours(colours: Colormap) -> list[str]:
    """The steps of a colour scale as ``#rrggbb``, for scripts."""
    return [to_hex(colours(step)) for step in range(colours.N)]
