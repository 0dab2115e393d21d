"""Long axes in the transaxial picture: a true and an estimated one that are both seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.workflow.drawing.canvas import POINTS_PER_PIXEL, Box, Sheet, halo, text_style
from shortaxis.workflow.drawing.display_scale import TYPICAL_EXTENT

__all__ = ["ESTIMATED", "TRUE", "draw_key", "draw_long_axes"]

TRUE, ESTIMATED = "#0b5cad", "#d1345b"
"""Colours of words about the poses; the estimated axis is drawn in the same."""

NAMED_FROM_MM = 10.0
"""Out of the slice; about the thickness of the wall."""

WORDS_MM = (58.0, 18.0)
"""Room that the words take to either side, and between them and an axis."""


@dataclass(frozen=True)
class LineStyle:
    """How an axis is drawn: `width` and `head` in points, rim and half of the bar in pixels."""

    colour: str
    width: float
    head: float
    rim_px: float
    half_bar_px: float
    words: str


LINE_STYLES = {
    # Wide and light underneath, thin and dark on top: none hides the other.
    "true": LineStyle("#58a6f0", 5.0, 14.0, 1.0, 10.0, "true axis"),
    "estimated": LineStyle(ESTIMATED, 1.3, 8.0, 0.5, 6.0, "estimated axis"),
}


def draw_long_axes(axes: Axes, poses: Mapping[str, RigidPose], half_mm: float) -> None:
    """Draw both axes as they project into the transaxial slice of the true centre.

    Parameters
    ----------
    axes : Axes
        In mm right and down from the true centre, ``-half_mm`` to ``half_mm``.
    poses : mapping
        The pose called "true" and that called "estimated".
    half_mm : float
        Half of the picture.
    """
    mm_per_px = 2 * half_mm / axes.bbox.width
    true_center = poses["true"].center_mm
    for name, style in LINE_STYLES.items():
        middle = poses[name].center_mm - true_center
        half = TYPICAL_EXTENT.length_mm / 2 * poses[name].apex_direction
        _draw_axis(axes, (middle - half)[:2], (middle + half)[:2], style, mm_per_px)
        size = style.width + 3.5
        axes.plot(
            *middle[:2], marker="o", markersize=size, color=style.colour, mec="white", mew=0.8
        )
    _name_height(axes, poses["estimated"], true_center, half_mm)


def draw_key(sheet: Sheet, left: float, top: float) -> None:
    """Both axes with their names, one below the other."""
    for number, style in enumerate(LINE_STYLES.values()):
        box = Box(left, top + 22 * number, 66, 22)
        axes = sheet.axes(box, f"key {style.words}")
        axes.set(xlim=(0, box.width), ylim=(box.height, 0))
        _draw_axis(axes, np.array([6.0, 11.0]), np.array([62.0, 11.0]), style, 1.0)
        sheet.text((box.right + 8, box.top + 3), style.words, 14)


def _draw_axis(
    axes: Axes, base: FloatArray, apex: FloatArray, style: LineStyle, units_per_px: float
) -> None:
    """An arrow to the apex with a bar across its base, cut at the edge of the picture."""
    rim = halo("white", style.width / POINTS_PER_PIXEL + 2 * style.rim_px)
    arrow = FancyArrowPatch(
        tuple(base),
        tuple(apex),
        arrowstyle="-|>",
        mutation_scale=style.head,
        color=style.colour,
        linewidth=style.width,
        shrinkA=0,
        shrinkB=0,
        capstyle="butt",
        joinstyle="miter",
        path_effects=rim,
    )
    axes.add_patch(arrow)
    along = apex - base
    length = float(np.hypot(*along))
    across = np.array([-along[1], along[0]]) / length if length > 0 else np.array([1.0, 0.0])
    ends = base + np.outer([-1, 1], across) * style.half_bar_px * units_per_px
    axes.plot(*ends.T, color=style.colour, linewidth=style.width, path_effects=rim)


def _name_height(axes: Axes, estimated: RigidPose, true_center: FloatArray, half_mm: float) -> None:
    """How far the estimated centre is above or below the slice, if it is far."""
    right, down, up = estimated.center_mm - true_center
    if abs(up) <= NAMED_FROM_MM:
        return
    # Below the lower end of the axis, as far as the picture goes.
    below = down + TYPICAL_EXTENT.length_mm / 2 * abs(estimated.apex_direction[1]) + WORDS_MM[1]
    room_mm = half_mm - np.array(WORDS_MM)
    x, y = np.clip([right, below], -room_mm, room_mm)
    axes.text(
        x,
        y,
        f"{abs(up):.0f} mm {'above' if up > 0 else 'below'}",
        color=ESTIMATED,
        ha="center",
        va="center",
        fontweight="bold",
        path_effects=halo("white", 4),
        **text_style(12),
    )
