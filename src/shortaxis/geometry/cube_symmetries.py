"""The 48 ways round of a cube of voxels: six orders of its axes, each in eight flips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.geometry.arrays import CountsArray

__all__ = ["AS_IT_IS", "FLIPS", "ORDERS", "WayRound"]

FLIPS: tuple[tuple[int, ...], ...] = (
    (),
    (0,),
    (1,),
    (2,),
    (0, 1),
    (0, 2),
    (1, 2),
    (0, 1, 2),
)
"""Axes of an array ``(slice, row, column)`` that are reversed; the first reverses none."""

ORDERS: tuple[tuple[int, int, int], ...] = (
    (0, 1, 2),
    (0, 2, 1),
    (1, 0, 2),
    (1, 2, 0),
    (2, 0, 1),
    (2, 1, 0),
)
"""As `numpy.transpose` takes them: axis ``i`` is what axis ``order[i]`` should be."""


@dataclass(frozen=True)
class WayRound:
    """One of the 48: axes in another `order`, some of which are then reversed (`flips`)."""

    order: tuple[int, int, int]
    flips: tuple[int, ...]

    def applied(self, counts: CountsArray) -> CountsArray:
        """A right cube ``(slice, row, column)`` as it would be stored this way round.

        Examples
        --------
        >>> WayRound((0, 2, 1), (2,)).applied(np.arange(4.0).reshape(1, 2, 2)).tolist()
        [[[2.0, 0.0], [3.0, 1.0]]]
        """
        return np.flip(np.transpose(counts, self.order), self.flips)

    def undone(self, counts: CountsArray) -> CountsArray:
        """The right cube of one that is stored this way round."""
        return np.transpose(np.flip(counts, self.flips), np.argsort(self.order))


AS_IT_IS = WayRound(ORDERS[0], FLIPS[0])
