"""The three standard views, cut from drawn ventricles along the table of view axes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import palette
from drawn_ventricles import Array, cut_ventricles
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shortaxis.anatomy.cardiac_views import CardiacView, Wall

HALF_MM = 66.0
CUT_THROUGH_MM = {CardiacView.SHORT_AXIS: 6.0}
"""Where the plane lies along the stacking direction; 0, the centre, if not named."""

RIGHT_VENTRICLE_MM = (-40.0, 0.0, 22.0)
"""Where the name of the right ventricle stands, cardiac frame."""

AXIS_COLORS = {"x": palette.X_AXIS, "y": palette.Y_AXIS, "z": palette.Z_AXIS}


def draw_views() -> Figure:
    """Three panels: each view as it is seen on the screen."""
    figure, panels = plt.subplots(1, 3, figsize=(12.4, 4.9))
    figure.subplots_adjust(left=0.01, right=0.99, top=0.91, bottom=0.08, wspace=0.03)
    for panel, view in zip(panels, CardiacView, strict=True):
        _draw_view(panel, view)
    return figure


def _draw_view(panel: Axes, view: CardiacView) -> None:
    offsets = np.linspace(-HALF_MM, HALF_MM, 260)
    right, down = np.meshgrid(offsets, offsets)
    row, column, stacking = (np.array(axis, dtype=float) for axis in _triple(view))
    depth = CUT_THROUGH_MM.get(view, 0.0)
    points = right[..., None] * row + down[..., None] * column + depth * stacking
    fill_cut(panel, offsets, points)
    _label_walls(panel, view)
    _label_axes(panel, view)
    _label_chambers(panel, row, column)
    walls = view.axes.walls()
    panel.set_title(view.title, fontsize=palette.TITLE, fontweight="bold", pad=10)
    panel.text(
        0.5,
        -0.03,
        f"slices run from {_place(walls['first'])} to {_place(walls['last'])}",
        transform=panel.transAxes,
        ha="center",
        va="top",
        color=palette.SOFT,
        fontsize=palette.TEXT,
    )
    panel.set(xlim=(-76, 76), ylim=(74, -74), aspect="equal", xticks=[], yticks=[])
    panel.set_facecolor(palette.BODY)
    for spine in panel.spines.values():
        spine.set_visible(False)


def fill_cut(panel: Axes, offsets: Array, points: Array) -> None:
    """Fill wall, cavities and outlines of the ventricles on a plane of cardiac points."""
    cut = cut_ventricles(points)
    parts = (
        (cut.right_cavity, "#eef3f8", None),
        (cut.right_wall, palette.VENTRICLE, palette.VENTRICLE_EDGE),
        (cut.cavity, "#fdf3f0", None),
        (cut.wall, palette.MUSCLE, palette.MUSCLE_EDGE),
    )
    for level, color, edge in parts:
        panel.contourf(offsets, offsets, level, levels=[-10, 0], colors=[color])
        if edge:
            panel.contour(offsets, offsets, level, levels=[0], colors=[edge], linewidths=1.3)


def _triple(view: CardiacView) -> tuple[tuple[int, int, int], ...]:
    return view.axes.row, view.axes.column, view.axes.stacking


def _label_walls(panel: Axes, view: CardiacView) -> None:
    walls = view.axes.walls()
    places = {"top": (0, -62), "bottom": (0, 62), "left": (-68, 0), "right": (68, 0)}
    for side, (x, y) in places.items():
        upright = side in ("top", "bottom")
        panel.text(
            x,
            y,
            walls[side].label,
            ha="center",
            va="center",
            rotation=0 if upright else 90,
            fontsize=palette.TITLE,
            color=palette.INK,
        )


def _label_chambers(panel: Axes, row: Array, column: Array) -> None:
    chambers = (("LV", (0.0, 0.0, 8.0)), ("RV", RIGHT_VENTRICLE_MM))
    for name, place in chambers:
        x, y = np.dot(row, place), np.dot(column, place)
        if name == "RV" and not row[0]:
            continue  # the plane runs through the left ventricle only
        panel.text(x, y, name, ha="center", va="center", color=palette.SOFT, fontsize=palette.TEXT)


def _label_axes(panel: Axes, view: CardiacView) -> None:
    corner = np.array([-70.0, 49.0])
    for direction, step in ((view.axes.row, (17, 0)), (view.axes.column, (0, 17))):
        name = _axis_name(direction)
        color = AXIS_COLORS[name[1]]
        end = corner + np.array(step)
        style = {"arrowstyle": "-|>", "color": color, "lw": 1.8, "shrinkA": 0, "shrinkB": 0}
        panel.annotate("", end, corner, arrowprops=style)
        beside = end + (np.array((3, 0)) if step[0] else np.array((3, -3)))
        panel.text(*beside, _math(name), color=color, va="center", fontsize=palette.TEXT)


def _axis_name(direction: tuple[int, int, int]) -> str:
    index = int(np.argmax(np.abs(direction)))
    return ("+" if direction[index] > 0 else "-") + "xyz"[index]


def _math(name: str) -> str:
    sign = "−" if name[0] == "-" else "+"
    return f"{sign}${name[1]}_c$"


def _place(wall: Wall) -> str:
    if wall in (Wall.APEX, Wall.BASE):
        return wall.label.lower()
    return "septum" if wall is Wall.SEPTAL else f"{wall.label.lower()} wall"
