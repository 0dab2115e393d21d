"""Colour scales in as many steps as are told apart, so that all of a page fit into 256 colours.

A page in 256 colours is a third of the bytes, in the archive too, and each step stays exactly what
it is (`few_colours`): so all scales of a page have to have few enough steps together.
"""

from __future__ import annotations

from matplotlib import colormaps
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_hex

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
    return colormaps[name].resampled(steps)


def colour_circle() -> Colormap:
    """The colours of phases, in which both ends are one."""
    whole = LinearSegmentedColormap.from_list("phases", CIRCLE, N=CIRCLE_STEPS + 1)
    steps = [whole(step) for step in range(CIRCLE_STEPS)]
    return LinearSegmentedColormap.from_list("phases", steps, N=CIRCLE_STEPS)


def hex_colours(colours: Colormap) -> list[str]:
    """The steps of a colour scale as ``#rrggbb``, for scripts."""
    return [to_hex(colours(step)) for step in range(colours.N)]
