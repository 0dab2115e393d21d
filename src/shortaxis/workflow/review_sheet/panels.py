"""Cuts through the original counts with the long axis drawn on them.

The planes lie along the patient's axes, whatever the order and obliquity of the source
slices, and are shown in the radiological convention: the patient's right on screen left.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from shortaxis.geometry.affines import affine_from_axes, apply_affine, invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.field import outside_the_field
from shortaxis.workflow.drawing.inks import MUTED, PAPER
from shortaxis.workflow.drawing.lettering import text_width_px
from shortaxis.workflow.drawing.marks import Rim, Shape
from shortaxis.workflow.drawing.painted_sheet import PaintedSheet, Panel, WordsStyle
from shortaxis.workflow.drawing.shown_heart import half_length_mm
from shortaxis.workflow.drawing.tile_style import GREY_SCALE
from shortaxis.workflow.review_sheet.content import ReviewSheetContent
from shortaxis.workflow.review_sheet.cuts import cut_of
from shortaxis.workflow.review_sheet.layout import SOURCE_BOXES

__all__ = ["PLANES", "PatientPlane", "draw_source_cuts"]

HALF_WIDTH_MM = 110.0
"""Heart, liver dome and the wall of the chest are seen; the arms are not."""

SCALE_BAR_MM = 50.0

SPLINE_MARGIN = 8
"""Voxels after which a cubic spline has forgotten its edge: 0.27 to this power is 3e-5."""

AXIS_COLOUR, LETTER_COLOUR, FRAME_COLOUR = "#e4003a", "#0b4fb3", "#9aa3b0"

ARROW_PX, ARROW_RIM_PX, MARKER_EDGE_PX = 2.8, 5.0, 2.4
HEAD_PX = (13.0, 6.0)
"""Length of the arrow's head, and half its width."""

DISC_PX = 5 * np.array([(np.cos(turn), np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 33)])
SQUARE_PX = 5.0 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])

AXIS_NOTE = "axis projected"
"""The axis leaves the plane: its arrow is shorter than the ventricle is long."""

LETTERS = ("RL", "AP", "IS")
"""Names of the negative and positive direction of x, y and z in LPS."""

Direction = tuple[int, int, int]


@dataclass(frozen=True)
class PatientPlane:
    """A plane along the patient's axes; `row` is to the right on screen, `column` down (LPS)."""

    title: str
    row: Direction
    column: Direction

    @property
    def normal(self) -> Direction:
        """Where the third axis of a right-handed frame points."""
        right, down, up = np.cross(self.row, self.column).tolist()
        return right, down, up

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
        grid = self.grid(center_mm, size)
        counts = cut_of(_around(volume, center_mm, self.normal), grid)
        cut: CountsArray = np.where(outside_the_field(volume, grid)[0], np.nan, counts)
        return cut

    def grid(self, center_mm: FloatArray, size: int) -> Grid:
        """Where those pixels lie."""
        step = 2 * HALF_WIDTH_MM / size
        patient_from_index = affine_from_axes((self.normal, self.column, self.row), step, (0, 0, 0))
        middle = np.array([0, size - 1, size - 1]) / 2
        patient_from_index[:3, 3] = center_mm - patient_from_index[:3, :3] @ middle
        return Grid((1, size, size), patient_from_index)


PLANES = (
    PatientPlane("Transaxial", row=(1, 0, 0), column=(0, 1, 0)),
    PatientPlane("Coronal", row=(1, 0, 0), column=(0, 0, -1)),
    PatientPlane("Sagittal", row=(0, 1, 0), column=(0, 0, -1)),
)


def draw_source_cuts(sheet: PaintedSheet, content: ReviewSheetContent, level: float) -> None:
    """Draw the three cuts through the centre, inverse grey, `level` and more in black."""
    for plane, box in zip(PLANES, SOURCE_BOXES, strict=True):
        sheet.text((box.left, box.top - 26), plane.title, 17, bold=True)
        after = box.left + text_width_px(plane.title, 17, bold=True) + 10
        sheet.text((after, box.top - 24), AXIS_NOTE, 14, colour=MUTED)
        panel = sheet.panel(box, plane.title.lower(), HALF_WIDTH_MM)
        _draw_cut(panel, plane, content, level)


def _around(volume: SpectVolume, center_mm: FloatArray, normal: Direction) -> SpectVolume:
    """The part of a volume that a cut reaches: a spline through a whole PET body takes long.

    Across the plane that is twice the margin, after which nothing of an edge is left in counts.
    """
    reach_mm = np.where(normal, SPLINE_MARGIN * volume.spacing_mm.max(), HALF_WIDTH_MM)
    corners = center_mm + reach_mm * np.array(list(product((-1, 1), repeat=3)))
    index = apply_affine(invert_affine(volume.patient_from_index), corners)
    last = np.array(volume.shape) - 1
    lowest = np.clip(np.floor(index.min(axis=0)).astype(int) - SPLINE_MARGIN, 0, last)
    highest = np.clip(np.ceil(index.max(axis=0)).astype(int) + SPLINE_MARGIN, lowest, last)
    part = tuple(slice(low, high + 1) for low, high in zip(lowest, highest, strict=True))
    shift = np.eye(4)
    shift[:3, 3] = lowest
    return SpectVolume(volume.counts[part], volume.patient_from_index @ shift)


def _draw_cut(panel: Panel, plane: PatientPlane, content: ReviewSheetContent, level: float) -> None:
    counts = plane.sample(content.volume, content.pose.center_mm, int(panel.box.width))
    panel.picture(counts / level, GREY_SCALE)
    _draw_frame(panel)
    _draw_letters(panel, plane)
    _draw_scale_bar(panel)
    _draw_long_axis(panel, plane, content.pose, content.estimate.extent)


def _draw_frame(panel: Panel) -> None:
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * HALF_WIDTH_MM
    for side in pairwise(corners):
        panel.line(side, FRAME_COLOUR, 2)


def _draw_letters(panel: Panel, plane: PatientPlane) -> None:
    inset = HALF_WIDTH_MM - 10
    places = {"left": (-inset, 0), "right": (inset, 0), "top": (0, -inset), "bottom": (0, inset)}
    for side, letter in plane.letters().items():
        style: WordsStyle = {
            "colour": LETTER_COLOUR,
            "bold": True,
            "ground": PAPER,
            "anchor": (0.5, 0.5),
        }
        panel.text(places[side], letter, 18, **style)


def _draw_scale_bar(panel: Panel) -> None:
    right, low = HALF_WIDTH_MM - 6, HALF_WIDTH_MM - 6
    rim = Rim(PAPER, 7)
    panel.line([(right - SCALE_BAR_MM, low), (right, low)], LETTER_COLOUR, 3.5, rim=rim)
    words = f"{SCALE_BAR_MM:g} mm"
    panel.text((right, low - 4), words, 15, colour=LETTER_COLOUR, anchor=(1, 1), rim=rim)


def _draw_long_axis(
    panel: Panel, plane: PatientPlane, pose: RigidPose, extent: LeftVentricleExtent | None
) -> None:
    """Base to apex with the arrow head at the epicardial apex; a cross marks the centre."""
    half = half_length_mm(extent) * pose.apex_direction
    apex, base = plane.project(half), plane.project(-half)
    _draw_arrow(panel, base, apex)
    edge = Rim(PAPER, MARKER_EDGE_PX)
    panel.shape(Shape(panel.on_sheet((0, 0)) + DISC_PX, AXIS_COLOUR, edge, "centre"))
    panel.shape(Shape(panel.on_sheet(base) + SQUARE_PX, AXIS_COLOUR, edge, "base"))
    for name, place, otherwise in (("apex", apex, -1.0), ("base", base, 1.0)):
        length = float(np.hypot(*place))
        # An axis seen end on has no direction: the apex is named above, the base below.
        outward = place / length if length > 1 else np.array([0.0, otherwise])
        _name_end(panel, name, place, outward)


def _draw_arrow(panel: Panel, base: FloatArray, apex: FloatArray) -> None:
    """Draw a line whose head is as long as it is seen at most."""
    whole = float(np.hypot(*(apex - base)))
    along = (apex - base) / whole if whole > 0 else np.array([0.0, -1.0])
    across = np.array([-along[1], along[0]]) * HEAD_PX[1]
    tip = panel.on_sheet(apex)
    foot = tip - along * HEAD_PX[0]
    corners = np.array([tip, foot + across, foot - across])
    head = Shape(corners, AXIS_COLOUR, Rim(PAPER, MARKER_EDGE_PX), "arrow head")
    # The line ends inside the head, whose rim it covers in turn.
    shaft = panel.on_panel(foot + along)
    panel.line([base, apex], PAPER, ARROW_RIM_PX, name="long axis")
    panel.shape(head)
    if whole * panel.unit_px > HEAD_PX[0]:
        panel.line([base, shaft], AXIS_COLOUR, ARROW_PX)


def _name_end(panel: Panel, name: str, place: FloatArray, outward: FloatArray) -> None:
    """Write the name beyond the end of the line, away from the centre."""
    # It stands on the left or right, above or below of its place, or in the middle of it.
    across, down = (0.5 - 0.5 * round(float(part)) for part in outward)
    anchor, rim = (across, down), Rim(PAPER, 4)
    panel.text(place + outward * 6, name, 16, colour=AXIS_COLOUR, bold=True, anchor=anchor, rim=rim)


def _opposite(direction: Direction) -> Direction:
    right, down, up = direction
    return -right, -down, -up


def _letter(direction: Direction) -> str:
    axis = next(number for number, part in enumerate(direction) if part)
    return LETTERS[axis][direction[axis] > 0]
