"""Where a plane cuts a surface of triangles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from shortaxis.geometry.arrays import FloatArray

__all__ = ["cut_lines"]

ON_THE_PLANE = 1e-9
"""Points that lie in the plane are taken to lie on one side of it, so that lines do not fork."""

Edge = tuple[int, int]


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
    pieces = [_crossed(triangle, above) for triangle in triangles[(count > 0) & (count < 3)]]
    return [
        np.stack([_point(edge, places, above) for edge in line]) for line in _joined(pieces)
    ]


def _crossed(triangle: npt.NDArray[np.int64], above: FloatArray) -> tuple[Edge, Edge]:
    """The two edges that cross the plane, each from its lower number."""
    a, b, c = (int(each) for each in triangle)
    crossed = [
        (min(one, other), max(one, other))
        for one, other in ((a, b), (b, c), (c, a))
        if (above[one] > 0) != (above[other] > 0)
    ]
    return crossed[0], crossed[1]


def _joined(pieces: list[tuple[Edge, Edge]]) -> list[list[Edge]]:
    """Pieces that share an edge, in a row."""
    beside: dict[Edge, list[Edge]] = {}
    for one, other in pieces:
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    lines = []
    # Open lines begin at an end, closed ones anywhere.
    for start in sorted(beside, key=lambda edge: len(beside[edge])):
        if not beside[start]:
            continue
        line = [start]
        while beside[line[-1]]:
            after = beside[line[-1]].pop()
            beside[after].remove(line[-1])
            line.append(after)
        lines.append(line)
    return lines


def _point(edge: Edge, places: FloatArray, above: FloatArray) -> FloatArray:
    one, other = edge
    part = above[one] / (above[one] - above[other])
    point: FloatArray = places[one] + part * (places[other] - places[one])
    return point
