"""Volume curve, histogram of phases and maps: the same marks, units and colours everywhere."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drawn_heart import usual_pose
from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.function.phase import PHASE_CONVENTIONS, phase_of
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.beat_view.phase_plot import phase_plot
from shortaxis.workflow.beat_view.polar_values import function_maps
from shortaxis.workflow.beat_view.record import beat_record, maps_record, phases_record
from shortaxis.workflow.beat_view.volume_plot import round_ticks, volume_plot
from shortaxis.workflow.drawing.colour_steps import CIRCLE_STEPS, colour_circle
from shortaxis.workflow.quantify.function_rows import FUNCTION_ROWS, function_rows
from shortaxis.workflow.quantify.function_sheet import draw_function_sheet
from shortaxis.workflow.quantify.function_study import StudyFunction, function_of
from ventricle_scenes import Shell, draw_shell, patient_grid

RADII_MM = (27.0, 26.0, 24.0, 21.0, 19.0, 22.0, 25.0, 26.5)


@pytest.fixture(scope="module")
def study() -> PerfusionStudy:
    grid = patient_grid(spacing_mm=8.0)
    pose = usual_pose(grid)
    gates = np.stack([draw_shell(grid, pose, Shell(radius_mm=each)).counts for each in RADII_MM])
    return PerfusionStudy(SpectVolume(gates.sum(axis=0), grid.patient_from_index), gates)


@pytest.fixture(scope="module")
def measured(study: PerfusionStudy) -> LeftVentricularFunction:
    pose = usual_pose(patient_grid(spacing_mm=8.0))
    function = function_of(study, pose, pose, "onset")
    assert function is not None
    assert function.measured is not None
    return function.measured


def out_of_step(
    measured: LeftVentricularFunction, convention: str = "onset"
) -> LeftVentricularFunction:
    """Septum and lateral wall 80 degrees apart, about the R wave."""
    counts, turn = measured.counts, np.deg2rad(measured.places.angles_deg)
    # A wave counts from the middle of the first slot, half a slot after the R wave.
    half_slot = 180 / len(counts.counts)
    wave = 0.2 * np.exp(1j * np.deg2rad(90 - half_slot + 40 * np.cos(turn)))
    phase = phase_of(replace(counts, wave=wave, noise=0.1), measured.places, convention)
    assert phase.is_told
    return replace(measured, phase=phase)


def axes_named(figure: Figure, name: str) -> Axes:
    (found,) = [each for each in figure.axes if each.get_label() == name]
    return found


def test_a_reader_finds_both_volumes_and_the_ejection_fraction_on_the_curve(
    study: PerfusionStudy, measured: LeftVentricularFunction
) -> None:
    function = StudyFunction(measured)
    rows = dict(zip(FUNCTION_ROWS, function_rows(function), strict=True))
    told = {
        f"EDV {rows['End-diastolic volume, EDV (ml)'].split(' ')[0]} ml",
        f"ESV {rows['End-systolic volume, ESV (ml)'].split(' ')[0]} ml",
        f"LVEF {rows['LVEF (%)'].split(' ')[0]} %",
    }

    axes = axes_named(draw_function_sheet(study, function), "volume curve")
    curve = beat_record(study, measured)["curve"]

    assert told == {each.get_text() for each in axes.texts} - {""}
    words = {curve[name]["words"] for name in ("end_diastole", "end_systole")}
    assert told == words | {curve["ejection"]}
    assert axes.get_ylabel() == curve["volume_words"] == "volume (ml)"
    assert axes.get_xlabel() == curve["cycle_words"]
    assert list(axes.get_yticks()) == curve["ticks_ml"]
    ringed = {(round(x, 3), round(y, 1)) for line in axes.lines for x, y in line.get_xydata()}
    for mark in (curve["end_diastole"], curve["end_systole"]):
        assert (round(100 * mark["part"], 3), round(mark["ml"], 1)) in ringed


def test_all_drawings_have_the_moments_of_the_curve(
    study: PerfusionStudy, measured: LeftVentricularFunction
) -> None:
    curve = measured.curve

    plot, record = volume_plot(measured), beat_record(study, measured)

    slots = curve.cavity_ml.size
    np.testing.assert_allclose(plot.slot_parts, (np.arange(slots) + 0.5) / slots)
    assert record["slot_parts"] == curve.slot_parts.tolist()
    assert plot.end_systole.part == curve.fine_parts[curve.fine_ml.argmin()]
    assert record["end_systole"] == pytest.approx(plot.end_systole.part)
    assert (plot.line_parts[0], plot.line_parts[-1]) == (0, 1)
    assert plot.line_ml[0] == plot.line_ml[-1]
    assert (np.diff(plot.line_parts) > 0).all()
    fine = dict(zip(curve.fine_parts.tolist(), curve.fine_ml, strict=True))
    for part, ml in zip(plot.line_parts[1:-1].tolist(), plot.line_ml[1:-1], strict=True):
        assert ml == pytest.approx(fine[part])


@pytest.mark.parametrize("convention", PHASE_CONVENTIONS)
def test_words_of_the_phases_keep_within_their_box(
    study: PerfusionStudy, measured: LeftVentricularFunction, convention: str
) -> None:
    late = out_of_step(measured, convention)
    figure = draw_function_sheet(study, StudyFunction(late))
    figure.draw_without_rendering()

    axes = axes_named(figure, "phases")
    below = axes_named(figure, "Motion (mm)").get_window_extent()
    label, title, box = (
        each.get_window_extent() for each in (axes.xaxis.label, axes.title, axes.patch)
    )

    assert PHASE_CONVENTIONS[convention].words in " ".join(axes.get_xlabel().split())
    assert axes.get_ylabel() == "part of the wall (%)"
    assert len(axes.get_yticks()) >= 3
    for words in (label, title):
        assert box.x0 - 5 <= words.x0
        assert words.x1 <= box.x1 + 5
    assert label.y0 > below.y1 + 15


def test_mean_and_bandwidth_stand_where_the_phases_are(measured: LeftVentricularFunction) -> None:
    phase = out_of_step(measured).phase
    plot = phase_plot(phase)

    # The septum is at -40, the lateral wall at 40 degrees: the range goes over 360.
    (low, end), (start, high) = plot.ranges_deg
    assert (end, start) == (360, 0)
    assert 310 < low < 330
    assert 30 < high < 50
    assert 360 - low + high == pytest.approx(phase.bandwidth_deg)
    middles = plot.bin_deg * (np.arange(plot.percent.size) + 0.5)
    reach = plot.bin_deg / 2
    inside = (middles >= low - reach) | (middles <= high + reach)
    assert plot.percent[inside].sum() >= 95
    assert plot.mean_deg % 360 < 10 or plot.mean_deg % 360 > 350


def test_the_page_has_the_histogram_of_the_picture(measured: LeftVentricularFunction) -> None:
    late = out_of_step(measured)

    record = phases_record(late)

    assert record is not None
    assert re.fullmatch(r"mean \d+° \(dashed\)", record["mean"])
    assert f"{late.phase.bandwidth_deg:.0f}°" in record["range"]
    assert sum(record["percent"]) == pytest.approx(100, abs=0.5)
    hidden = replace(late, phase=replace(late.phase, is_told=False))
    assert phases_record(hidden) is None


def test_maps_say_what_their_colours_mean(measured: LeftVentricularFunction) -> None:
    late = out_of_step(measured)

    maps = {each["name"]: each for each in maps_record(late)}

    assert maps["motion"]["scale"] == "colours from -3 to 12 mm, inwards"
    assert maps["thickening"]["scale"] == "colours from -10 to 70 %, brighter at end-systole"
    assert maps["phase"]["scale"] == (
        "colours from 0 to 360 degrees of the cycle, a circle: 360 is 0"
    )
    for record, drawn in zip(maps.values(), function_maps(late), strict=True):
        assert len(record["colours"]) == drawn.colours.N
        assert record["limits"][0] <= min(record["ticks"])
        assert max(record["ticks"]) <= record["limits"][1]
    assert all(0 <= each < 360 for each in maps["phase"]["labels"].values())


def test_a_map_of_one_value_says_that_noise_hides_the_others(
    study: PerfusionStudy, measured: LeftVentricularFunction
) -> None:
    regional = measured.regional
    flat = dict.fromkeys(range(1, 18), 0.124)
    same = replace(measured, regional=replace(regional, segment_brightening=flat))

    words = "one value: no segment differs beyond noise"
    doubts = {each["name"]: each["doubt"] for each in maps_record(same)}
    shown = [each.get_text() for each in draw_function_sheet(study, StudyFunction(same)).texts]

    assert doubts["thickening"] == words
    assert doubts["motion"] == ""
    assert words in shown


def test_the_colours_of_a_phase_close_the_circle() -> None:
    colours = colour_circle()(np.arange(CIRCLE_STEPS))[:, :3]

    steps = np.linalg.norm(colours - np.roll(colours, 1, axis=0), axis=1)

    assert len(np.unique(colours, axis=0)) == CIRCLE_STEPS
    # From the last to the first is no larger a step than between others.
    assert steps[0] <= steps.max()
    assert steps.max() < 0.12
    # Black letters are read on every one: relative luminance, contrast 4.5 (WCAG 2.1).
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    contrast = (linear @ [0.2126, 0.7152, 0.0722] + 0.05) / 0.05
    assert contrast.min() > 4


@pytest.mark.parametrize(
    ("top", "ticks"),
    [(0.0, 1), (1.0, 6), (24.0, 5), (156.0, 4), (188.0, 4), (350.0, 4), (600.0, 7)],
)
def test_ticks_are_round_and_few(top: float, ticks: int) -> None:
    found = round_ticks(top)

    assert len(found) == ticks
    assert found[0] == 0
    assert found[-1] <= top
