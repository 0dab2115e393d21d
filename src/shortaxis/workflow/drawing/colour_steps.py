"""Colour scales in as many steps as are told apart, so that all of a page fit into 256 colours.

A page in 256 colours is a third of the bytes, in the archive too, and each step stays exactly what
it is (`few_colours`): so all scales of a page have to have few enough steps together.
"""

from __future__ import annotations

from matplotlib import colormaps
from matplotlib.colors import Colormap

__all__ = [
    "DIFFERENCE_STEPS",
    "GREY_STEPS",
    "MAP_STEPS",
    "SEVERITY_STEPS",
    "UPTAKE_STEPS",
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

MAP_STEPS = 128
"""Of motion, thickening and phase, which share one scale."""


def stepped(name: str, steps: int) -> Colormap:
    """A colour scale of matplotlib in so many steps."""
    return colormaps[name].resampled(steps)
