"""The words of the sheet: headline, flag with its reasons, pose and size."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat

from shortaxis.dicom.elements.uids import told_uid
from shortaxis.geometry.euler import parameters_from_pose
from shortaxis.reorientation.estimate import LeftVentricleExtent, PoseUncertainty, QualityFlag
from shortaxis.reorientation.methods import MANUAL, known_method
from shortaxis.reorientation.roll import RollConvention
from shortaxis.workflow.drawing.box import Box
from shortaxis.workflow.drawing.field import wall_outside
from shortaxis.workflow.drawing.header_words import note_words, tracer_words
from shortaxis.workflow.drawing.inks import MUTED, PAPER
from shortaxis.workflow.drawing.lettering import (
    ELLIPSIS,
    clipped,
    drawable,
    text_width_px,
    wrapped,
)
from shortaxis.workflow.drawing.painted_sheet import PaintedSheet
from shortaxis.workflow.review_sheet.content import ReviewSheetContent
from shortaxis.workflow.review_sheet.layout import FACTS_BOX, NOTICE_PLACE, TITLE_BOX
from shortaxis.workflow.studies.record import NOTICE

__all__ = ["draw_facts", "draw_title", "fact_rows"]

FLAG_COLOURS = {QualityFlag.ACCEPT: "#1a7f37", QualityFlag.REVIEW: "#c0350b"}
RULE_COLOUR = "#cdd3dc"
NO_REASONS = ("No reason to review was found.", "Look at the slices all the same.")
NOT_ESTIMATED = ("The pose was given by hand, not estimated.",)
FIELD = "Field"
"""The row that is there only where part of the wall was not measured; bold for that."""

UID_END = 12
"""Characters that distinguish the series of one study and fit on a line."""

BANNER_HEIGHT, ROW_HEIGHT, LABEL_WIDTH = 48, 22, 110
VALUE_WIDTH = FACTS_BOX.width - LABEL_WIDTH
VALUE_SIZES_PX = (15, 14, 13)
REASON_SIZES_PX = (16, 15, 14)
LINE_SPACING = 1.3
BULLET, BULLET_WIDTH = "\N{BULLET}", 14
DEGREE, MINUS = "\N{DEGREE SIGN}", "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"

ATTENUATION = {True: "AC", False: "no AC", None: ""}
"""What is said of the correction of attenuation, by what is known of it."""

Line = tuple[str, str]
"""A bullet, empty on the later lines of a reason, and words."""


def draw_title(sheet: PaintedSheet, content: ReviewSheetContent) -> None:
    """Draw the headline, cut if it is too long."""
    box = TITLE_BOX
    words = clipped(content.title, box.width, 24, bold=True)
    sheet.text((box.left, box.top), words, 24, bold=True)


def draw_facts(sheet: PaintedSheet, content: ReviewSheetContent) -> None:
    """Draw the flag, its reasons, the table of facts and the notice."""
    box, quality = FACTS_BOX, content.estimate.quality
    banner = Box(box.left, box.top, box.width, BANNER_HEIGHT)
    sheet.fill(banner, FLAG_COLOURS[quality.flag])
    place = (banner.left + 16, banner.top + banner.height / 2)
    words = quality.flag.words
    sheet.text(place, words, 27, colour=PAPER, bold=True, anchor=(0, 0.5))
    rows = fact_rows(content)
    rows_top = box.bottom - ROW_HEIGHT * len(rows)
    reasons_box = Box(box.left, banner.bottom + 12, box.width, rows_top - banner.bottom - 24)
    without = NOT_ESTIMATED if content.estimate.method == MANUAL.name else NO_REASONS
    _draw_reasons(sheet, reasons_box, quality.reasons, without)
    sheet.fill(Box(box.left, rows_top - 9, box.width, 1), RULE_COLOUR)
    for number, (label, value) in enumerate(rows):
        top = rows_top + ROW_HEIGHT * number
        sheet.text((box.left, top), label, 15, colour=MUTED)
        _draw_value(sheet, (box.left + LABEL_WIDTH, top), value, bold=label == FIELD)
    sheet.text(NOTICE_PLACE, NOTICE, 15, bold=True)


def fact_rows(content: ReviewSheetContent) -> list[tuple[str, str]]:
    """Label and value of every fact, in the order in which they are read."""
    estimate = content.estimate
    applied = parameters_from_pose(content.pose, content.volume.center_mm)
    extent, weights = estimate.extent, estimate.weights
    x, y, z = content.pose.center_mm
    return [
        *_series(content.facts.series_instance_uid),
        ("Study", _study(content)),
        ("Method", " ".join([estimate.method, weights.name, weights.version]).strip()),
        ("Apex", f"{_side(applied.theta)}, {_end(applied.alpha)}"),
        ("Roll", f"{_degrees(applied.beta)} {content.roll}{_septum(content)}"),
        ("Centre", f"{_number(x)}, {_number(y)}, {_number(z)} mm LPS"),
        (known_method(estimate.method).uncertainty.value, _uncertainty(estimate.uncertainty)),
        ("LV length", "not known" if extent is None else _size(extent)),
        ("Voxels", _voxels(content)),
        *_outside(content),
    ]


def _draw_reasons(
    sheet: PaintedSheet, box: Box, reasons: Sequence[str], without: Sequence[str]
) -> None:
    if not reasons:
        for number, line in enumerate(without):
            top = box.top + number * LINE_SPACING * REASON_SIZES_PX[0]
            sheet.text((box.left, top), line, REASON_SIZES_PX[0])
    lines, size_px = fitted_reasons(reasons, box)
    for number, (bullet, line) in enumerate(lines):
        top = box.top + number * LINE_SPACING * size_px
        sheet.text((box.left, top), bullet, size_px)
        sheet.text((box.left + BULLET_WIDTH, top), line, size_px)


def fitted_reasons(reasons: Sequence[str], box: Box) -> tuple[list[Line], float]:
    """Lines of the reasons and their size in pixels: the largest size at which all fit.

    Where they do not fit even in the smallest, whole reasons are left out and counted.
    """
    for size_px in REASON_SIZES_PX:
        lines = _reason_lines(reasons, box.width, size_px)
        if len(lines) <= _room(box, size_px):
            return lines, size_px
    for shown in range(len(reasons) - 1, -1, -1):
        rest = len(reasons) - shown
        words = f"and {rest} more, in report.json" if shown else f"{rest} in report.json"
        lines = [*_reason_lines(reasons[:shown], box.width, size_px), ("", words)]
        if len(lines) <= _room(box, size_px):
            break
    return lines, size_px


def _room(box: Box, size_px: float) -> int:
    return int(box.height / (LINE_SPACING * size_px))


def _reason_lines(reasons: Sequence[str], width_px: float, size_px: float) -> list[Line]:
    lines = []
    for reason in map(note_words, reasons):
        parts = wrapped(reason, width_px - BULLET_WIDTH, size_px)
        lines += list(zip(chain([BULLET], repeat("")), parts, strict=False))
    return lines


def _draw_value(sheet: PaintedSheet, place: tuple[float, float], value: str, *, bold: bool) -> None:
    """Draw a value in the largest size at which it fits; what fits in none is cut."""
    value = drawable(value)
    widths = {size: text_width_px(value, size, bold=bold) for size in VALUE_SIZES_PX}
    fitting = (size for size, width in widths.items() if width <= VALUE_WIDTH)
    size_px = next(fitting, VALUE_SIZES_PX[-1])
    words = clipped(value, VALUE_WIDTH, size_px, bold=bold)
    sheet.text(place, words, size_px, bold=bold)


def _study(content: ReviewSheetContent) -> str:
    """Tracer, gating and attenuation correction; only the words of a tracer are ever cut."""
    facts, slots = content.facts, content.time_slots
    gating = f"gated {slots} (sum)" if slots > 1 else ""
    correction = ATTENUATION[facts.attenuation_corrected]
    rest = ", ".join(part for part in (gating, correction) if part)
    smallest = VALUE_SIZES_PX[-1]
    room = VALUE_WIDTH - text_width_px(f", {rest}", smallest)
    is_said = bool(facts.tracer or facts.nuclide)
    tracer = clipped(tracer_words(facts), room, smallest) if is_said else ""
    return ", ".join(part for part in (tracer, rest) if part) or "not known"


def _series(uid: str) -> list[tuple[str, str]]:
    is_told = uid and told_uid(uid) == uid
    return [("Series", f"{ELLIPSIS}{uid[-UID_END:]}")] if is_told else []


def _outside(content: ReviewSheetContent) -> list[tuple[str, str]]:
    percent = 100 * wall_outside(content.volume, content.pose, content.estimate.extent)
    if not percent:
        return []
    words = f"{percent:.0f} %" if percent >= 1 else "less than 1 %"
    return [(FIELD, f"{words} of the wall reaches outside")]


def _number(value: float) -> str:
    # Adding zero turns a rounded -0.0 into 0.0.
    return f"{round(value, 1) + 0.0:.1f}".replace("-", MINUS)


def _septum(content: ReviewSheetContent) -> str:
    """What is known of the septum where the slices do not show it."""
    estimate = content.estimate
    if not estimate.knows_roll:
        return ", septum not located"
    if content.roll == RollConvention.ANATOMICAL.value:
        return ""
    anatomical = parameters_from_pose(estimate.pose, content.volume.center_mm)
    return f", anatomical {_degrees(anatomical.beta)}"


def _degrees(angle: float) -> str:
    return f"{_number(angle)}{DEGREE}"


def _side(azimuth: float) -> str:
    return f"{_degrees(abs(azimuth))} to the {'left' if azimuth >= 0 else 'right'}"


def _end(elevation: float) -> str:
    return f"{_degrees(abs(elevation))} to the {'feet' if elevation >= 0 else 'head'}"


def _uncertainty(uncertainty: PoseUncertainty) -> str:
    known = {
        "axis": (uncertainty.long_axis_deg, DEGREE),
        "roll": (uncertainty.roll_deg, DEGREE),
        "centre": (uncertainty.center_mm, " mm"),
    }
    parts = [
        f"{name} {value:.{int(value < 10)}f}{unit}"
        for name, (value, unit) in known.items()
        if value is not None
    ]
    return ", ".join(parts) or "not known"


def _size(extent: LeftVentricleExtent) -> str:
    return f"{extent.length_mm:.0f} mm by the pose, radius {extent.radius_mm:.0f} mm"


def _voxels(content: ReviewSheetContent) -> str:
    sizes = f" {TIMES} ".join(f"{size:.3g}" for size in content.volume.spacing_mm[::-1])
    slices = next(iter(content.views.values())).spacing_mm[0]
    return f"{sizes} mm, slices {slices:.3g} mm, {content.interpolation}"
