"""The picture of the function: volume curve, moving contours, maps, and the phases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.function.harmonics import FINE_MOMENTS
from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.geometry.arrays import FloatArray
from shortaxis.workflow.quantify.function_record import NOT_ON_PATIENTS
from shortaxis.workflow.quantify.function_study import StudyFunction
from shortaxis.workflow.studies.record import NOTICE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from shortaxis.spect.study import PerfusionStudy
    from shortaxis.workflow.drawing.canvas import Box, Sheet

__all__ = ["draw_function_sheet"]

HEIGHT, MARGIN = 1000, 28
INNER_COLOUR, OUTER_COLOUR, PLANE_COLOUR = "#e4003a", "#f2a900", "#1556b0"
REACH_MM, CUT_MM = 64.0, 1.0
MAX_LINES = 8
POLAR_LEVELS, POLAR_ANGLES = 24, 48

FLAG_WORDS = {"accept": "Function: accepted", "review": "Function: to be reviewed"}
"""What is written large: of the measurement, never of the patient."""

VIEW_WORDS = {
    CardiacView.SHORT_AXIS: "SA",
    CardiacView.HORIZONTAL_LONG_AXIS: "HLA",
    CardiacView.VERTICAL_LONG_AXIS: "VLA",
}


def draw_function_sheet(study: PerfusionStudy, function: StudyFunction, exam: str = "") -> Figure:
    """Draw the picture, 1600 x 1000 pixels; `exam` is what it is called, such as Rest."""
    from shortaxis.workflow.drawing.canvas import FLAG_COLOURS, MUTED, new_sheet, wrapped

    sheet = new_sheet(HEIGHT)
    title = "ShortAxis function of the left ventricle" + (f": {exam.lower()}" if exam else "")
    sheet.text((MARGIN, 22), title, 26, fontweight="bold")
    sheet.text((MARGIN, HEIGHT - 14), f"{NOTICE} {NOT_ON_PATIENTS}", 15, va="bottom", color=MUTED)
    from shortaxis.workflow.drawing.canvas import Box

    sheet.fill(Box(1160, 22, 412, 46), FLAG_COLOURS[function.flag])
    sheet.text(
        (1174, 45), FLAG_WORDS[function.flag], 21, va="center", color="#ffffff",
        fontweight="bold",
    )  # fmt: skip
    measured = function.measured
    notes = [*function.reasons, *(() if measured is None else measured.notes)]
    lines = [line for words in notes for line in wrapped(words, 412, 15)]
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 1], "more in function.json"]
    for number, line in enumerate(lines):
        sheet.text((1160, 80 + 20 * number), line, 15)
    if measured is not None:
        _draw_numbers(sheet, measured, 80.0 + 20 * len(lines) + 16)
        _draw_curve(sheet, measured, Box(MARGIN + 60, 110, 470, 250))
        _draw_phases(sheet, measured, Box(640, 110, 470, 250))
        _draw_maps(sheet, measured)
        _draw_cuts(sheet, study, measured)
    return sheet.figure


def _draw_numbers(sheet: Sheet, measured: LeftVentricularFunction, top: float) -> None:
    from shortaxis.workflow.drawing.canvas import INK, MUTED

    curve, bounds, phase = measured.curve, measured.bounds, measured.phase
    rows = (
        ("LVEF", f"{100 * curve.ejection_fraction:.0f} %", 100 * bounds["ejection_fraction"]),
        ("EDV", f"{curve.end_diastolic_ml:.0f} ml", bounds["end_diastolic_ml"]),
        ("ESV", f"{curve.end_systolic_ml:.0f} ml", bounds["end_systolic_ml"]),
        ("Stroke volume", f"{curve.stroke_ml:.0f} ml", None),
        ("Mass", f"{measured.mass_g:.0f} g", bounds["wall_ml"]),
        ("Peak emptying", f"{curve.peak_emptying_rate:.1f} EDV/cycle", None),
        ("Peak filling", f"{curve.peak_filling_rate:.1f} EDV/cycle", None),
        ("ED, ES slot", f"{curve.end_diastolic_slot}, {curve.end_systolic_slot}", None),
        ("Phase SD", f"{phase.sd_deg:.0f}\N{DEGREE SIGN}", phase.noise_deg),
        ("Bandwidth", f"{phase.bandwidth_deg:.0f}\N{DEGREE SIGN}", None),
        ("Entropy", f"{100 * phase.entropy:.0f} %", None),
    )
    for number, (name, value, bound) in enumerate(rows):
        at = top + 27 * number
        sheet.text((1160, at), name, 16, color=MUTED)
        sheet.text((1310, at), value, 16, color=INK)
        if bound is not None:
            sheet.text((1460, at), f"\N{PLUS-MINUS SIGN} {bound:.0f}", 16, color=MUTED)


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
    moments = 100 * np.arange(FINE_MOMENTS + 1) / FINE_MOMENTS
    axes.plot(moments, np.append(curve.fine_ml, curve.fine_ml[0]), color=PLANE_COLOUR)
    slots = curve.cavity_ml.size
    used = measured.slots.is_used
    at = 100 * np.arange(slots) / slots
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


_Map = tuple[str, FloatArray, Mapping[int, float | None], float, tuple[float, float]]
"""Title, values (row, angle), means of the segments with their factor, limits of the colours."""


def _draw_maps(sheet: Sheet, measured: LeftVentricularFunction) -> None:
    from shortaxis.workflow.drawing.canvas import Box
    from shortaxis.workflow.drawing.polar_map import draw_polar_values

    regional, phase = measured.regional, measured.phase
    off = (measured.phase.phase_deg - phase.mean_deg + 180) % 360 - 180
    maps: tuple[_Map, ...] = (
        ("Motion (mm)", regional.motion_mm, regional.segment_motion_mm, 1.0, (-3.0, 12.0)),
        (
            "Thickening by counts (%)", 100 * regional.brightening, regional.segment_brightening,
            100.0, (-10.0, 70.0),
        ),
        ("Phase less its mean (degrees)", off, {}, 1.0, (-60.0, 60.0)),
    )  # fmt: skip
    for number, (title, values, means, times, limits) in enumerate(maps):
        left = MARGIN + number * 370
        sheet.text((left, 410), title, 17, fontweight="bold")
        axes = sheet.axes(Box(left, 436, 236, 236), title)
        labels = {n: f"{times * v:.0f}" for n, v in means.items() if v is not None}
        drawn, angles = _as_polar(values, measured)
        mesh = draw_polar_values(axes, drawn, angles, labels, limits, "viridis")
        bar = sheet.axes(Box(left + 254, 460, 12, 190), f"bar {number}")
        bar.set_axis_on()
        sheet.figure.colorbar(mesh, cax=bar)


def _as_polar(
    values: FloatArray, measured: LeftVentricularFunction
) -> tuple[FloatArray, FloatArray]:
    """Values on (level, angle) of a polar map: the nearest ray of the wall."""
    from scipy.interpolate import NearestNDInterpolator

    places = measured.places
    inside = places.areas_mm2 > 0
    turn = np.deg2rad(places.angles_deg[inside])
    radius = np.clip(places.heights[inside], 0, 1)
    known = np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)
    levels = (np.arange(POLAR_LEVELS) + 0.5) / POLAR_LEVELS
    angles = 360 * (np.arange(POLAR_ANGLES) + 0.5) / POLAR_ANGLES
    around = np.deg2rad(angles)
    wanted = np.stack([levels[:, None] * np.cos(around), levels[:, None] * np.sin(around)], axis=-1)
    found: FloatArray = NearestNDInterpolator(known, values[inside])(wanted)
    return found, angles


def _draw_cuts(sheet: Sheet, study: PerfusionStudy, measured: LeftVentricularFunction) -> None:
    from shortaxis.workflow.drawing.canvas import MUTED, Box

    words = "red: endocardium; yellow: epicardium; blue: valve plane"
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
    edge, gap = 244.0, 12.0
    for place, (view, (name, slot)) in enumerate((v, e) for v in views for e in ends):
        left = MARGIN + place * (edge + gap)
        axes = sheet.axes(Box(left, 716, edge, edge), f"{view.name} {name}")
        draw_slot(axes, study, measured, view, slot - 1)
        sheet.text((left + 6, 722), f"{VIEW_WORDS[view]}, {name}, slot {slot}", 14, color="#14181f")


def draw_slot(
    axes: Axes,
    study: PerfusionStudy,
    measured: LeftVentricularFunction,
    view: CardiacView,
    slot: int,
) -> None:
    """Counts of one slot in a cut through the middle of the ventricle, with its wall."""
    from shortaxis.anatomy.cardiac_views import view_grid

    surfaces = measured.surfaces[slot]
    mean = measured.surfaces[measured.curve.end_diastolic_slot - 1]
    z = (mean.apex_z_mm + float(mean.valve.center_mm[2])) / 2
    pose = surfaces.pose
    moved = type(pose)(pose.patient_from_cardiac, pose.to_patient(np.array([0.0, 0.0, z])))
    size = int(2 * REACH_MM / CUT_MM)
    grid = view_grid(view, moved, (1, size, size), CUT_MM)
    counts = study.gate_volumes()[slot].resampled(grid).counts[0]
    axes.imshow(
        counts, cmap="gray_r", vmin=0, vmax=max(float(np.percentile(counts, 99.5)), 1e-6),
        extent=(-REACH_MM, REACH_MM, REACH_MM, -REACH_MM), interpolation="bilinear",
    )  # fmt: skip
    axes.set(xlim=(-REACH_MM, REACH_MM), ylim=(REACH_MM, -REACH_MM), aspect="equal")
    for part, colour in ((0.0, INNER_COLOUR), (1.0, OUTER_COLOUR)):
        points = surfaces.points_mm(part)
        below = surfaces.valve.above_mm(points) <= 0
        for line in _lines(points, below, view, z):
            axes.plot(*line, color=colour, linewidth=1.3)
    if view is not CardiacView.SHORT_AXIS:
        slope = surfaces.valve.slopes[0 if view is CardiacView.HORIZONTAL_LONG_AXIS else 1]
        across = np.array([-40.0, 40.0])
        along = surfaces.valve.on_axis_mm + slope * across - z
        axes.plot(*_on_screen(across, along, view), color=PLANE_COLOUR, linewidth=1.2)


def _lines(
    points: FloatArray, below: npt.NDArray[np.bool_], view: CardiacView, z: float
) -> list[tuple[FloatArray, FloatArray]]:
    if view is CardiacView.SHORT_AXIS:
        ring = np.array(
            [
                [np.interp(z, points[:, k, 2], points[:, k, axis]) for axis in (0, 1)]
                for k in (*range(points.shape[1]), 0)
            ]
        )
        return [(ring[:, 0], ring[:, 1])]
    quarter = points.shape[1] // 4
    axis, column = (0, 0) if view is CardiacView.HORIZONTAL_LONG_AXIS else (1, quarter)
    sides = []
    for each in (column, column + 2 * quarter):
        kept = below[:, each]
        sides.append((points[kept, each, axis], points[kept, each, 2] - z))
    # From one side's base through the apex to the other's.
    across = np.concatenate([sides[0][0][::-1], sides[1][0]])
    along = np.concatenate([sides[0][1][::-1], sides[1][1]])
    return [_on_screen(across, along, view)]


def _on_screen(
    across: FloatArray, along: FloatArray, view: CardiacView
) -> tuple[FloatArray, FloatArray]:
    """Across the axis against along it: the apex is up, or to the right."""
    is_horizontal = view is CardiacView.HORIZONTAL_LONG_AXIS
    return (across, along) if is_horizontal else (-along, across)
