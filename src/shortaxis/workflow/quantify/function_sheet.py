"""The picture of the function: volume curve, moving contours, maps, and the phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.function.harmonics import FINE_MOMENTS, FIRST_MIDDLE
from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.workflow.beat_view.contours import valve_line, wall_contours
from shortaxis.workflow.beat_view.cuts import cut_grid, cut_height_mm
from shortaxis.workflow.beat_view.polar_values import as_polar, function_maps
from shortaxis.workflow.quantify.function_record import NOT_ON_PATIENTS
from shortaxis.workflow.quantify.function_rows import (
    MOST_MOTION,
    MOST_THICKENING,
    phase_words,
    score_words,
)
from shortaxis.workflow.quantify.function_study import StudyFunction
from shortaxis.workflow.quantify.printed_volumes import printed_volumes
from shortaxis.workflow.quantify.wording import exam_words, study_mark
from shortaxis.workflow.studies.record import NOTICE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from shortaxis.geometry.arrays import CountsArray
    from shortaxis.spect.study import PerfusionStudy
    from shortaxis.workflow.drawing.canvas import Box, Sheet

__all__ = ["draw_function_sheet"]

HEIGHT, MARGIN = 1000, 28
COLOURS, PLANE_COLOUR = {"endocardium": "#e4003a", "epicardium": "#f2a900"}, "#1556b0"
REACH_MM, CUT_MM = 64.0, 1.0
BRIGHTEST_PERCENT = 99.5
MAX_LINES = 8

FLAG_WORDS = {"accept": "Function: accepted", "review": "Function: to be reviewed"}
"""What is written large: of the measurement, never of the patient."""

VIEW_WORDS = {
    CardiacView.SHORT_AXIS: "SA",
    CardiacView.HORIZONTAL_LONG_AXIS: "HLA",
    CardiacView.VERTICAL_LONG_AXIS: "VLA",
}


def draw_function_sheet(study: PerfusionStudy, function: StudyFunction, exam: str = "") -> Figure:
    """Draw the picture, 1600 x 1000 pixels; `exam` is what it is called, such as Rest."""
    from shortaxis.workflow.drawing.canvas import FLAG_COLOURS, MUTED, bulleted, clipped, new_sheet

    sheet = new_sheet(HEIGHT)
    title = "ShortAxis function of the left ventricle" + (f": {exam.lower()}" if exam else "")
    sheet.text((MARGIN, 18), title, 26, fontweight="bold")
    sheet.text((MARGIN, 54), clipped(exam_words(study), 1100, 16), 16, color=MUTED)
    place = (1600 - MARGIN, HEIGHT - 14)
    sheet.text(place, study_mark(study), 15, va="bottom", ha="right", color=MUTED)
    words = f"{NOTICE} {NOT_ON_PATIENTS} Bounds: nine of ten errors on simulated exams stay below."
    sheet.text((MARGIN, HEIGHT - 14), words, 15, va="bottom", color=MUTED)
    from shortaxis.workflow.drawing.canvas import Box

    sheet.fill(Box(1160, 22, 412, 46), FLAG_COLOURS[function.flag])
    sheet.text(
        (1174, 45), FLAG_WORDS[function.flag], 21, va="center", color="#ffffff",
        fontweight="bold",
    )  # fmt: skip
    measured = function.measured
    notes = [*function.reasons, *function.notes]
    lines = bulleted(notes, 412, 15, MAX_LINES, "in the numbers beside this picture")
    sheet.lines((1160, 80), lines, 15, 20)
    if measured is not None:
        _draw_numbers(sheet, measured, 80.0 + 20 * len(lines) + 16)
        _draw_curve(sheet, measured, Box(MARGIN + 60, 110, 470, 250))
        if measured.phase.is_told:
            _draw_phases(sheet, measured, Box(640, 110, 470, 250))
        _draw_maps(sheet, measured)
        _draw_cuts(sheet, study, measured)
    return sheet.figure


def _draw_numbers(sheet: Sheet, measured: LeftVentricularFunction, top: float) -> None:
    from shortaxis.workflow.drawing.canvas import INK, MUTED

    curve, bounds, phase = measured.curve, measured.bounds, measured.phase
    volumes = printed_volumes(curve)
    shape = measured.end_diastolic_shape
    eccentric = "-" if shape.eccentricity is None else f"{shape.eccentricity:.2f}"
    rows = (
        (
            "LVEF",
            f"{100 * curve.ejection_fraction:.0f} %",
            f"{_bound(100 * bounds['ejection_fraction'])} points",
        ),
        ("EDV", f"{volumes.end_diastolic} ml", f"{volumes.bound(bounds['end_diastolic_ml'])} ml"),
        ("ESV", f"{volumes.end_systolic} ml", f"{volumes.bound(bounds['end_systolic_ml'])} ml"),
        ("Stroke volume", f"{volumes.stroke} ml", None),
        ("Mass", f"{measured.mass_g:.0f} g", f"{_bound(measured.mass_bound_g)} g"),
        ("Peak emptying", f"{curve.peak_emptying_rate:.1f} EDV/cycle", None),
        ("Peak filling", f"{curve.peak_filling_rate:.1f} EDV/cycle", None),
        ("ED, ES slot", f"{curve.end_diastolic_slot}, {curve.end_systolic_slot}", None),
        ("Motion score", score_words(measured.scores.motion, MOST_MOTION), None),
        ("Thickening score", score_words(measured.scores.thickening, MOST_THICKENING), None),
        ("Sphericity, ED", f"{shape.sphericity:.2f}", None),
        ("Eccentricity, ED", eccentric, None),
        ("Phase SD", phase_words(phase, f"{phase.sd_deg:.0f}\N{DEGREE SIGN}"), None),
        ("Bandwidth", phase_words(phase, f"{phase.bandwidth_deg:.0f}\N{DEGREE SIGN}"), None),
        ("Entropy", phase_words(phase, f"{100 * phase.entropy:.0f} %"), None),
    )
    for number, (name, value, bound) in enumerate(rows):
        at = top + 25 * number
        sheet.text((1160, at), name, 16, color=MUTED)
        sheet.text((1310, at), value, 16, color=INK)
        if bound is not None:
            sheet.text((1460, at), bound, 16, color=MUTED)


def _bound(value: float) -> str:
    return f"\N{PLUS-MINUS SIGN} {value:.0f}"


def _framed(sheet: Sheet, box: Box, name: str, title: str) -> Axes:
    from shortaxis.workflow.drawing.canvas import text_style

    axes = sheet.axes(box, name)
    axes.set_axis_on()
    axes.set_title(title, **text_style(15))
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _draw_curve(sheet: Sheet, measured: LeftVentricularFunction, box: Box) -> None:
    from shortaxis.workflow.drawing.canvas import text_style

    curve = measured.curve
    axes = _framed(sheet, box, "volume curve", "Volume of the cavity (ml)")
    slots = curve.cavity_ml.size
    used = measured.slots.is_used
    # The curve begins in the middle of the first slot: a turn before it fills the half slot.
    first = 100 * FIRST_MIDDLE / slots
    moments = first + 100 * np.arange(-FINE_MOMENTS, FINE_MOMENTS + 1) / FINE_MOMENTS
    volumes = np.concatenate([curve.fine_ml, curve.fine_ml, curve.fine_ml[:1]])
    axes.plot(moments, volumes, color=PLANE_COLOUR)
    at = first + 100 * np.arange(slots) / slots
    axes.plot(at[used], curve.cavity_ml[used], "o", color=PLANE_COLOUR, markersize=5)
    axes.plot(at[~used], curve.cavity_ml[~used], "o", mfc="none", color=PLANE_COLOUR, markersize=5)
    axes.set(xlim=(0, 100), ylim=(0, 1.12 * curve.end_diastolic_ml))
    axes.set_xlabel("part of the cycle from the R wave (%)", **text_style(14))


def _draw_phases(sheet: Sheet, measured: LeftVentricularFunction, box: Box) -> None:
    from shortaxis.workflow.drawing.canvas import text_style

    phase = measured.phase
    axes = _framed(sheet, box, "phases", "Phases: part of the wall (%)")
    step = phase.convention.bin_deg
    at = step * (np.arange(phase.histogram.size) + 0.5)
    axes.bar(at, 100 * phase.histogram, width=step, color=PLANE_COLOUR)
    axes.set(xlim=(0, 360), xticks=range(0, 361, 60))
    axes.set_xlabel(f"degrees; {phase.convention.words}", **text_style(13))


def _draw_maps(sheet: Sheet, measured: LeftVentricularFunction) -> None:
    from shortaxis.workflow.drawing.canvas import Box
    from shortaxis.workflow.drawing.colour_steps import MAP_STEPS, stepped
    from shortaxis.workflow.drawing.polar_map import draw_polar_values

    for number, each in enumerate(function_maps(measured)):
        left = MARGIN + number * 370
        sheet.text((left, 410), each.title, 17, fontweight="bold")
        axes = sheet.axes(Box(left, 436, 236, 236), each.title)
        labels = {n: f"{v:z.0f}" for n, v in each.segments.items() if v is not None}
        drawn, angles = as_polar(each.values, measured.places)
        mesh = draw_polar_values(
            axes, drawn, angles, labels, each.limits, stepped("viridis", MAP_STEPS)
        )
        bar = sheet.axes(Box(left + 254, 460, 12, 190), f"bar {number}")
        bar.set_axis_on()
        sheet.figure.colorbar(mesh, cax=bar)


def _draw_cuts(sheet: Sheet, study: PerfusionStudy, measured: LeftVentricularFunction) -> None:
    from shortaxis.workflow.drawing.canvas import MUTED, Box
    from shortaxis.workflow.drawing.colour_steps import GREY_STEPS, stepped

    words = (
        "red: endocardium; yellow: epicardium; blue: valve plane; drawn by the network in every "
        "slot, whatever wall scores are of"
    )
    sheet.text((MARGIN, 690), "The wall at both ends of the beat", 17, fontweight="bold")
    sheet.text((MARGIN + 330, 692), words, 15, color=MUTED)
    ends = (
        ("end-diastole", measured.curve.end_diastolic_slot),
        ("end-systole", measured.curve.end_systolic_slot),
    )
    views = (
        CardiacView.SHORT_AXIS,
        CardiacView.HORIZONTAL_LONG_AXIS,
        CardiacView.VERTICAL_LONG_AXIS,
    )
    cuts = [(view, name, slot) for view in views for name, slot in ends]
    images = _cut_counts(study, measured, [(view, slot) for view, _, slot in cuts])
    # Brightening is thickening: both ends of the beat are seen on one scale.
    level = max(float(np.percentile(np.stack(images), BRIGHTEST_PERCENT)), 1e-6)
    edge, gap = 244.0, 12.0
    for place, ((view, name, slot), counts) in enumerate(zip(cuts, images, strict=True)):
        left = MARGIN + place * (edge + gap)
        axes = sheet.axes(Box(left, 716, edge, edge), f"{view.name} {name}")
        axes.imshow(
            counts, cmap=stepped("gray_r", GREY_STEPS), vmin=0, vmax=level,
            extent=(-REACH_MM, REACH_MM, REACH_MM, -REACH_MM), interpolation="bilinear",
        )  # fmt: skip
        axes.set(xlim=(-REACH_MM, REACH_MM), ylim=(REACH_MM, -REACH_MM), aspect="equal")
        _draw_wall(axes, measured, view, slot)
        sheet.text((left + 6, 722), f"{VIEW_WORDS[view]}, {name}, slot {slot}", 14, color="#14181f")


def _cut_counts(
    study: PerfusionStudy,
    measured: LeftVentricularFunction,
    cuts: Sequence[tuple[CardiacView, int]],
) -> list[CountsArray]:
    """Counts (row, column) of cuts through the middle of the ventricle, each of one slot."""
    volumes, z = study.gate_volumes(), cut_height_mm(measured)
    size = int(2 * REACH_MM / CUT_MM)
    return [
        volumes[slot - 1].resampled(cut_grid(measured, view, z, REACH_MM, size)).counts[0]
        for view, slot in cuts
    ]


def _draw_wall(axes: Axes, measured: LeftVentricularFunction, view: CardiacView, slot: int) -> None:
    surfaces, z = measured.surfaces[slot - 1], cut_height_mm(measured)
    for name, line in wall_contours(surfaces, view, z).items():
        axes.plot(*line.T, color=COLOURS[name], linewidth=1.3)
    plane = valve_line(surfaces, view, z)
    if plane is not None:
        axes.plot(*plane.T, color=PLANE_COLOUR, linewidth=1.2)
