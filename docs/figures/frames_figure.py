"""Patient frame, cardiac frame and the two angles of the long axis."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import palette
from drawn_ventricles import (
    Array,
    convex_outline,
    epicardial_points,
    epicardial_rings,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from views_figure import RIGHT_VENTRICLE_MM, fill_cut

from shortaxis.geometry.euler import angles_from_rotation, rotation_from_angles
from shortaxis.geometry.pose import RigidPose

THETA_DEG, ALPHA_DEG = 45.0, 20.0
SUPERIOR = np.array([0.0, 0.0, 1.0])
ANTERIOR = np.array([0.0, -1.0, 0.0])
LEFT = np.array([1.0, 0.0, 0.0])
HALF_MM = 100.0
REACH_MM = 66.0
ARC_MM = 72.0
CARDIAC_COLORS = (palette.X_AXIS, palette.Y_AXIS, palette.Z_AXIS)


@dataclass(frozen=True)
class Projection:
    """Orthographic view: which patient directions point right and up on the paper."""

    right: Array
    up: Array

    def __call__(self, points: Array) -> Array:
        """Patient points ``(..., 3)`` to paper ``(..., 2)``, mm."""
        flat: Array = np.stack([points @ self.right, points @ self.up], axis=-1)
        return flat

    @property
    def toward_viewer(self) -> Array:
        """Unit vector out of the paper."""
        return np.cross(self.right, self.up)


def draw_frames() -> Figure:
    """Three panels: oblique view of both frames, transaxial plane, plane of the long axis."""
    pose = RigidPose(rotation_from_angles(ALPHA_DEG, 0.0, THETA_DEG), (0, 0, 0))
    figure, panels = plt.subplots(1, 3, figsize=(13.6, 5.4))
    figure.subplots_adjust(left=0.005, right=0.995, top=0.85, bottom=0.02, wspace=0.02)
    _draw_oblique(panels[0], pose)
    _draw_transaxial(panels[1], pose)
    _draw_long_axis_plane(panels[2], pose)
    limits = (-HALF_MM, HALF_MM)
    for panel, shift_mm in zip(panels, (16, 0, 0), strict=True):
        panel.set(xlim=(shift_mm - HALF_MM, shift_mm + HALF_MM), ylim=limits)
        panel.set(aspect="equal", xticks=[], yticks=[])
        panel.set_facecolor(palette.BODY)
        for spine in panel.spines.values():
            spine.set_visible(False)
    return figure


def _draw_oblique(panel: Axes, pose: RigidPose) -> None:
    _title(panel, "Patient frame and cardiac frame", "seen from the front, left and above")
    paper = _looking_from(np.array([0.5, -1.0, 0.42]))
    _draw_heart(panel, pose, paper)
    names = ("$x_c$  lateral", "$y_c$  inferior", "$z_c$  base")
    for axis, color, name in zip(pose.patient_from_cardiac.T, CARDIAC_COLORS, names, strict=True):
        _arrow(panel, np.zeros(2), REACH_MM * paper(axis), color, name)
    panel.plot(0, 0, "o", color=palette.INK, ms=5, zorder=6)
    panel.text(*(43 * paper(pose.apex_direction) + (13, 0)), "apex", va="center")
    corner = np.array([46.0, -86.0])
    patient_axes = ((LEFT, "x  left"), (-ANTERIOR, "y  posterior"), (SUPERIOR, "z  superior"))
    for direction, label in patient_axes:
        _arrow(panel, corner, corner + 34 * paper(direction), palette.INK, label)


def _draw_transaxial(panel: Axes, pose: RigidPose) -> None:
    _title(panel, "Azimuth θ", "transaxial plane, seen from the feet")
    paper = Projection(LEFT, ANTERIOR)
    _draw_plane(panel, pose, paper)
    panel.text(*paper(pose.to_patient(RIGHT_VENTRICLE_MM)), "RV", color=palette.SOFT, ha="center")
    _, _, theta = angles_from_rotation(pose.patient_from_cardiac)
    _draw_angle(panel, paper(ANTERIOR), paper(pose.apex_direction), f"θ = {theta:+.0f}°", (24, 84))
    _arrow(panel, np.zeros(2), 62 * paper(pose.patient_from_cardiac[:, 0]), palette.X_AXIS, "$x_c$")
    _edges(
        panel,
        top="anterior",
        bottom="posterior",
        left="patient's\nright",
        right="patient's\nleft",
    )


def _draw_long_axis_plane(panel: Axes, pose: RigidPose) -> None:
    _title(panel, "Elevation α", "vertical plane through the long axis")
    level = pose.apex_direction - (pose.apex_direction @ SUPERIOR) * SUPERIOR
    level /= np.linalg.norm(level)
    paper = Projection(level, SUPERIOR)
    _draw_plane(panel, pose, paper)
    alpha, _, _ = angles_from_rotation(pose.patient_from_cardiac)
    _draw_angle(panel, paper(level), paper(pose.apex_direction), f"α = {alpha:+.0f}°", (66, 10))
    _arrow(panel, np.zeros(2), 62 * paper(pose.patient_from_cardiac[:, 1]), palette.Y_AXIS, "$y_c$")
    _edges(panel, top="superior", bottom="inferior (feet)", left="", right="")
    style = {"color": palette.SOFT, "fontsize": palette.SMALL, "va": "center"}
    panel.text(HALF_MM - 3, 34, "anterior\nand left", ha="right", **style)
    panel.text(3 - HALF_MM, -34, "posterior\nand right", ha="left", **style)


def _looking_from(viewer: Array) -> Projection:
    """Projection seen from a patient direction, with superior up."""
    viewer = viewer / np.linalg.norm(viewer)
    right = np.cross(SUPERIOR, viewer)
    right /= np.linalg.norm(right)
    return Projection(right, np.cross(viewer, right))


def _draw_heart(panel: Axes, pose: RigidPose, paper: Projection) -> None:
    """The left ventricle as a solid with rings around it, those behind it faint."""
    outline = convex_outline(paper(pose.to_patient(epicardial_points())))
    panel.add_patch(
        Polygon(outline, facecolor=palette.CHAMBER, edgecolor=palette.MUSCLE_EDGE, lw=1.5, zorder=2)
    )
    for ring in epicardial_rings(8):
        points = pose.to_patient(ring)
        flat = paper(points)
        is_front = (points - points.mean(axis=0)) @ paper.toward_viewer > 0
        front = np.where(is_front[:, None], flat, np.nan)
        panel.plot(*flat.T, color=palette.MUSCLE, lw=0.8, alpha=0.25, zorder=3)
        panel.plot(*front.T, color=palette.MUSCLE, lw=1.1, alpha=0.9, zorder=3)


def _draw_plane(panel: Axes, pose: RigidPose, paper: Projection) -> None:
    """Both ventricles cut by the plane of the paper through the centre of the left one."""
    offsets = np.linspace(-HALF_MM, HALF_MM, 260)
    across, along = np.meshgrid(offsets, offsets)
    points = across[..., None] * paper.right + along[..., None] * paper.up
    fill_cut(panel, offsets, pose.to_cardiac(points + pose.center_mm))
    panel.plot(0, 0, "o", color=palette.INK, ms=5, zorder=6)


def _draw_angle(
    panel: Axes, zero: Array, apex: Array, label: str, label_place: tuple[float, float]
) -> None:
    """The long axis on the paper and the arc to it from where the angle is zero."""
    unit = apex / np.linalg.norm(apex)
    line = np.array([-62 * unit, 80 * unit])
    panel.plot(*line.T, color=palette.Z_AXIS, lw=2.2, zorder=4)
    for place, name in ((87 * unit, "apex"), (-71 * unit, "base")):
        panel.text(*place, name, ha="center", va="center", color=palette.Z_AXIS, zorder=6)
    panel.plot(*np.array([0 * zero, 82 * zero]).T, color=palette.SOFT, lw=1.2, ls=(0, (4, 3)))
    first, last = np.arctan2(zero[1], zero[0]), np.arctan2(apex[1], apex[0])
    angles = np.linspace(first, last, 61)
    curve = ARC_MM * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    panel.plot(*curve[:-3].T, color=palette.ANGLE, lw=2, zorder=5)
    _arrow(panel, curve[-8], curve[-1], palette.ANGLE, "")
    panel.text(
        *label_place,
        label,
        color=palette.ANGLE,
        fontsize=palette.TITLE,
        ha="center",
        va="center",
        zorder=7,
    )


def _edges(panel: Axes, *, top: str, bottom: str, left: str, right: str) -> None:
    style = {"color": palette.SOFT, "fontsize": palette.SMALL}
    panel.text(0, HALF_MM - 8, top, ha="center", **style)
    panel.text(0, 4 - HALF_MM, bottom, ha="center", **style)
    panel.text(3 - HALF_MM, 0, left, ha="left", va="center", **style)
    panel.text(HALF_MM - 3, 0, right, ha="right", va="center", **style)


def _arrow(
    panel: Axes, start: Array, end: Array, color: str, label: str, width: float = 1.8
) -> None:
    style = {"arrowstyle": "-|>", "color": color, "lw": width, "shrinkA": 0, "shrinkB": 0}
    panel.annotate("", end, start, arrowprops=style, zorder=5)
    step = end - start
    place = end + 7 * step / (np.linalg.norm(step) + 1e-9)
    across = "left" if step[0] > 8 else "right" if step[0] < -8 else "center"
    along = "center" if across != "center" else "bottom" if step[1] > 0 else "top"
    panel.text(*place, label, color=color, ha=across, va=along, fontsize=palette.TEXT, zorder=6)


def _title(panel: Axes, title: str, subtitle: str) -> None:
    panel.set_title(
        title, fontsize=palette.TITLE, fontweight="bold", pad=28, loc="left", color=palette.INK
    )
    panel.text(
        0, 1.025, subtitle, transform=panel.transAxes, color=palette.SOFT, fontsize=palette.TEXT
    )
