"""A polar map as cardiologists read it: apex in the middle, anterior up, septum left."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import Colormap
from matplotlib.patheffects import withStroke

from shortaxis.anatomy.segments import SEGMENTS, Ring
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.polar_map import RING_RADII, PolarMap
from shortaxis.quantification.scored_map import MOST, ScoredMap
from shortaxis.workflow.drawing.colour_steps import SEVERITY_STEPS, UPTAKE_STEPS, stepped

__all__ = [
    "COLOUR_MAP",
    "SEVERITY_COLOURS",
    "UPTAKE_COLOURS",
    "draw_polar_map",
    "draw_polar_values",
    "draw_severity",
    "segment_outline",
]

COLOUR_MAP = "nipy_spectral"
"""Blue, green, yellow, red, white: what nuclear cardiology reads polar maps in."""

UPTAKE_COLOURS = stepped(COLOUR_MAP, UPTAKE_STEPS)
"""Those, a step a per cent."""

SEVERITY_COLOURS = stepped("inferno_r", SEVERITY_STEPS)
"""Pale where nothing is lost, black where all is: extent and depth in one map."""

BORDER = "#8a93a0"
WALLS = {"Anterior": (0, -1), "Septal": (-1, 0), "Inferior": (0, 1), "Lateral": (1, 0)}
INNER = {Ring.APEX: 0.0, Ring.APICAL: RING_RADII[Ring.APEX], Ring.MID: RING_RADII[Ring.APICAL]}
INNER[Ring.BASAL] = RING_RADII[Ring.MID]


SMALL_POINTS, SMALL_BELOW = 6.5, 0.085
"""Size of the smaller text, and how far below it stands, in radii of the map."""


def draw_polar_map(
    axes: Axes,
    polar_map: PolarMap,
    labels: Mapping[int, str] | None = None,
    small: Mapping[int, str] | None = None,
) -> QuadMesh:
    """Draw uptake in per cent with the borders of the 17 segments; y points down.

    Parameters
    ----------
    axes : Axes
        Empty; gets equal scales and no frame.
    polar_map : PolarMap
        What is drawn.
    labels : mapping of int to str, optional
        A short text in the middle of each segment, by its number.
    small : mapping of int to str, optional
        Another one below it, in smaller letters.
    """
    mesh = draw_polar_values(
        axes, polar_map.uptake_percent, polar_map.angles_deg, labels, (0, 100), UPTAKE_COLOURS
    )
    for number, text in (small or {}).items():
        _write(axes, _middle(number) + np.array([0.0, SMALL_BELOW]), text, SMALL_POINTS)
    return mesh


def draw_severity(
    axes: Axes, severity: ScoredMap, small: Mapping[int, str] | None = None
) -> QuadMesh:
    """Draw the score of every place, black where all is lost, and that of each segment."""
    labels = {number: str(score) for number, score in severity.segment_scores.items()}
    mesh = draw_polar_values(
        axes,
        severity.scores,
        severity.polar_map.angles_deg,
        labels,
        (0, MOST),
        SEVERITY_COLOURS,
    )
    for number, text in (small or {}).items():
        _write(axes, _middle(number) + np.array([0.0, SMALL_BELOW]), text, SMALL_POINTS)
    return mesh


def draw_polar_values(  # noqa: PLR0913 - what is drawn, and how
    axes: Axes,
    values: FloatArray,
    angles_deg: FloatArray,
    labels: Mapping[int, str] | None,
    limits: tuple[float, float],
    colours: Colormap,
    *,
    named: bool = True,
) -> QuadMesh:
    """Draw any values ``(level, angle)`` as `draw_polar_map` draws the uptake.

    `named` writes the walls around it.
    """
    levels, angles = values.shape
    radii = np.linspace(0, 1, levels + 1)
    half = 180.0 / angles
    edges = np.deg2rad(np.append(angles_deg - half, angles_deg[-1] + half))
    mesh = axes.pcolormesh(
        radii[:, None] * np.cos(edges),
        radii[:, None] * np.sin(edges),
        values,
        cmap=colours,
        vmin=limits[0],
        vmax=limits[1],
        rasterized=True,
    )
    _draw_borders(axes)
    for number, text in (labels or {}).items():
        _write(axes, _middle(number), text)
    for name, (x, y) in WALLS.items() if named else ():
        axes.text(
            1.09 * x, 1.09 * y, name, ha="center", va="center", rotation=-90 * abs(x) * x or 0
        )
    axes.set(xlim=(-1.2, 1.2), ylim=(1.2, -1.2), aspect="equal")
    axes.axis("off")
    return mesh


def _draw_borders(axes: Axes) -> None:
    turn = np.linspace(0, 2 * np.pi, 181)
    for radius in RING_RADII.values():
        axes.plot(radius * np.cos(turn), radius * np.sin(turn), color=BORDER, linewidth=0.8)
    for segment in SEGMENTS:
        if segment.ring is Ring.APEX:
            continue
        angle = np.deg2rad(segment.angle_deg + segment.extent_deg / 2)
        ends = np.array([INNER[segment.ring], RING_RADII[segment.ring]])
        axes.plot(ends * np.cos(angle), ends * np.sin(angle), color=BORDER, linewidth=0.8)


def segment_outline(number: int) -> FloatArray:
    """Closed outline (point, 2) of a segment in the coordinates of the map; 0: of the whole map.

    The radius of the map is 1, y points down.
    """
    segment = SEGMENTS[number - 1] if number else None
    if segment is None or segment.ring is Ring.APEX:
        radius = 1.0 if segment is None else RING_RADII[Ring.APEX]
        turn = np.linspace(0, 2 * np.pi, CIRCLE_POINTS)
        return radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    half = segment.extent_deg / 2
    turn = np.deg2rad(segment.angle_deg + np.linspace(-half, half, ARC_POINTS))
    arc = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    inner, outer = INNER[segment.ring], RING_RADII[segment.ring]
    outline: FloatArray = np.concatenate([outer * arc, inner * arc[::-1], outer * arc[:1]])
    return outline


CIRCLE_POINTS, ARC_POINTS = 49, 9


def _middle(number: int) -> FloatArray:
    segment = SEGMENTS[number - 1]
    if segment.ring is Ring.APEX:
        return np.zeros(2)
    angle = np.deg2rad(segment.angle_deg)
    radius = (INNER[segment.ring] + RING_RADII[segment.ring]) / 2
    return radius * np.array([np.cos(angle), np.sin(angle)])


def _write(axes: Axes, place: FloatArray, text: str, size: float = 9) -> None:
    axes.text(
        place[0],
        place[1],
        text,
        ha="center",
        va="center",
        fontsize=size,
        color="black",
        path_effects=[withStroke(linewidth=2.5, foreground="white")],
    )
