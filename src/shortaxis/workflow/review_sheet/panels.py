"""Cuts through the original counts with the long axis drawn on them.

The planes lie along the patient's axes, whatever the order and obliquity of the source
slices, and are shown in the radiological convention: the patient's right on screen left.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes

from shortaxis.geometry.affines import affine_from_axes, apply_affine, invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.canvas import (
    MUTED,
    Box,
    Sheet,
    Style,
    halo,
    text_style,
    text_width_px,
)
from shortaxis.workflow.drawing.field import outside_the_field
from shortaxis.workflow.drawing.shown_heart import half_length_mm
from shortaxis.workflow.drawing.slice_tiles import OUTSIDE_COLOUR, SOURCE_COLOURS
from shortaxis.workflow.review_sheet.content import ReviewSheetContent
from shortaxis.workflow.review_sheet.layout import SOURCE_BOXES

__all__ = ["PLANES", "PatientPlane", "draw_source_cuts"]

HALF_WIDTH_MM = 110.0
"""Heart, liver dome and the wall of the chest are seen; the arms are not."""

SCALE_BAR_MM = 50.0

SPLINE_MARGIN = 8
"""Voxels after which a cubic spline has forgotten its edge: 0.27 to this power is 3e-5."""

AXIS_COLOUR, LETTER_COLOUR = "#e4003a", "#0b4fb3"

AXIS_NOTE = "axis projected"
"""The axis leaves the plane: its arrow is shorter than the ventricle is long."""

LETTERS = ("RL", "AP", "IS")
"""Names of the negative and positive direction of x, y and z in LPS."""

HORIZONTAL = {-1: "right", 0: "center", 1: "left"}
VERTICAL = {-1: "bottom", 0: "center", 1: "top"}
"""How a name is aligned that stands on the left or right, above or below of its place."""

Direction = tuple[int, int, int]


@dataclass(frozen=True)
class PatientPlane:
    """A plane along the patient's axes; `row` is to the right on screen, `column` down (LPS)."""

    title: str
    row: Direction
    column: Direction

    def project(self, offsets: FloatArray) -> FloatArray:
        """Offsets ``(..., 3)`` in LPS mm to ``(..., 2)`` mm right and down on screen."""
        projected: FloatArray = offsets @ np.array([self.row, self.column], dtype=np.float64).T
        return projected

    def letters(self) -> dict[str, str]:
        """Orientation letter of every side of the screen."""
        return {
            "right": _letter(self.row),
            "left": _letter(_opposite(self.row)),
            "bottom": _letter(self.column),
            "top": _letter(_opposite(self.column)),
        }

    def sample(self, volume: SpectVolume, center_mm: FloatArray, size: int) -> CountsArray:
        """Counts ``(row, column)`` on `size` x `size` pixels around a point, NaN outside."""
        step = 2 * HALF_WIDTH_MM / size
        normal = np.cross(self.row, self.column).tolist()
        patient_from_index = affine_from_axes((normal, self.column, self.row), step, (0, 0, 0))
        middle = np.array([0, size - 1, size - 1]) / 2
        patient_from_index[:3, 3] = center_mm - patient_from_index[:3, :3] @ middle
        grid = Grid((1, size, size), patient_from_index)
        part = _around(volume, center_mm).resampled(grid, "cubic").counts
        cut: CountsArray = np.where(outside_the_field(volume, grid), np.nan, part)[0]
        return cut


PLANES = (
    PatientPlane("Transaxial", row=(1, 0, 0), column=(0, 1, 0)),
    PatientPlane("Coronal", row=(1, 0, 0), column=(0, 0, -1)),
    PatientPlane("Sagittal", row=(0, 1, 0), column=(0, 0, -1)),
)


def draw_source_cuts(sheet: Sheet, content: ReviewSheetContent, level: float) -> None:
    """Draw the three cuts through the centre, inverse grey, `level` and more in black."""
    for plane, box in zip(PLANES, SOURCE_BOXES, strict=True):
        sheet.text((box.left, box.top - 26), plane.title, 17, fontweight="bold")
        after = box.left + text_width_px(plane.title, 17, bold=True) + 10
        sheet.text((after, box.top - 24), AXIS_NOTE, 14, color=MUTED)
        _draw_cut(sheet.axes(box, plane.title.lower()), box, plane, content, level)


def _around(volume: SpectVolume, center_mm: FloatArray) -> SpectVolume:
    """The part of a volume that a cut reaches: a spline through a whole PET body takes long."""
    corners = center_mm + HALF_WIDTH_MM * np.array(list(product((-1, 1), repeat=3)))
    index = apply_affine(invert_affine(volume.patient_from_index), corners)
    last = np.array(volume.shape) - 1
    lowest = np.clip(np.floor(index.min(axis=0)).astype(int) - SPLINE_MARGIN, 0, last)
    highest = np.clip(np.ceil(index.max(axis=0)).astype(int) + SPLINE_MARGIN, lowest, last)
    part = tuple(slice(low, high + 1) for low, high in zip(lowest, highest, strict=True))
    shift = np.eye(4)
    shift[:3, 3] = lowest
    return SpectVolume(volume.counts[part], volume.patient_from_index @ shift)


def _draw_cut(
    axes: Axes, box: Box, plane: PatientPlane, content: ReviewSheetContent, level: float
) -> None:
    counts = plane.sample(content.volume, content.pose.center_mm, int(box.width))
    axes.imshow(
        np.ma.masked_invalid(counts / level),
        cmap=colormaps[SOURCE_COLOURS].with_extremes(bad=OUTSIDE_COLOUR),
        vmin=0,
        vmax=1,
        extent=(-HALF_WIDTH_MM, HALF_WIDTH_MM, HALF_WIDTH_MM, -HALF_WIDTH_MM),
        interpolation="bilinear",
        aspect="auto",
    )
    axes.set(xlim=(-HALF_WIDTH_MM, HALF_WIDTH_MM), ylim=(HALF_WIDTH_MM, -HALF_WIDTH_MM))
    _draw_frame(axes)
    _draw_letters(axes, plane)
    _draw_scale_bar(axes)
    _draw_long_axis(axes, plane, content.pose, content.estimate.extent)


def _draw_frame(axes: Axes) -> None:
    edge = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * HALF_WIDTH_MM
    axes.plot(*edge.T, color="#9aa3b0", linewidth=1.5, solid_joinstyle="miter")


def _draw_letters(axes: Axes, plane: PatientPlane) -> None:
    inset = HALF_WIDTH_MM - 10
    places = {"left": (-inset, 0), "right": (inset, 0), "top": (0, -inset), "bottom": (0, inset)}
    for side, letter in plane.letters().items():
        axes.text(
            *places[side],
            letter,
            color=LETTER_COLOUR,
            ha="center",
            va="center",
            fontweight="bold",
            bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"},
            **text_style(18),
        )


def _draw_scale_bar(axes: Axes) -> None:
    right, low = HALF_WIDTH_MM - 6, HALF_WIDTH_MM - 6
    bar: Style = {"color": LETTER_COLOUR, "path_effects": halo("white", 7)}
    axes.plot([right - SCALE_BAR_MM, right], [low, low], linewidth=2.5, **bar)
    words = f"{SCALE_BAR_MM:g} mm"
    axes.text(right, low - 4, words, ha="right", va="bottom", **bar, **text_style(15))


def _draw_long_axis(
    axes: Axes, plane: PatientPlane, pose: RigidPose, extent: LeftVentricleExtent | None
) -> None:
    """Base to apex with the arrow head at the epicardial apex; a cross marks the centre."""
    half = half_length_mm(extent) * pose.apex_direction
    apex, base = plane.project(half), plane.project(-half)
    line = axes.annotate(
        "",
        xy=tuple(apex),
        xytext=tuple(base),
        arrowprops={
            "arrowstyle": "-|>,head_width=0.35,head_length=0.8",
            "color": AXIS_COLOUR,
            "linewidth": 2,
            "shrinkA": 0,
            "shrinkB": 0,
            "path_effects": halo("white", 5),
        },
    )
    line.set_gid("long axis")
    marker: Style = {"color": AXIS_COLOUR, "markeredgecolor": "white", "zorder": 5}
    axes.plot(0, 0, marker="o", markersize=8, gid="centre", **marker)
    axes.plot(*base, marker="s", markersize=8, gid="base", **marker)
    for name, place, otherwise in (("apex", apex, -1.0), ("base", base, 1.0)):
        length = float(np.hypot(*place))
        # An axis seen end on has no direction: the apex is named above, the base below.
        outward = place / length if length > 1 else np.array([0.0, otherwise])
        _name_end(axes, name, place, outward)


def _name_end(axes: Axes, name: str, place: FloatArray, outward: FloatArray) -> None:
    """Write the name beyond the end of the line, away from the centre."""
    at = place + outward * 6
    axes.text(
        float(at[0]),
        float(at[1]),
        name,
        color=AXIS_COLOUR,
        ha=HORIZONTAL[round(float(outward[0]))],
        va=VERTICAL[round(float(outward[1]))],
        fontweight="bold",
        path_effects=halo("white", 4),
        zorder=6,
        **text_style(16),
    )


def _opposite(direction: Direction) -> Direction:
    right, down, up = direction
    return -right, -down, -up


def _letter(direction: Direction) -> str:
    axis = next(number for number, part in enumerate(direction) if part)
    return LETTERS[axis][direction[axis] > 0]
