"""Gated studies are quantified with their function, without being asked."""

from __future__ import annotations

import csv
import json
import re
from base64 import b64decode
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from matplotlib.text import Text

from doc_tables import table_below
from drawn_heart import transaxial_grid, usual_pose
from nm_object import build_nm
from repository import DOCS
from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.documents.measurements.ventricle_measurements import FunctionMeasurements
from shortaxis.dicom.documents.object_origin import NewOrigin
from shortaxis.errors import ExistingOutputError, OptionError
from shortaxis.function.harmonics import BeatFit
from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.function.stress_against_rest import function_change
from shortaxis.function.volume_curve import VolumeCurve
from shortaxis.spect.study import AcquisitionFacts, PerfusionStudy, StudyCondition
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.beat_view.contours import valve_line, wall_contours
from shortaxis.workflow.beat_view.record import beat_record, maps_record
from shortaxis.workflow.quantify.function_record import function_numbers_csv, function_record
from shortaxis.workflow.quantify.function_rows import FUNCTION_ROWS, function_line, function_rows
from shortaxis.workflow.quantify.function_sheet import draw_function_sheet
from shortaxis.workflow.quantify.function_study import StudyFunction
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.quantify.requests import (
    FUNCTION_NAMES,
    QUANTIFICATION_NAMES,
    write_quantification,
)
from shortaxis.workflow.quantify.wall_record import wall_record
from shortaxis.workflow.study_report.documents import write_documents
from shortaxis.workflow.study_report.earlier.numbers import compared_numbers
from shortaxis.workflow.study_report.earlier.words import compared_words
from shortaxis.workflow.study_report.exams.finding import ReportExam
from shortaxis.workflow.study_report.exams.pairing import (
    EarlierExam,
    PoseRule,
    QuantifiedExam,
    QuantifiedPair,
)
from shortaxis.workflow.study_report.function_comment import function_comment
from shortaxis.workflow.study_report.html import study_report_html
from shortaxis.workflow.study_report.impression import impression_of
from shortaxis.workflow.study_report.pages.gated_page import draw_gated_page
from shortaxis.workflow.study_report.record import build_study_report
from ventricle_scenes import Shell, draw_shell

ECCENTRICITY = "Eccentricity at end-diastole, at end-systole"

RADII_MM = (27.0, 26.0, 24.0, 21.0, 19.0, 22.0, 25.0, 26.5)


def quantified(
    radii: tuple[float, ...], condition: StudyCondition = StudyCondition.REST
) -> QuantifiedStudy:
    grid = transaxial_grid()
    gates = np.stack(
        [draw_shell(grid, usual_pose(grid), Shell(radius_mm=each)).counts for each in radii]
    )
    volume = SpectVolume(gates.sum(axis=0), grid.patient_from_index)
    study = PerfusionStudy(volume, gates, AcquisitionFacts(condition=condition))
    return quantify_study(study, QuantifyOptions(), usual_pose(grid))


@pytest.fixture(scope="module")
def gated() -> QuantifiedStudy:
    return quantified(RADII_MM)


@pytest.fixture(scope="module")
def dilated() -> QuantifiedStudy:
    """The same heart, wider and weaker."""
    radii = tuple(28.0 + 0.6 * (each - 23.0) for each in RADII_MM)
    return quantified(radii, StudyCondition.STRESS)


def measured_of(each: QuantifiedStudy) -> LeftVentricularFunction:
    assert each.function is not None
    assert each.function.measured is not None
    return each.function.measured


def test_files_of_the_function_lie_beside_those_of_the_sum(
    gated: QuantifiedStudy, tmp_path: Path
) -> None:
    written = write_quantification(gated, tmp_path)

    assert [each.name for each in written] == [*QUANTIFICATION_NAMES, *FUNCTION_NAMES]
    record = json.loads((tmp_path / "function.json").read_text())
    assert record["schema"] == "shortaxis/function/1"
    assert record["end_systolic_slot"] in (4, 5)
    assert record["end_diastolic_ml"] > record["end_systolic_ml"]
    assert "not validated on patients" in record["notice"]
    with (tmp_path / "function.csv").open(newline="") as file:
        assert [int(row["segment"]) for row in csv.DictReader(file)] == list(range(1, 18))


def test_a_table_holds_every_number_of_the_whole_with_its_bound(gated: QuantifiedStudy) -> None:
    function, measured = gated.function, measured_of(gated)
    assert function is not None

    record = function_record(function)
    rows = {row["number"]: row for row in csv.DictReader(StringIO(function_numbers_csv(function)))}

    told = float(rows["ejection_fraction_percent"]["value"])
    assert told == pytest.approx(100 * measured.curve.ejection_fraction, abs=0.05)
    bound = float(rows["end_diastolic_ml"]["bound_90"])
    assert bound == pytest.approx(measured.bounds["end_diastolic_ml"], abs=0.05)
    assert rows["phase_convention"]["value"] == "onset"
    assert rows["flag"]["value"] == function.flag
    assert set(record["bounds_90"]) <= set(rows)
    numbers = {name for name, value in record.items() if type(value) in {int, float}}
    assert numbers <= set(rows)
    assert [name for name, row in rows.items() if row["value"] == "" and record.get(name)] == []


def test_every_field_of_a_gated_report_is_documented(
    gated: QuantifiedStudy, dilated: QuantifiedStudy
) -> None:
    function = gated.function
    assert function is not None
    stress, rest = (
        QuantifiedExam(ReportExam(condition, each.study, None), each)
        for condition, each in ((StudyCondition.STRESS, dilated), (StudyCondition.REST, gated))
    )
    both = QuantifiedPair((stress, rest), PoseRule.OWN)

    assert fields_documented("function.json") == set(function_record(function))
    assert fields_documented("study_report.json") == set(build_study_report(both))
    assert fields_documented("wall") == set(wall_record(gated.wall.surfaces))


def fields_documented(heading: str) -> set[str]:
    rows = table_below(DOCS / "reference" / "quantification-files.md", heading)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row[0])}


def test_a_drawn_ellipsoid_is_as_round_as_it_was_drawn(gated: QuantifiedStudy) -> None:
    assert gated.function is not None

    record = function_record(gated.function)

    # Radius 27 mm at its widest, (84 - 5) / 1.5 mm to the middle of the wall at the apex.
    assert record["eccentricity"] == pytest.approx(np.sqrt(1 - (27 / 52.7) ** 2), abs=0.06)
    assert record["end_systolic_eccentricity"] > record["eccentricity"]
    assert record["end_systolic_sphericity"] < record["sphericity"] < 1
    words = function_rows(gated.function)[FUNCTION_ROWS.index(ECCENTRICITY)]
    assert words.startswith(f"{record['eccentricity']:.2f}, ")


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_a_file_of_somebody_is_not_overwritten_by_the_function(
    gated: QuantifiedStudy, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("mine")

    with pytest.raises(ExistingOutputError):
        write_quantification(gated, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_files_of_an_earlier_gated_study_do_not_stay_beside_an_ungated_one(
    gated: QuantifiedStudy, tmp_path: Path
) -> None:
    write_quantification(gated, tmp_path)
    ungated = PerfusionStudy(gated.study.volume)
    later = quantify_study(ungated, QuantifyOptions(), gated.pose, gated.estimate)

    write_quantification(later, tmp_path, force=True)

    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(QUANTIFICATION_NAMES)


def test_two_slots_give_no_number_and_the_reason() -> None:
    function = quantified((27.0, 19.0)).function

    assert function is not None
    assert function.measured is None
    assert function.flag == "review"
    assert "do not tell how the heart beats" in function_line(function)
    assert set(function_rows(function)) == {"-", "review"}


def test_an_unknown_convention_of_phases_is_refused_before_any_work() -> None:
    with pytest.raises(OptionError, match="unknown convention of phases"):
        QuantifyOptions(phase="mine")


def test_a_function_that_is_no_number_is_not_reported() -> None:
    with pytest.raises(OptionError, match="cannot be reported"):
        FunctionMeasurements(float("nan"), 100.0, 50.0, 50.0, 100.0, 10.0)


def test_contours_of_a_slot_lie_on_its_surfaces_and_move_with_them(gated: QuantifiedStudy) -> None:
    measured = measured_of(gated)
    largest, smallest = (
        measured.surfaces[slot - 1]
        for slot in (measured.curve.end_diastolic_slot, measured.curve.end_systolic_slot)
    )

    rings = [
        wall_contours(each, CardiacView.SHORT_AXIS, 10.0)["endocardium"]
        for each in (largest, smallest)
    ]

    wide, narrow = (np.linalg.norm(each, axis=1).mean() for each in rings)
    assert rings[0].shape == rings[1].shape
    # Rows of the body stand at right angles to the axis, every 5 mm from the hinge on.
    assert wide == pytest.approx(largest.endocardium_mm[8 + 4 : 8 + 5].mean(), abs=1.5)
    assert narrow < wide - 1
    for view in (CardiacView.HORIZONTAL_LONG_AXIS, CardiacView.VERTICAL_LONG_AXIS):
        line = wall_contours(largest, view, 10.0)["epicardium"]
        plane = valve_line(largest, view, 10.0)
        assert plane is not None
        is_horizontal = view is CardiacView.HORIZONTAL_LONG_AXIS
        along = line[:, 1] if is_horizontal else -line[:, 0]
        # The apex is in the middle of the line; both ends lie in the valve plane.
        assert along.argmin() in range(9, 15)
        for end in (line[0], line[-1]):
            across, reached = (end[0], end[1]) if is_horizontal else (end[1], -end[0])
            told = plane if is_horizontal else plane[:, ::-1] * [1, -1]
            slope = (told[1, 1] - told[0, 1]) / (told[1, 0] - told[0, 0])
            assert reached == pytest.approx(told[0, 1] + slope * (across - told[0, 0]), abs=0.6)
    assert valve_line(largest, CardiacView.SHORT_AXIS, 10.0) is None


def test_what_a_script_moves_is_plain_and_smooth_over_the_beat(gated: QuantifiedStudy) -> None:
    measured = measured_of(gated)

    record = beat_record(gated.study, measured)

    assert json.loads(json.dumps(record)) == record
    assert [each["name"] for each in record["cuts"]] == [
        "apical", "mid", "basal", "horizontal", "vertical",
    ]  # fmt: skip
    fit = BeatFit(np.ones(8, dtype=bool), record["harmonics"])
    for cut in record["cuts"]:
        size = record["size"]
        counts = np.frombuffer(b64decode(cut["counts"]), np.uint8).reshape(8, size, size)
        # The brightest are cut off.
        np.testing.assert_allclose(fit.smoothed(counts), counts, atol=12)
        assert counts.max() > 200
        ring = np.array(cut["endocardium"])
        np.testing.assert_allclose(fit.smoothed(ring), ring, atol=0.15)
    points = np.array(record["surface"]["points"])
    assert points.shape[0] == 8
    assert points.shape[1] == len(record["surface"]["uptake"])
    assert np.array(record["surface"]["triangles"]).max() == points.shape[1] - 1
    assert len(json.dumps(record)) < 400_000


def test_maps_of_motion_thickening_and_phase_are_told_by_segment(gated: QuantifiedStudy) -> None:
    measured = measured_of(gated)
    maps = maps_record(replace(measured, phase=replace(measured.phase, is_told=True)))

    assert [each["name"] for each in maps] == ["motion", "thickening", "phase"]
    for each in maps:
        values = np.array(each["values"])
        assert values.shape == (24, len(each["angles_deg"]))
        assert set(each["segments"]) == {str(number) for number in range(1, 18)}
        told = [value for value in each["segments"].values() if value is not None]
        assert values.min() - 0.1 <= min(told)
        assert max(told) <= values.max() + 0.1


def test_phases_that_noise_hides_are_in_no_picture(gated: QuantifiedStudy) -> None:
    measured = measured_of(gated)
    hidden = replace(measured, phase=replace(measured.phase, is_told=False, noise_deg=44.0))

    assert gated.function is not None
    function = replace(gated.function, measured=hidden)
    figure = draw_function_sheet(gated.study, function)

    assert [each["name"] for each in maps_record(hidden)] == ["motion", "thickening"]
    drawn = [f"{each.get_label()} {each.get_title()}" for each in figure.axes]
    assert drawn
    assert not [each for each in drawn if "hase" in each]


def test_the_picture_bounds_a_mass_in_grams_like_the_record(gated: QuantifiedStudy) -> None:
    measured = measured_of(gated)
    bounds = {**measured.bounds, "wall_ml": 40.0}
    function = StudyFunction(replace(measured, bounds=bounds))

    record = function_record(function)
    figure = draw_function_sheet(gated.study, function)

    assert record["bounds_90"]["mass_g"] == 42.0
    told = {each.get_text(): each.get_position()[1] for each in figure.texts}
    assert told["\N{PLUS-MINUS SIGN} 42 g"] == told["Mass"]


@pytest.mark.parametrize(
    ("largest_ml", "smallest_ml", "told"),
    [(70.44, 14.66, ["70.4", "14.7", "55.7"]), (120.4, 60.6, ["120", "61", "59"])],
)
def test_printed_volumes_add_up(
    gated: QuantifiedStudy, largest_ml: float, smallest_ml: float, told: list[str]
) -> None:
    measured = measured_of(gated)
    turn = 2 * np.pi * np.arange(8) / 8
    volumes = (largest_ml + smallest_ml) / 2 + (largest_ml - smallest_ml) / 2 * np.cos(turn)
    function = StudyFunction(replace(measured, curve=VolumeCurve(volumes, 1)))

    record, rows = function_record(function), function_rows(function)
    texts = [each.get_text() for each in draw_function_sheet(gated.study, function).texts]

    names = [name for name in FUNCTION_ROWS if "volume" in name]
    assert [rows[FUNCTION_ROWS.index(name)].split(" ")[0] for name in names] == told
    assert {f"{each} ml" for each in told} <= set(texts)
    assert f"EDV {told[0]} ml, ESV {told[1]} ml" in function_line(function)
    stroke = record["end_diastolic_ml"] - record["end_systolic_ml"]
    assert record["stroke_ml"] == round(stroke, 1)


def test_both_ends_of_the_beat_are_drawn_with_one_scale_of_greys(gated: QuantifiedStudy) -> None:
    gates = gated.study.gates
    assert gates is not None
    brightening = np.linspace(1.0, 3.0, len(gates))[:, None, None, None].astype(np.float32)
    study = replace(gated.study, gates=gates * brightening)

    figure = draw_function_sheet(study, StudyFunction(measured_of(gated)))

    greys = [each for axes in figure.axes for each in axes.images]
    assert len(greys) == 6
    assert len({each.get_clim() for each in greys}) == 1
    assert len({float(np.max(each.get_array())) for each in greys}) > 1


def test_no_number_of_a_function_is_a_zero_with_a_minus(gated: QuantifiedStudy) -> None:
    measured = measured_of(gated)
    regional = measured.regional
    nothing = dict.fromkeys(regional.segment_motion_mm, -0.0004)
    still = replace(
        regional,
        motion_mm=np.full_like(regional.motion_mm, -0.0004),
        segment_motion_mm=nothing,
        segment_thickening=nothing,
        segment_brightening=nothing,
    )
    phase = replace(measured.phase, is_told=True)
    function = StudyFunction(replace(measured, regional=still, phase=phase))
    assert function.measured is not None

    figure = draw_function_sheet(gated.study, function)
    record = json.dumps([function_record(function), maps_record(function.measured)])

    texts = [each.get_text() for axes in figure.axes for each in axes.texts]
    assert "0" in texts
    assert "-0" not in texts
    assert "-0.0" not in record.replace(",", " ").replace("}", " ").replace("]", " ").split()


def test_stress_is_told_against_rest_where_both_are_gated(
    gated: QuantifiedStudy, dilated: QuantifiedStudy
) -> None:
    stress, rest = (
        QuantifiedExam(ReportExam(condition, each.study), each)
        for condition, each in ((StudyCondition.STRESS, dilated), (StudyCondition.REST, gated))
    )

    pair = QuantifiedPair((stress, rest), PoseRule.OWN)

    under, at = measured_of(dilated).curve, measured_of(gated).curve
    change = pair.function_change
    assert change is not None
    assert change.ejection_fraction == pytest.approx(under.ejection_fraction - at.ejection_fraction)
    assert change.ejection_fraction < 0
    assert change.end_diastolic_ratio == pytest.approx(under.end_diastolic_ml / at.end_diastolic_ml)
    record = build_study_report(pair)["function_change"]
    assert record["ejection_fraction_points"] == round(100 * change.ejection_fraction, 1)
    page = study_report_html(pair, {})
    assert page.count('<div class="beat"') == 2
    assert "Stress against rest" in page
    assert QuantifiedPair((rest,), PoseRule.OWN).function_change is None


def test_a_change_within_its_bound_is_no_fall(gated: QuantifiedStudy) -> None:
    measured = measured_of(gated)

    change = function_change(measured, measured)

    assert (change.ejection_fraction, change.end_diastolic_ratio) == (0.0, 1.0)
    assert not change.is_fall
    assert not change.is_dilation
    assert change.ejection_fraction_bound == pytest.approx(
        np.sqrt(2) * measured.bounds["ejection_fraction"]
    )


def test_numbers_of_a_function_leave_with_their_flag_and_bounds(
    gated: QuantifiedStudy, tmp_path: Path
) -> None:
    assert gated.function is not None
    doubted = replace(measured_of(gated), reasons=("the cavity is small",))
    function = replace(gated.function, measured=doubted)
    exam = replace(gated)
    vars(exam)["function"] = function
    header = SourceHeader(build_nm(exam.study.volume))
    report_exam = ReportExam(StudyCondition.REST, exam.study, header)
    pair = QuantifiedPair((QuantifiedExam(report_exam, exam),), PoseRule.OWN)

    words, said = impression_of(pair), function_comment(function)
    write_documents(tmp_path, pair, {}, b"%PDF-1.4\n%%EOF\n", NewOrigin(), {})

    bounds = function_record(function)["bounds_90"]
    part, bound = 100 * doubted.curve.ejection_fraction, 100 * doubted.bounds["ejection_fraction"]
    assert f"ejection fraction {part:.0f} ± {bound:.0f} %" in words
    assert words.endswith("(to be reviewed).")
    assert "REVIEW: the cavity is small" in said
    for name in ("ejection_fraction_percent", "end_diastolic_ml", "end_systolic_ml", "mass_g"):
        assert f"{bounds[name]:g} " in said
    assert "not validated on patients" in said
    document = pydicom.dcmread(tmp_path / "measurements.dcm")
    texts = [each.value for each in document.iterall() if each.keyword == "TextValue"]
    assert texts.count(said) == 1


def with_function(exam: QuantifiedStudy, **changes: object) -> QuantifiedStudy:
    """The same exam, whose measured function is another one."""
    changed = replace(exam)
    function = StudyFunction(replace(measured_of(exam), **changes))  # type: ignore[arg-type]
    vars(changed)["function"] = function
    return changed


def curve_between(largest_ml: float, smallest_ml: float, largest_slot: int = 1) -> VolumeCurve:
    """One harmonic over eight slots."""
    turn = 2 * np.pi * (np.arange(8) - largest_slot + 1) / 8
    half = (largest_ml - smallest_ml) / 2
    return VolumeCurve((largest_ml + smallest_ml) / 2 + half * np.cos(turn), 1)


def weak_and_scored(exam: QuantifiedStudy, ejected: float, thickening: int) -> QuantifiedStudy:
    measured = measured_of(exam)
    curve = curve_between(100.0, 100 * (1 - ejected))
    scores = replace(
        measured.scores,
        motion=dict.fromkeys(range(1, 18), 1),
        thickening={number: int(number <= thickening) for number in range(1, 18)},
    )
    weak = with_function(exam, curve=curve)
    vars(measured_of(weak))["scores"] = scores
    return weak


@pytest.mark.parametrize(
    ("ejected", "thickening", "is_told"),
    [(0.38, 0, True), (0.38, 3, True), (0.38, 4, False), (0.6, 0, False)],
)
def test_a_normal_score_beside_a_low_ejection_fraction_is_told_for_what_it_is(
    gated: QuantifiedStudy, ejected: float, thickening: int, is_told: bool
) -> None:
    exam = weak_and_scored(gated, ejected, thickening)
    report_exam = ReportExam(StudyCondition.REST, exam.study, None)
    pair = QuantifiedPair((QuantifiedExam(report_exam, exam),), PoseRule.OWN)
    assert exam.function is not None

    words = (
        f"a summed thickening score of {thickening} beside an ejection fraction of "
        f"{100 * ejected:.0f} %"
    )
    shown = [
        study_report_html(pair, {}),
        *(text.get_text() for text in sheet_texts(exam)),
        *function_record(exam.function)["notes"],
        function_comment(exam.function).replace("A summed", "a summed"),
    ]
    assert sum(words in each for each in shown[:1]) == int(is_told)
    assert any("a summed thickening score" in each for each in shown[1:-2]) == is_told
    assert (words in shown[-1]) == is_told
    assert any(words in note for note in function_record(exam.function)["notes"]) == is_told


def sheet_texts(exam: QuantifiedStudy) -> list[Text]:
    assert exam.function is not None
    return draw_function_sheet(exam.study, exam.function).findobj(Text)


def test_a_phase_spread_below_the_noise_is_no_proof_of_a_heart_in_step(
    gated: QuantifiedStudy,
) -> None:
    phase = measured_of(gated).phase
    hidden = replace(phase, is_told=True, sd_deg=0.0, noise_deg=8.0)
    seen = replace(hidden, sd_deg=22.0)
    silent = replace(hidden, is_told=False, noise_deg=25.0)

    told = {}
    for name, each in (("hidden", hidden), ("seen", seen), ("silent", silent)):
        function = with_function(gated, phase=each).function
        assert function is not None
        told[name] = (" ".join(function.notes), function_rows(function))

    place = FUNCTION_ROWS.index("Phase SD (degrees)")
    assert "phase SD of 0 degrees is below the noise of 8 degrees" in told["hidden"][0]
    assert "in step" not in told["seen"][0] + told["silent"][0]
    assert told["silent"][1][place] == "too noisy to give (25\N{DEGREE SIGN} of noise)"


def test_summed_scores_of_the_function_say_out_of_how_many(gated: QuantifiedStudy) -> None:
    exam = weak_and_scored(gated, 0.6, 3)
    assert exam.function is not None
    rows = dict(zip(FUNCTION_ROWS, function_rows(exam.function), strict=True))
    assert rows["Summed motion score"] == "17 of 85"
    assert rows["Summed thickening score"] == "3 of 51"
    shown = [text.get_text() for text in sheet_texts(exam)]
    assert "17 of 85" in shown
    assert "3 of 51" in shown


def test_both_ends_of_the_beat_are_the_same_slots_on_all_pages(gated: QuantifiedStudy) -> None:
    exam = with_function(gated, curve=curve_between(100.0, 40.0, largest_slot=3))
    report_exam = ReportExam(StudyCondition.REST, exam.study, None)
    pair = QuantifiedPair((QuantifiedExam(report_exam, exam),), PoseRule.OWN)

    (record,) = build_study_report(pair)["gated"]
    page = " ".join(text.get_text() for text in draw_gated_page(pair).findobj(Text))

    assert (record["end_diastolic_slot"], record["end_systolic_slot"]) == (3, 7)
    assert record["function"]["end_diastolic_slot"] == 3
    assert "ED, slot 3" in page
    assert "ES, slot 7" in page
    assert "ED, ES: largest and smallest cavity" in page


def test_a_volume_in_the_impression_is_rounded_as_in_the_table(gated: QuantifiedStudy) -> None:
    exam = with_function(gated, curve=curve_between(41.26, 12.31))
    report_exam = ReportExam(StudyCondition.REST, exam.study, None)
    pair = QuantifiedPair((QuantifiedExam(report_exam, exam),), PoseRule.OWN)
    assert exam.function is not None
    rows = dict(zip(FUNCTION_ROWS, function_rows(exam.function), strict=True))

    printed = rows["End-diastolic volume, EDV (ml)"]
    assert printed.startswith("41.3 ")
    assert f"end-diastolic volume {printed} ml" in impression_of(pair)


def test_function_is_compared_with_that_of_an_earlier_exam(
    gated: QuantifiedStudy, dilated: QuantifiedStudy
) -> None:
    exams = [
        QuantifiedExam(ReportExam(StudyCondition.STRESS, each.study), each)
        for each in (dilated, gated)
    ]
    before, now = (QuantifiedPair((each,), PoseRule.OWN) for each in exams)

    pair = replace(now, earlier=EarlierExam(before, 400))
    rows = {row.name: row for row in compared_numbers(pair)}

    functions = [measured_of(each) for each in (dilated, gated)]
    curves = [each.curve for each in functions]
    assert rows["LVEF"].both == tuple(100 * each.ejection_fraction for each in curves)
    assert rows["EDV"].both == tuple(each.end_diastolic_ml for each in curves)
    assert rows["ESV"].both == tuple(each.end_systolic_ml for each in curves)
    for name, key in (("EDV", "end_diastolic_ml"), ("ESV", "end_systolic_ml")):
        squares = [each.bounds[key] ** 2 for each in functions]
        assert rows[name].bound == pytest.approx(sum(squares) ** 0.5)
    change = function_change(functions[1], functions[0])
    assert rows["LVEF"].bound == pytest.approx(100 * change.ejection_fraction_bound)
    assert rows["LVEF"].is_beyond == (
        abs(change.ejection_fraction) > change.ejection_fraction_bound
    )
    beyond = [row.name for row in rows.values() if row.is_beyond]
    words = compared_words(pair)
    assert ("more than its bounds" in words) == bool(beyond)
    assert all(name in words for name in beyond)
