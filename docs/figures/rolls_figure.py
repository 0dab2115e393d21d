"""The two conventions of the turn about the long axis, in the short-axis view."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import palette
from drawn_ventricles import Array
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from views_figure import fill_cut

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.euler import (
    angles_from_rotation,
    rotation_from_angles,
    with_conventional_roll,
)
from shortaxis.geometry.pose import RigidPose

HALF_MM = 74.0
BETA_DEG = 18.0
DEPTH_MM = 6.0


def draw_rolls() -> Figure:
    """The same heart twice: slices with the anatomical and with the conventional roll."""
    heart = RigidPose(rotation_from_angles(20.0, BETA_DEG, 45.0), (0, 0, 0))
    conventional = with_conventional_roll(heart)
    figure, panels = plt.subplots(1, 2, figsize=(8.8, 4.2))
    figure.subplots_adjust(left=0.01, right=0.99, top=0.84, bottom=0.02, wspace=0.03)
    _draw_slice(panels[0], heart, conventional, "Conventional roll", "β = 0 by definition")
    _, beta, _ = angles_from_rotation(heart.patient_from_cardiac)
    _draw_slice(panels[1], heart, heart, "Anatomical roll", f"here β = {beta:+.0f}°")
    return figure


def _draw_slice(
    panel: Axes, heart: RigidPose, slices: RigidPose, title: str, subtitle: str
) -> None:
    axes = CardiacView.SHORT_AXIS.axes
    offsets = np.linspace(-HALF_MM, HALF_MM, 260)
    right, down = np.meshgrid(offsets, offsets)
    on_screen = right[..., None] * np.array(axes.row) + down[..., None] * np.array(axes.column)
    patient = slices.to_patient(on_screen + DEPTH_MM * np.array(axes.stacking))
    fill_cut(panel, offsets, heart.to_cardiac(patient))
    _mark_septum(panel, slices.to_cardiac(heart.to_patient(np.array([-26.0, 0.0, DEPTH_MM]))))
    panel.plot([-70, 60], [0, 0], color=palette.SOFT, lw=1, ls=(0, (4, 3)), zorder=3)
    style = {"arrowstyle": "-|>", "color": palette.X_AXIS, "lw": 1.8, "shrinkA": 0, "shrinkB": 0}
    panel.annotate("", (60, 0), (36, 0), arrowprops=style)
    panel.text(64, 0, "$x_c$", color=palette.X_AXIS, va="center")
    panel.text(0, 12, "LV", color=palette.SOFT, ha="center", va="center")
    panel.set_title(title, fontsize=palette.TITLE, fontweight="bold", pad=28, loc="left")
    panel.text(0, 1.025, subtitle, transform=panel.transAxes, color=palette.SOFT)
    panel.set(xlim=(-HALF_MM, HALF_MM), ylim=(0.72 * HALF_MM, -0.9 * HALF_MM))
    panel.set(aspect="equal", xticks=[], yticks=[])
    panel.set_facecolor(palette.BODY)
    for spine in panel.spines.values():
        spine.set_visible(False)


def _mark_septum(panel: Axes, septum: Array) -> None:
    place = septum[:2]
    panel.plot([0, place[0]], [0, place[1]], color=palette.ANGLE, lw=2, zorder=5)
    panel.plot(*place, "o", color=palette.ANGLE, ms=7, zorder=6)
    panel.annotate(
        "middle of\nthe septum",
        place,
        (-69, -52),
        color=palette.ANGLE,
        va="center",
        arrowprops={"arrowstyle": "-", "color": palette.ANGLE, "lw": 1, "shrinkB": 4},
        zorder=6,
    )
