"""Errors against the motion, and where the long axes point, as plots on the sheet."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.consistency import Answers
from shortaxis.workflow.consistency.layout import AXIS_BOX, CENTER_BOX, DIRECTION_BOX
from shortaxis.workflow.consistency.measuring import Consistency
from shortaxis.workflow.consistency.options import MAX_SHIFT_MM, MAX_TURN_DEG
from shortaxis.workflow.drawing.canvas import FONT, INK, MUTED, Box, Sheet, Style, halo, text_style

__all__ = ["COLOURS", "MARKERS", "axis_offsets_deg", "draw_plots"]

COLOURS = {"resampled": "#0b5cad", "affine_only": "#c2410c"}
MARKERS: dict[str, Style] = {
    "resampled": {"marker": "o", "facecolors": COLOURS["resampled"], "edgecolors": "white"},
    "affine_only": {"marker": "o", "facecolors": "none", "edgecolors": COLOURS["affine_only"]},
}
LOST: Style = {"marker": "x", "s": 40, "linewidths": 1.6, "zorder": 4, "clip_on": False}
LABEL_PX, TICK_PX, NAME_PX = 15, 14, 17
RULE_COLOUR = "#cdd3dc"

RINGS_DEG = (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0, 90.0)
MIN_REACH_DEG, MIN_ERROR = 1.0, 1.0
"""What a plot shows at least: a spread of a tenth of a degree shall not look large."""


def draw_plots(sheet: Sheet, consistency: Consistency, record: dict[str, Any]) -> None:
    """Draw the error of the axis, that of the centre, and the directions of the axis."""
    turns = _plot(sheet, AXIS_BOX, "axis errors", "Long axis", MAX_TURN_DEG)
    _label(turns, "turn of the input (\N{DEGREE SIGN})", "angle to the mean (\N{DEGREE SIGN})")
    shifts = _plot(sheet, CENTER_BOX, "centre errors", "Centre", MAX_SHIFT_MM)
    _label(shifts, "shift of the input (mm)", "distance to the mean (mm)")
    for name in MARKERS:
        answers = record[name]["answers"]
        turn = [answer["turn_deg"] for answer in answers]
        shift = [float(np.linalg.norm(answer["shift_mm"])) for answer in answers]
        _scatter(turns, name, turn, _errors(answers, "long_axis_deg"))
        _scatter(shifts, name, shift, _errors(answers, "center_mm"))
    for axes in (turns, shifts):
        axes.set_ylim(0, max(axes.get_ylim()[1], MIN_ERROR))
    _draw_directions(sheet, consistency)


def axis_offsets_deg(pose: RigidPose, mean: RigidPose) -> FloatArray:
    """Where an apex points beside the mean one: degrees to the patient's left, and to the head.

    The length is the angle between the axes, the direction that of the shortest way.
    """
    toward = mean.apex_direction
    left = np.cross((0.0, 0.0, 1.0), toward)
    length = float(np.linalg.norm(left))
    # For an axis along the patient, left is left.
    left = left / length if length > 1e-9 else np.array([1.0, 0.0, 0.0])
    beside = np.array([left, np.cross(toward, left)]) @ pose.apex_direction
    sine = float(np.linalg.norm(beside))
    angle = np.rad2deg(np.arctan2(sine, float(pose.apex_direction @ toward)))
    offsets: FloatArray = beside * (angle / sine if sine > 0 else 0.0)
    return offsets


def _errors(answers: list[dict[str, Any]], name: str) -> list[float]:
    """Errors around the mean; NaN where no heart was found."""
    return [answer["around_mean"][name] if answer["found"] else np.nan for answer in answers]


def _plot(sheet: Sheet, box: Box, label: str, name: str, largest: float) -> Axes:
    axes = sheet.axes(box, label)
    axes.set_axis_on()
    axes.set_xlim(0, largest)
    axes.grid(color="#e7eaee", linewidth=0.8)
    axes.set_axisbelow(True)
    _style_frame(axes)
    sheet.text((box.left, box.top - 28), name, NAME_PX, fontweight="bold")
    return axes


def _style_frame(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
    axes.tick_params(labelsize=text_style(TICK_PX)["fontsize"], colors=INK, labelfontfamily=FONT)


def _label(axes: Axes, along: str, up: str) -> None:
    axes.set_xlabel(along, color=INK, **text_style(LABEL_PX))
    axes.set_ylabel(up, color=INK, **text_style(LABEL_PX))


def _scatter(axes: Axes, name: str, along: list[float], errors: list[float]) -> None:
    axes.scatter(along, errors, s=34, linewidths=1.2, zorder=3, clip_on=False, **MARKERS[name])
    lost = [place for place, error in zip(along, errors, strict=True) if np.isnan(error)]
    if lost:
        top = axes.get_xaxis_transform()
        axes.scatter(lost, [1.0] * len(lost), color=COLOURS[name], transform=top, **LOST)


def _draw_directions(sheet: Sheet, consistency: Consistency) -> None:
    """Long axes about the mean of the resampled ones, looking from the base to the apex."""
    axes = _plot(sheet, DIRECTION_BOX, "directions", "Where the apex points", 1.0)
    axes.grid(visible=False)
    _label(axes, "to the patient's left (\N{DEGREE SIGN})", "to the head (\N{DEGREE SIGN})")
    mean = consistency.resampled.mean or consistency.affine_only.mean
    if mean is None:
        return
    points = {
        name: _offsets(answers, mean)
        for name, answers in (
            ("affine_only", consistency.affine_only),
            ("resampled", consistency.resampled),
        )
    }
    unmoved = axis_offsets_deg(consistency.unmoved_pose, mean)
    together = np.concatenate([*points.values(), unmoved[None]])
    reach = max(MIN_REACH_DEG, 1.1 * float(np.abs(together).max()))
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
    _draw_rings(axes, reach)
    for name, offsets in points.items():
        axes.scatter(offsets[:, 0], offsets[:, 1], s=34, linewidths=1.2, zorder=3, **MARKERS[name])
    axes.scatter(unmoved[0], unmoved[1], marker="*", s=190, color=INK, edgecolors="white", zorder=5)


def _draw_rings(axes: Axes, reach: float) -> None:
    axes.axhline(0, color=RULE_COLOUR, linewidth=0.8, zorder=1)
    axes.axvline(0, color=RULE_COLOUR, linewidth=0.8, zorder=1)
    for radius in [ring for ring in RINGS_DEG if reach / 4 < ring < reach][-2:]:
        axes.add_patch(Circle((0, 0), radius, fill=False, color=MUTED, linewidth=1, linestyle=":"))
        axes.text(
            0,
            -radius,
            f"{radius:g}\N{DEGREE SIGN}",
            color=MUTED,
            ha="center",
            va="center",
            zorder=6,
            path_effects=halo("white", 6),
            **text_style(13),
        )


def _offsets(answers: Answers, mean: RigidPose) -> FloatArray:
    poses = [pose for answer in answers.answers if (pose := answer.moved_back) is not None]
    return np.array([axis_offsets_deg(pose, mean) for pose in poses]).reshape(-1, 2)
