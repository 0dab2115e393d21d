"""From a part of the level to a colour, in steps that the eye does not see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.arrays import CountsArray

__all__ = ["ColourScale", "rgb_of"]


@dataclass(frozen=True)
class ColourScale:
    """Colours between the lowest and the highest value, and one where nothing was measured.

    Parameters
    ----------
    stops : tuple of (float, str)
        Parts of the scale, from 0 to 1, and their colours, between which others are mixed.
    outside : str
        The colour of what is not measured.
    steps : int
        How many colours are told apart.
    """

    stops: tuple[tuple[float, str], ...]
    outside: str
    steps: int

    def colours(self) -> NDArray[np.uint8]:
        """Red, green and blue of every step ``(step, 3)``, then of what lies outside."""
        parts, names = zip(*self.stops, strict=True)
        channels = np.array([rgb_of(name) for name in names], dtype=np.float64).T
        along = np.linspace(0, 1, self.steps)
        mixed = np.stack([np.interp(along, parts, channel) for channel in channels], axis=-1)
        return np.vstack([np.rint(mixed), rgb_of(self.outside)]).astype(np.uint8)

    def steps_of(self, values: CountsArray, highest: float) -> NDArray[np.uint8]:
        """The step of each value between 0 and `highest`; the last one where it is NaN."""
        parts = values * ((self.steps - 1) / highest)
        np.clip(parts, 0, self.steps - 1, out=parts)
        np.rint(parts, out=parts)
        parts[np.isnan(parts)] = self.steps
        return parts.astype(np.uint8)


def rgb_of(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour that is written as ``#rrggbb``.

    Examples
    --------
    >>> rgb_of("#93a5bd")
    (147, 165, 189)
    """
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
