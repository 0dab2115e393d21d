"""Where a plane cuts a surface of triangles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from shortaxis.geometry.arrays import FloatArray

__all__ = ["cut_lines"]

ON_THE_PLANE = 1e-9
"""Points that lie in the plane are taken to lie on one side of it, so that lines do not fork."""


def cut_lines(
    places: FloatArray, heights: FloatArray, triangles: npt.NDArray[np.int64]
) -> list[FloatArray]:
    """Lines along which a surface meets a plane.

    Parameters
    ----------
    places : (point, k) array
        Coordinates in which the lines are wanted.
    heights : (point,) array
        Of the points above the plane.
    triangles : (triangle, 3) int array
        Numbers of points.

    Returns
    -------
    list of (n, k) arrays
        Closed lines end where they begin.

    Examples
    --------
    A plane half-way up a triangle:

    >>> cut_lines(np.eye(3)[:, :2], np.array([1.0, -1, -1]), np.array([[0, 1, 2]]))[0].tolist()
    [[0.5, 0.5], [0.5, 0.0]]
    """
    above = np.where(np.abs(heights) < ON_THE_PLANE, ON_THE_PLANE, heights)
    count = (above[triangles] > 0).sum(axis=1)
    cut = triangles[(count > 0) & (count < 3)]
    # Of the three edges of a triangle that is cut, two cross the plane.
    edges = np.sort(np.stack([cut, np.roll(cut, -1, axis=1)], axis=-1), axis=-1)
    crossing = edges[(above[edges] > 0).sum(axis=-1) == 1]
    found, number = np.unique(crossing, axis=0, return_inverse=True)
    low, high = above[found].T
    part = (low / (low - high))[:, None]
    points = places[found[:, 0]] + part * (places[found[:, 1]] - places[found[:, 0]])
    return [points[line] for line in _joined(number.reshape(-1, 2).tolist())]


def _joined(pieces: Sequence[Sequence[int]]) -> list[list[int]]:
    """Pieces that share an end, in a row."""
    beside: dict[int, list[int]] = {}
    for one, other in pieces:
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    lines = []
    # Open lines begin at an end, closed ones anywhere.
    for start in sorted(beside, key=lambda place: len(beside[place])):
        if not beside[start]:
            continue
        line = [start]
        while beside[line[-1]]:
            after = beside[line[-1]].pop()
            beside[after].remove(line[-1])
            line.append(after)
        lines.append(line)
    return lines
