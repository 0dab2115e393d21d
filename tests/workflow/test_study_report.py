"""The report's content: pairs, matched slices, differences, gating, and what the page says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pydicom
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from pydicom import Dataset
from scipy.spatial.transform import Rotation

from drawn_heart import transaxial_grid, usual_pose
from repository import DEMO
from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.cli.quantification_tables import COLUMNS
from shortaxis.cli.report_tables import print_report
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.carried.stated.glucose import FDG, PERHAPS_FDG
from shortaxis.dicom.documents.measurements.picture_regions import WHOLE_MAP
from shortaxis.errors import OptionError, ShortAxisError
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.quantification.two_positions import abnormal_in_both
from shortaxis.quantification.wall_methods import find_wall
from shortaxis.reorientation.estimate import QualityFlag
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.study import AcquisitionFacts, Modality, PerfusionStudy, StudyCondition
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.tile_style import OUTSIDE_WORDS
from shortaxis.workflow.quantify.limits_choice import group_of
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.quantify.record import build_quantification
from shortaxis.workflow.quantify.sheet import draw_quantification_sheet
from shortaxis.workflow.quantify.valve_planes import PlanesApart
from shortaxis.workflow.quantify.wording import (
    NOT_SCORED,
    SCAR_DEFINITION,
    exam_words,
    lung_words,
    perfusion_rows,
    size_rows,
)
from shortaxis.workflow.studies.finding import LoadedStudy
from shortaxis.workflow.study_report import impression
from shortaxis.workflow.study_report.exams.finding import (
    FoundExam,
    FoundExams,
    LoadedExams,
    ReportExam,
    find_exams,
    load_exams,
)
from shortaxis.workflow.study_report.exams.gating import gated_ventricle
from shortaxis.workflow.study_report.exams.pairing import (
    PoseRule,
    QuantifiedExam,
    QuantifiedPair,
    quantify_exams,
)
from shortaxis.workflow.study_report.exams.signed import signed_exam
from shortaxis.workflow.study_report.html import study_report_html
from shortaxis.workflow.study_report.impression import (
    COMPUTED,
    OTHER_RECONSTRUCTION,
    REVIEW_FIRST,
    impression_of,
)
from shortaxis.workflow.study_report.pages.cover_page import draw_cover_page
from shortaxis.workflow.study_report.pages.difference_rows import NO_SUBTRACTION
from shortaxis.workflow.study_report.pages.gated_page import draw_gated_page
from shortaxis.workflow.study_report.pages.identity_words import date_words, name_words
from shortaxis.workflow.study_report.pages.map_regions import map_regions
from shortaxis.workflow.study_report.pages.matched_slices import matched_slices, tiles_of
from shortaxis.workflow.study_report.pages.polar_maps_page import draw_polar_maps_page
from shortaxis.workflow.study_report.pages.slices_page import draw_slices_page
from shortaxis.workflow.study_report.record import build_study_report
from shortaxis.workflow.study_report.requests import MadeReport
from shortaxis.workflow.study_report.wording import signed
from ventricle_scenes import Shell, draw_shell


@pytest.fixture(scope="module")
def demo_pair(demo_study_path: Path) -> tuple[ReportExam, ...]:
    folder = demo_study_path.parent
    return load_exams(find_exams(folder / "study.dcm", folder / "rest.dcm")).exams


@pytest.fixture(scope="module")
def reported(demo_pair: tuple[ReportExam, ...]) -> QuantifiedPair:
    return quantified(*demo_pair)


def quantified(*exams: ReportExam, rule: PoseRule = PoseRule.OWN) -> QuantifiedPair:
    return quantify_exams(LoadedExams(exams), QuantifyOptions(), rule)


def moved(study: PerfusionStudy, motion: RigidPose) -> PerfusionStudy:
    """The patient lies elsewhere; not a count is interpolated."""
    affine = motion.matrix @ study.volume.patient_from_index
    return replace(study, volume=SpectVolume(study.volume.counts, affine))


# Pairs


def test_an_exam_does_not_differ_from_itself(demo_pair: tuple[ReportExam, ...]) -> None:
    stress = demo_pair[0]
    twin = ReportExam(StudyCondition.REST, stress.study)
    pair = quantified(stress, twin)

    difference = pair.difference
    assert difference is not None
    assert difference.summed_score == 0
    assert difference.total_perfusion_deficit == 0
    assert difference.dilation.ratio == pytest.approx(1)
    np.testing.assert_allclose(difference.uptake_percent, 0)
    assert pair.moved is not None
    assert pair.moved.center_mm == pytest.approx(0, abs=1e-6)


def test_the_inferior_defect_of_the_bundled_patient_is_partly_reversible(
    reported: QuantifiedPair,
) -> None:
    difference = reported.difference
    assert difference is not None
    angles = reported.exams[0].quantified.traced.polar_map.angles_deg
    inferior = np.abs(angles - 90) < 30
    # The innermost fifth is the apex, the outermost the valve plane.
    lost = difference.uptake_percent[6:24]
    assert lost[:, inferior].mean() < lost[:, ~inferior].mean() - 5
    assert difference.total_perfusion_deficit > 0  # type: ignore[operator]


def test_an_exam_without_limits_is_not_scored_and_nothing_is_subtracted(
    reported: QuantifiedPair,
) -> None:
    stress, rest = reported.exams
    without = replace(rest, quantified=replace(rest.quantified, limits=None))
    pair = QuantifiedPair((stress, without), PoseRule.OWN)

    assert pair.difference is not None
    assert pair.difference.summed_score is None
    assert pair.difference.total_perfusion_deficit is None
    # What stands in a row belongs together.
    cells = table_cells(study_report_html(pair, {}), "SSS, SRS, SDS")
    assert stress.quantified.severity is not None
    assert cells[0].startswith(f"{stress.quantified.severity.summed_score} of 68")
    assert cells[1:] == [NOT_SCORED] * 2


def test_a_shared_pose_is_that_of_stress_and_a_moved_heart_is_a_reason_to_look(
    demo_pair: tuple[ReportExam, ...],
) -> None:
    stress = demo_pair[0]
    shift = RigidPose(np.eye(3), (12.0, 0.0, 0.0))
    elsewhere = ReportExam(StudyCondition.REST, moved(stress.study, shift))

    pair = quantified(stress, elsewhere, rule=PoseRule.SHARED)
    own = quantified(stress, elsewhere)

    first, second = (each.quantified.pose for each in pair.exams)
    np.testing.assert_allclose(first.matrix, second.matrix)
    assert pair.moved is not None
    assert pair.moved.center_mm == pytest.approx(12, abs=2)
    assert any("one pose does not fit both" in reason for reason in pair.reasons)
    assert pair.quality.flag is QualityFlag.REVIEW
    assert own.reasons == ()


def test_axes_that_no_heart_turns_by_are_a_reason_to_look(
    demo_pair: tuple[ReportExam, ...],
) -> None:
    stress = demo_pair[0]
    center = stress.study.volume.center_mm
    turn = Rotation.from_euler("x", 25, degrees=True).as_matrix()
    motion = RigidPose(turn, center - turn @ center)
    pair = quantified(stress, ReportExam(StudyCondition.REST, moved(stress.study, motion)))
    assert any("degrees apart" in reason for reason in pair.reasons)


def test_one_exam_shares_no_pose(demo_pair: tuple[ReportExam, ...]) -> None:
    with pytest.raises(OptionError, match="two exams"):
        quantified(demo_pair[0], rule=PoseRule.SHARED)


def test_limits_are_chosen_by_what_an_exam_is_shown_as(
    demo_pair: tuple[ReportExam, ...],
) -> None:
    studies = [
        replace(each.study, facts=replace(each.study.facts, condition=StudyCondition.UNKNOWN))
        for each in demo_pair
    ]
    pair = quantify_exams(load_exams(in_memory(*studies)), QuantifyOptions())
    shown = [each.quantified.study.facts for each in pair.exams]
    assert [group_of(facts).condition for facts in shown] == ["stress", "rest"]


# Two positions of the patient


def test_what_one_position_shows_alone_is_not_abnormal_in_both(unlike: QuantifiedPair) -> None:
    stress, rest = unlike.exams
    assert stress.quantified.severity is not None
    assert rest.quantified.severity is not None
    assert stress.quantified.severity.summed_score > 8
    same = abnormal_in_both(stress.quantified.severity, stress.quantified.severity)
    assert same.segment_scores == stress.quantified.severity.segment_scores
    both = abnormal_in_both(stress.quantified.severity, rest.quantified.severity)
    assert both.summed_score <= rest.quantified.severity.summed_score


def test_two_positions_are_scored_together_wherever_numbers_are_shown(
    demo_pair: tuple[ReportExam, ...],
) -> None:
    stress = demo_pair[0]
    prone = moved(stress.study, RigidPose(np.eye(3), (4.0, -3.0, 0.0)))
    prone = replace(prone, facts=replace(prone.facts, lying="prone"))
    pair = quantified(replace(stress, other_position=prone))

    both, own = pair.exams[0].positions, pair.exams[0].quantified.severity
    assert both is not None
    assert both.together is not None
    assert own is not None
    # The same counts, moved with the patient: both show the same.
    assert both.together.summed_score == pytest.approx(own.summed_score, abs=1)
    assert both.title == "Supine and prone"
    record = build_study_report(pair)
    assert record["exams"][0]["positions"]["names"] == ["supine", "prone"]
    told = record["exams"][0]["positions"]["abnormal_in_both"]["summed"]
    assert told == both.together.summed_score
    assert table_cells(study_report_html(pair, {}), "Supine and prone together") == [both.words]
    assert any(both.words in note for note in record["notes"])
    assert "supine and prone together" in impression_of(pair)


def test_fixed_bands_tell_no_deficit_wherever_numbers_are_shown(
    unlike: QuantifiedPair, capsys: pytest.CaptureFixture[str]
) -> None:
    by_bands = replace(unlike.exams[0].quantified.options, normals="fixed-bands")
    exams = (
        replace(each, quantified=replace(each.quantified, options=by_bands, limits=None))
        for each in unlike.exams
    )
    pair = replace(unlike, exams=tuple(exams))
    severity = pair.exams[0].quantified.severity
    assert severity is not None

    print_report(MadeReport(pair, ()))

    assert severity.deficit_by_limits is None
    assert "total_perfusion_deficit" not in json.dumps(build_study_report(pair))
    for words in (
        study_report_html(pair, {}),
        words_on(draw_polar_maps_page(pair)),
        impression_of(pair),
    ):
        assert "fixed bands" in words
        assert not re.search(r"TPD[ <]|deficit \d|defect by the limits", words)
    assert f"summed score {severity.summed_score} of 68" in impression_of(pair)
    assert not re.search(r"TPD \(%\): \d", capsys.readouterr().out)


# What a reader signed


def test_a_folder_without_signatures_says_so(
    demo_pair: tuple[ReportExam, ...], tmp_path: Path
) -> None:
    study = demo_pair[0].study
    assert signed_exam(tmp_path, study) is None
    with pytest.raises(OptionError, match="holds no reviews"):
        signed_exam(tmp_path / "nowhere", study)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "review.json").write_text("{}")
    uid = study.facts.sop_instance_uids[0]
    pose = {"source": {"sop_instance_uid": uid}}
    (tmp_path / "one" / "pose.json").write_text(json.dumps(pose))
    with pytest.raises(ShortAxisError) as caught:
        signed_exam(tmp_path, study)
    assert "review.json" in str(caught.value)


# What does not compare


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"attenuation_corrected": True}, "not corrected for attenuation alike"),
        ({"modality": Modality.PET}, "two modalities"),
    ],
)
def test_exams_of_different_kinds_are_a_reason_to_look(
    demo_pair: tuple[ReportExam, ...], changes: dict[str, Any], words: str
) -> None:
    stress, rest = demo_pair
    facts = replace(rest.study.facts, **changes)
    loaded = load_exams(in_memory(stress.study, replace(rest.study, facts=facts)))
    assert any(words in reason for reason in loaded.reasons)
    pair = quantify_exams(loaded, QuantifyOptions())
    assert pair.quality.flag is QualityFlag.REVIEW
    assert words in study_report_html(pair, {})
    assert words in words_on(draw_slices_page(pair))
    assert words in words_on(draw_polar_maps_page(pair))


def test_two_tracers_are_told(demo_pair: tuple[ReportExam, ...]) -> None:
    stress, rest = demo_pair
    facts = replace(rest.study.facts, tracer="Thallium (201-Tl) chloride", nuclide="Tl-201")
    loaded = load_exams(in_memory(stress.study, replace(rest.study, facts=facts)))
    assert (
        "stress and rest are of two tracers: Tc-99m sestamibi and Tl-201 chloride" in loaded.notes
    )
    assert any("of one patient" in note for note in loaded.notes)


@pytest.mark.parametrize(
    ("tracer", "nuclide", "words"),
    [
        ("Tc99m_EM", "Tc-99m", []),
        ("C-163AB", "Tc-99m", []),
        ("Tc-99m tetrofosmin", "Tc-99m", ["two tracers: Tc-99m sestamibi and Tc-99m tetrofosmin"]),
        ("C-163AB", "", ["the header of rest does not tell its tracer; stress is of Tc-99m"]),
    ],
)
def test_a_code_of_a_tracer_is_no_other_tracer(
    demo_pair: tuple[ReportExam, ...], tracer: str, nuclide: str, words: list[str]
) -> None:
    stress, rest = demo_pair
    facts = replace(rest.study.facts, tracer=tracer, nuclide=nuclide)
    loaded = load_exams(in_memory(stress.study, replace(rest.study, facts=facts)))

    told = [note for note in loaded.notes if "tracer" in note]
    assert len(told) == len(words)
    assert all(part in note for part, note in zip(words, told, strict=True))


@pytest.mark.parametrize(
    ("tracer", "nuclide", "words"),
    [
        ("Tc99m_EM", "Tc-99m", "Tc-99m"),
        ("C-163AB", "Tc-99m", "Tc-99m"),
        ("Technetium (99m-Tc) sestamibi", "", "Tc-99m sestamibi"),
        ("Rubidium chloride Rb^82^", "Rb-82", "Rb-82 chloride"),
        ("C-163AB", "", "tracer not told by the header"),
        ("", "", "tracer not told by the header"),
    ],
)
def test_a_tracer_is_shown_by_its_usual_name_on_every_page(
    reported: QuantifiedPair, tracer: str, nuclide: str, words: str
) -> None:
    stress = reported.exams[0]
    facts = replace(stress.quantified.study.facts, tracer=tracer, nuclide=nuclide)
    study = replace(stress.quantified.study, facts=facts)
    pair = QuantifiedPair(
        (replace(stress, quantified=replace(stress.quantified, study=study)),), PoseRule.OWN
    )

    shown = [
        unescape(study_report_html(pair, {})),
        words_on(draw_slices_page(pair)),
        words_on(draw_quantification_sheet(pair.exams[0].quantified)),
    ]

    for page in shown:
        assert f"{words}, not corrected" in page
        assert "C-163AB" not in page
        assert "_EM" not in page
    # What the header holds stays where programs read it.
    assert build_quantification(pair.exams[0].quantified)["source"]["tracer"] == tracer


def test_glucose_is_named_although_no_header_does(reported: QuantifiedPair) -> None:
    study = reported.exams[0].quantified.study
    said = [
        exam_words(replace(study, facts=replace(study.facts, tracer="", nuclide=""), notes=(note,)))
        for note in (FDG, PERHAPS_FDG)
    ]
    assert "F-18 FDG" in said[0]
    assert "F-18, drug not named" in said[1]


def test_slices_that_reach_outside_the_field_say_so(
    demo_pair: tuple[ReportExam, ...], reported: QuantifiedPair
) -> None:
    stress = demo_pair[0]
    pose, volume = reported.exams[0].quantified.pose, stress.study.volume
    inside = reported.exams[0].quantified.study.volume
    assert inside is not None
    tiles = matched_slices([each.quantified for each in reported.exams])
    reaches = any(np.isnan(each).any() for shown in tiles for each in shown.tiles)
    assert reaches == (OUTSIDE_WORDS in words_on(draw_slices_page(reported)))
    assert reaches
    # In air all around, nothing is outside.
    wide = np.pad(volume.counts, 30)
    shift = volume.patient_from_index @ np.array([-30.0, -30.0, -30.0, 1.0])
    affine = volume.patient_from_index.copy()
    affine[:, 3] = shift
    padded = replace(stress.study, volume=SpectVolume(wide, affine))
    exam = replace(reported.exams[0].quantified, study=padded, pose=pose)
    alone = QuantifiedPair((replace(reported.exams[0], quantified=exam),), PoseRule.OWN)
    assert OUTSIDE_WORDS not in words_on(draw_slices_page(alone))


def test_notes_on_the_page_of_one_exam_are_one_line_each(reported: QuantifiedPair) -> None:
    exam = reported.exams[0].quantified
    notes = tuple(f"note {number} of some words" for number in range(4))
    few = replace(exam, notes=notes)
    sheet = draw_quantification_sheet(few)
    lines = [each.get_text() for each in sheet.findobj(Text)]
    assert lines.count("\N{BULLET}") == len(few.all_notes)
    assert all(note in lines for note in notes)

    many = replace(exam, notes=tuple(f"note {number} of some words" for number in range(20)))
    lines = [each.get_text() for each in draw_quantification_sheet(many).findobj(Text)]
    shown, told = lines.count("\N{BULLET}"), len(many.all_notes)
    assert f"{told - shown} more in the numbers beside this picture" in lines


def test_what_reading_concluded_reaches_the_pages_in_words_of_a_reader(
    reported: QuantifiedPair,
) -> None:
    exam = reported.exams[0].quantified
    note = ReadingNote("4 objects of one time slot each are one gated study, by TriggerTime")
    read = replace(exam, study=replace(exam.study, notes=(note,)))

    words = "4 time slots that are stored apart are one gated study, by TriggerTime"
    assert words in read.all_notes
    assert words in words_on(draw_quantification_sheet(read))
    pair = QuantifiedPair((replace(reported.exams[0], quantified=read),), PoseRule.OWN)
    assert words in unescape(study_report_html(pair, {}))


def test_without_scores_no_uptake_is_drawn_in_their_place(reported: QuantifiedPair) -> None:
    without = replace(reported.exams[0].quantified, limits=None)
    sheet = draw_quantification_sheet(without)
    maps = [each for each in sheet.axes if each.collections and each.get_label() != ""]
    names = [each.get_label() for each in maps]
    assert not any(name.startswith("Scores") for name in names)


def test_names_that_differ_under_one_id_are_a_note_that_names_nobody(tmp_path: Path) -> None:
    stored = pydicom.dcmread(DEMO / "rest.dcm")
    stored.PatientName = "SOMEBODY^ELSE"
    stored.save_as(tmp_path / "rest.dcm")

    same = load_exams(find_exams(DEMO / "study.dcm", DEMO / "rest.dcm"))
    other = load_exams(find_exams(DEMO / "study.dcm", tmp_path / "rest.dcm"))

    assert not any("name" in note for note in same.notes)
    assert other.reasons == same.reasons
    (told,) = set(other.notes) - set(same.notes)
    assert told == "the patient's names of stress and rest differ, and their IDs do not"
    assert "SOMEBODY" not in str(other.notes)


@pytest.mark.parametrize("name", ["Sim_Demo", "DEMO, Sim", "sim^demo^^^", ""])
def test_one_name_in_another_spelling_is_no_note(tmp_path: Path, name: str) -> None:
    for file in ("study.dcm", "rest.dcm"):
        stored = pydicom.dcmread(DEMO / file)
        stored.PatientName = name if file == "rest.dcm" else "SIM^DEMO"
        stored.save_as(tmp_path / file)

    loaded = load_exams(find_exams(tmp_path / "study.dcm", tmp_path / "rest.dcm"))

    assert not any("name" in note for note in loaded.notes)


def test_a_copy_of_the_same_exam_is_refused(demo_pair: tuple[ReportExam, ...]) -> None:
    stress = demo_pair[0].study
    renamed = replace(stress, facts=replace(stress.facts, sop_instance_uids=("2.25.1",)))
    with pytest.raises(OptionError, match="same exam"):
        load_exams(in_memory(stress, renamed), force_pair=True)


def in_memory(*studies: PerfusionStudy) -> FoundExams:
    conditions = (StudyCondition.STRESS, StudyCondition.REST)
    found = (
        SimpleNamespace(
            load=lambda study=study: LoadedStudy(study), paths=(Path("x"),), facts=study.facts
        )
        for study in studies
    )
    return FoundExams(tuple(map(FoundExam, conditions, found)))  # type: ignore[arg-type]


# Pages


def words_on(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(Text)).replace("\n", " ")


def table_cells(page: str, first: str) -> list[str]:
    row = next(row for row in page.split("<tr") if f"<td>{first}</td>" in row)
    return re.findall(r"<td>([^<]*)</td>", row)[1:]


@pytest.fixture(scope="module")
def unlike() -> QuantifiedPair:
    """Stress with an inferior defect, rest without: nobody can take one for the other."""
    grid = transaxial_grid()
    exams = []
    for condition, kept in ((StudyCondition.STRESS, 0.2), (StudyCondition.REST, 1.0)):

        def uptake(heights: np.ndarray, angles: np.ndarray, kept: float = kept) -> np.ndarray:
            return np.where(np.abs(angles - 90) < 50, kept, 1.0)

        facts = AcquisitionFacts(condition=condition)
        study = PerfusionStudy(draw_shell(grid, usual_pose(grid), uptake=uptake), facts=facts)
        exam = quantify_study(study, QuantifyOptions(), usual_pose(grid))
        exams.append(QuantifiedExam(ReportExam(condition, study), exam))
    return QuantifiedPair(tuple(exams), PoseRule.OWN)


@pytest.fixture(scope="module")
def unlike_maps(unlike: QuantifiedPair) -> Figure:
    """Drawn once for all who read it."""
    return draw_polar_maps_page(unlike)


@pytest.fixture(scope="module")
def unlike_html(unlike: QuantifiedPair) -> str:
    return study_report_html(unlike, {})


@pytest.fixture(scope="module")
def reported_maps(reported: QuantifiedPair) -> Figure:
    return draw_polar_maps_page(reported)


def test_tiles_stand_beside_the_name_of_their_exam(unlike: QuantifiedPair) -> None:
    figure = draw_slices_page(unlike)
    shown = matched_slices([each.quantified for each in unlike.exams])[0]
    rows = image_rows(figure)
    for number, title in enumerate(("Stress", "Rest")):
        tiles = nearest_row(figure, rows, title)
        expected = np.concatenate(list(shown.tiles[number][:8]), axis=1)
        seen = np.isfinite(expected) & ~np.ma.getmaskarray(tiles)
        np.testing.assert_allclose(np.asarray(tiles)[seen], expected[seen], atol=1e-5)


def image_rows(figure: Figure) -> list[tuple[float, np.ma.MaskedArray]]:
    """Middle height and counts of every row of short-axis tiles, the first ones of the page."""
    rows = []
    for axes in figure.axes:
        if axes.get_label().startswith("short_axis") and axes.images:
            box = axes.get_position()
            rows.append(((box.y0 + box.y1) / 2, axes.images[0].get_array()))
    return rows


def nearest_row(figure: Figure, rows: list[Any], title: str) -> np.ma.MaskedArray:
    place = max(text.get_position()[1] for text in figure.texts if text.get_text() == title)
    return min(rows, key=lambda row: abs(row[0] - place))[1]


def test_maps_stand_below_the_name_of_their_exam_and_red_is_lost_under_stress(
    unlike: QuantifiedPair, unlike_maps: Figure
) -> None:
    figure = unlike_maps
    maps = {axes.get_label(): axes.collections[0] for axes in figure.axes if axes.collections}
    for each in unlike.exams:
        drawn = np.asarray(maps[each.title].get_array())
        np.testing.assert_allclose(
            drawn, each.quantified.traced.polar_map.uptake_percent, atol=1e-9
        )
    difference = maps["Difference"]
    lowest = difference.get_array().min()
    assert lowest < -30
    red, _, blue, _ = difference.to_rgba(float(lowest))
    assert red > blue
    title_place = {
        text.get_text().split(":")[0]: text.get_position()[0]
        for text in figure.texts
        if ": score" in text.get_text()
    }
    lefts = {axes.get_label(): axes.get_position().x0 for axes in figure.axes}
    for title in ("Stress", "Rest"):
        assert title_place[title] == pytest.approx(lefts[title], abs=0.01)


def test_columns_of_the_page_hold_the_exam_that_they_name(
    unlike: QuantifiedPair, unlike_html: str
) -> None:
    page = unlike_html
    head = re.findall(r"<th scope='col'>([^<]*)</th>", page)
    assert head[1:3] == ["Stress", "Rest"]
    severities = [each.quantified.severity for each in unlike.exams]
    scores = [each.summed_score for each in severities if each is not None]
    assert scores[0] > scores[1]
    cells = table_cells(page, "SSS, SRS, SDS")
    assert unlike.difference is not None
    told = [*scores, signed(unlike.difference.summed_score or 0)]
    assert [cell.split()[0] for cell in cells] == [str(each) for each in told]


def test_reasons_stand_on_every_page(unlike: QuantifiedPair) -> None:
    told = replace(unlike, reasons=("a reason that nobody has seen before",))
    pages = [words_on(draw_slices_page(told)), words_on(draw_polar_maps_page(told))]
    for words in (*pages, study_report_html(told, {})):
        assert "nobody has seen before" in words
        assert "Axes: to be reviewed" in words


def test_a_difference_that_is_no_subtraction_says_so_wherever_it_is_told(
    unlike: QuantifiedPair,
    capsys: pytest.CaptureFixture[str],
    unlike_maps: Figure,
    unlike_html: str,
) -> None:
    print_report(MadeReport(unlike, ()))

    assert NO_SUBTRACTION in unlike_html
    assert "not SSS less SRS" in words_on(unlike_maps)
    assert "not SSS less SRS" in " ".join(capsys.readouterr().out.split())


def test_a_segment_whose_difference_is_no_subtraction_is_told_with_its_loss(
    reported: QuantifiedPair, capsys: pytest.CaptureFixture[str], reported_maps: Figure
) -> None:
    print_report(MadeReport(reported, ()))

    difference = reported.difference
    assert difference is not None
    stress, rest = (each.quantified.severity for each in reported.exams)
    assert stress is not None
    assert rest is not None
    assert difference.scored is not None
    # What made this a question: 3 under stress, 0 at rest, and a difference of 0.
    scores = [each[15] for each in (stress.segment_scores, rest.segment_scores, difference.scored)]
    assert scores == [3, 0, 0]
    told = "15: stress 3, rest 0, SDS 0"
    assert told in study_report_html(reported, {})
    assert told in words_on(reported_maps)
    assert told in " ".join(capsys.readouterr().out.split())


def test_every_scale_of_the_maps_is_drawn(unlike: QuantifiedPair, unlike_maps: Figure) -> None:
    stress, rest = (
        replace(each, quantified=replace(each.quantified, limits=None)) for each in unlike.exams
    )
    small = "small maps: score of each place"

    assert small in words_on(unlike_maps)
    assert small not in words_on(draw_polar_maps_page(replace(unlike, exams=(stress, rest))))


def test_scores_stand_beside_the_scale_that_they_are_read_by(
    unlike: QuantifiedPair, unlike_maps: Figure, unlike_html: str
) -> None:
    limits, bands = "4 where 55 % of normal or more is lost", "1 below 70 %, 2 below 50 %"
    scored = unlike.exams[0].quantified
    by_bands = replace(scored.options, normals="fixed-bands")

    sheet = draw_quantification_sheet(scored)

    bars = {axes.get_label(): axes.get_position() for axes in sheet.axes}
    for map_, bar in (("Uptake, %", "Uptake bar"), ("Scores, 0-4", "Scores bar")):
        # Right of its own map, nearer than the next one.
        assert 0 < bars[bar].x0 - bars[map_].x1 < 0.02
    assert limits in words_on(sheet)
    assert limits in words_on(unlike_maps)
    assert limits in unlike_html
    banded = draw_quantification_sheet(replace(scored, options=by_bands, limits=None))
    assert bands in words_on(banded)
    assert limits not in words_on(banded)


def test_the_length_of_the_ventricle_has_one_name(
    unlike: QuantifiedPair, unlike_maps: Figure, unlike_html: str
) -> None:
    one = unlike.exams[0].quantified
    length = f"{one.traced.length_mm:.0f}"

    assert dict(size_rows(one))["LV length"].startswith(f"{length} mm")
    assert re.search(rf"LV length.*{length} mm", words_on(unlike_maps))
    assert table_cells(unlike_html, "LV length, apex to valve plane (mm)")[0] == length
    assert "LV length (mm)" in COLUMNS


# The wall that numbers are of, and the one of review sheets


def with_valve(exam: QuantifiedStudy, **shifts: float) -> QuantifiedStudy:
    """The same exam with a traced valve plane that lies elsewhere."""
    ends = exam.traced.ends
    moved = replace(ends, **{name: getattr(ends, name) + by for name, by in shifts.items()})
    return replace(exam, traced=replace(exam.traced, ends=moved))


@pytest.mark.parametrize(
    ("shifts", "words"),
    [
        ({"valve_z_mm": 20.0}, r"up to 2\d mm farther from the apex"),
        ({"valve_z_mm": -25.0}, r"up to 2\d mm nearer to the apex"),
        # A radius of 29 mm times 0.7: 20 mm at the septum, as much the other way laterally.
        ({"valve_slope_x": -0.7, "valve_z_mm": 4.0}, r"2\d mm farther from the apex .septal wall"),
    ],
)
def test_valve_planes_that_contradict_each_other_are_told_as_such(
    reported: QuantifiedPair, shifts: dict[str, float], words: str
) -> None:
    stress = reported.exams[0]
    # The network and the tracing of the bundled stress exam agree within 3 mm.
    assert not any("network's on review sheets" in note for note in stress.notes)

    exam = replace(stress, quantified=with_valve(stress.quantified, **shifts))

    (note,) = (note for note in exam.notes if "network's on review sheets" in note)
    assert re.search(words, note)
    assert "--wall network" in note
    assert note in build_quantification(exam.quantified)["notes"]
    page = study_report_html(replace(reported, exams=(exam, reported.exams[1])), {})
    assert note in unescape(page)


def test_every_page_says_which_wall_it_shows_and_what_for(
    reported: QuantifiedPair, reported_maps: Figure
) -> None:
    traced = "numbers are of this wall, review sheets show the network's"
    drawn = with_wall(reported.exams[0].quantified, "network")

    sheet, pages = draw_quantification_sheet(drawn), words_on(reported_maps)

    assert traced in words_on(draw_slices_page(reported))
    assert (traced in pages, "The traced wall" in pages) == (True, True)
    assert "The wall by network" in words_on(sheet)
    assert "numbers are of this wall, as on review sheets" in words_on(sheet)


def with_wall(exam: QuantifiedStudy, method: str) -> QuantifiedStudy:
    """The same exam with a wall by another method."""
    wall = find_wall(exam.study.volume, exam.pose, method, anatomical=exam.estimate.pose)
    options = replace(exam.options, wall=method)
    return replace(exam, options=options, wall=wall, traced=wall.traced)


# Matched slices


def test_slices_of_a_patient_who_lies_elsewhere_are_the_same(
    demo_pair: tuple[ReportExam, ...],
) -> None:
    stress = demo_pair[0]
    turn = Rotation.from_euler("zyx", (4, -3, 5), degrees=True).as_matrix()
    center = stress.study.volume.center_mm
    motion = RigidPose(turn, center - turn @ center + np.array([9.0, -6.0, 4.0]))
    first = quantify_study(stress.study, QuantifyOptions())
    # The true motion in place of another estimate: what is tested is where slices are cut.
    second = quantify_study(
        moved(stress.study, motion), QuantifyOptions(), compose(motion, first.pose)
    )

    for shown in matched_slices([first, second]):
        here, there = shown.tiles
        seen = np.isfinite(here) & np.isfinite(there)
        assert seen.mean() > 0.9
        assert np.abs(here[seen] - there[seen]).max() < 0.02


@pytest.mark.parametrize(
    ("view", "wall", "side"),
    [
        (CardiacView.SHORT_AXIS, (1, 0, 0), "right"),
        (CardiacView.SHORT_AXIS, (0, 1, 0), "bottom"),
        (CardiacView.VERTICAL_LONG_AXIS, (0, 0, -1), "right"),
        (CardiacView.VERTICAL_LONG_AXIS, (0, 1, 0), "bottom"),
        (CardiacView.HORIZONTAL_LONG_AXIS, (1, 0, 0), "right"),
        (CardiacView.HORIZONTAL_LONG_AXIS, (0, 0, 1), "bottom"),
    ],
)
def test_walls_lie_where_readers_expect_them(
    view: CardiacView, wall: tuple[int, int, int], side: str
) -> None:
    exam = drawn_exam()
    ends = exam.traced.ends
    middle = np.array([0, 0, (ends.apex_z_mm + ends.valve_z_mm) / 2])
    spot = exam.pose.to_patient(middle + 40.0 * np.array(wall))
    volume = spotted(exam.study.volume, spot)

    places = [exam.traced.length_mm / 2] if view is CardiacView.SHORT_AXIS else [0.0]
    (tile,) = tiles_of(exam, volume, view, places)
    row, column = np.unravel_index(np.nanargmax(tile), tile.shape)
    last = tile.shape[0] - 1
    expected = {"right": (last / 2, last), "bottom": (last, last / 2)}[side]
    towards = np.array(expected) - last / 2
    offset = np.array([row, column]) - last / 2
    assert offset @ towards / (np.linalg.norm(offset) * np.linalg.norm(towards)) > 0.98


def test_short_axis_slices_go_from_the_apex_to_the_base() -> None:
    exam = drawn_exam()
    ends = exam.traced.ends
    shown = matched_slices([exam])[0]
    for number in (2, 12):
        place = ends.apex_z_mm + shown.places_mm[number]
        volume = spotted(exam.study.volume, exam.pose.to_patient(np.array([0, 0, place])))
        tiles = tiles_of(exam, volume, CardiacView.SHORT_AXIS, shown.places_mm)
        brightest = np.nanmax(tiles, axis=(1, 2))
        assert int(np.argmax(brightest)) == number
    assert shown.places_mm[0] < 0 < shown.places_mm[1]
    assert shown.places_mm[-2] > exam.traced.length_mm - 10


@pytest.mark.parametrize(
    ("view", "wall"),
    [
        (CardiacView.VERTICAL_LONG_AXIS, (1, 0, 0)),
        (CardiacView.HORIZONTAL_LONG_AXIS, (0, -1, 0)),
    ],
)
def test_long_axis_slices_count_towards_the_lateral_and_the_anterior_wall(
    view: CardiacView, wall: tuple[int, int, int]
) -> None:
    exam = drawn_exam()
    ends = exam.traced.ends
    middle = np.array([0, 0, (ends.apex_z_mm + ends.valve_z_mm) / 2])
    places = matched_slices([exam])[list(CardiacView).index(view)].places_mm
    for number, place in enumerate(places):
        spot = exam.pose.to_patient(middle + place * np.array(wall))
        tiles = tiles_of(exam, spotted(exam.study.volume, spot), view, places)
        assert int(np.argmax(np.nanmax(tiles, axis=(1, 2)))) == number
    assert list(places) == sorted(places)


def drawn_exam() -> QuantifiedStudy:
    grid = transaxial_grid()
    study = PerfusionStudy(draw_shell(grid, usual_pose(grid)))
    return quantify_study(study, QuantifyOptions(), usual_pose(grid))


def spotted(volume: SpectVolume, place_mm: np.ndarray) -> SpectVolume:
    """Nothing but a hot spot."""
    index = np.stack(np.meshgrid(*map(np.arange, volume.shape), indexing="ij"), axis=-1)
    patient = index @ volume.patient_from_index[:3, :3].T + volume.patient_from_index[:3, 3]
    apart = np.linalg.norm(patient - place_mm, axis=-1)
    return SpectVolume(
        np.exp(-0.5 * (apart / 6.0) ** 2).astype(np.float32), volume.patient_from_index
    )


# Gating


RADII_MM = (27.0, 26.0, 24.0, 21.0, 19.0, 22.0, 25.0, 26.5)


def gated_exam(*, empty: int | None = None) -> QuantifiedStudy:
    grid = transaxial_grid()
    gates = np.stack(
        [draw_shell(grid, usual_pose(grid), Shell(radius_mm=radius)).counts for radius in RADII_MM]
    )
    if empty is not None:
        gates[empty] *= 0.01
    volume = SpectVolume(gates.sum(axis=0), grid.patient_from_index)
    return quantify_study(PerfusionStudy(volume, gates), QuantifyOptions(), usual_pose(grid))


def test_the_largest_and_the_smallest_time_slot_are_found() -> None:
    ventricle = gated_ventricle(gated_exam())
    assert ventricle is not None
    assert (ventricle.end_diastolic_slot, ventricle.end_systolic_slot) == (1, 5)
    assert ventricle.reasons == []
    # Volumes of like shapes go with the square of the radius, when the length stays.
    ratio = ventricle.volumes_ml[4] / ventricle.volumes_ml[0]
    assert ratio == pytest.approx((19 / 27) ** 2, abs=0.12)


def test_a_time_slot_without_counts_is_left_out_and_a_reason_to_look() -> None:
    exam = gated_exam(empty=4)
    shown = QuantifiedExam(ReportExam(StudyCondition.UNKNOWN, exam.study), exam)
    pair = QuantifiedPair((shown,), PoseRule.OWN)
    assert shown.gated is not None
    assert np.isnan(shown.gated.volumes_ml[4])
    assert shown.gated.end_systolic_slot == 4
    assert "time slot 5 has few counts" in pair.quality.reasons
    assert build_study_report(pair)["gated"][0]["mid_wall_volumes_ml"][4] is None
    page = draw_gated_page(pair)
    assert "time slot 5 has few counts" in words_on(page)
    assert {"ED, slot 1", "ES, slot 4"} <= {text.get_text() for text in page.texts}


def test_an_ungated_exam_has_no_time_slots_to_show(reported: QuantifiedPair) -> None:
    assert gated_ventricle(reported.exams[0].quantified) is None


def test_outlines_of_segments_lie_on_their_map(
    reported: QuantifiedPair, reported_maps: Figure
) -> None:
    reported_maps.canvas.draw()
    found = map_regions(reported_maps, reported)
    # The first map fills a square of 400 pixels at (28, 166); its radius is 1 of 1.2.
    outline = found[StudyCondition.STRESS, WHOLE_MAP]
    np.testing.assert_allclose(outline.mean(axis=0), (228, 366), atol=5)
    assert np.hypot(*(outline - (228, 366)).T).mean() == pytest.approx(200 / 1.2, abs=1)
    # Anterior is up, where rows are small; the lateral wall is at the right.
    assert found[StudyCondition.STRESS, 1][:, 1].max() < 366
    assert found[StudyCondition.STRESS, 16][:, 0].min() > 228
    assert found[StudyCondition.REST, WHOLE_MAP][:, 0].min() > outline[:, 0].max()
    assert len(found) == 2 * 18 + 1


# The page


def test_words_of_a_header_are_never_markup(reported: QuantifiedPair) -> None:
    exam = reported.exams[0]
    facts = replace(exam.quantified.study.facts, camera="<script>alert(1)</script>")
    study = replace(exam.quantified.study, facts=facts)
    told = replace(exam, quantified=replace(exam.quantified, study=study))

    page = study_report_html(QuantifiedPair((told,), PoseRule.OWN), {})
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


# What is filed


def test_the_impression_is_made_of_the_numbers_and_says_so(reported: QuantifiedPair) -> None:
    words = impression_of(reported)
    assert "RCA" in words
    assert "LAD" not in words
    assert "reversible" in words
    record = build_study_report(reported)
    assert record["impression"] == {"words": words, "by": COMPUTED}
    assert COMPUTED in study_report_html(reported, {})


def test_an_impression_of_doubtful_axes_says_so_first(reported: QuantifiedPair) -> None:
    accepted = replace(reported, reasons=())
    doubted = replace(reported, reasons=("the long axes lie far apart",))

    assert accepted.quality.reasons == ()
    assert impression_of(doubted) == f"{REVIEW_FIRST} {impression_of(accepted)}"


def test_an_impression_tells_what_hangs_on_an_unsure_valve_plane(unlike: QuantifiedPair) -> None:
    stress = unlike.exams[0]
    traced, severity = stress.quantified.traced, stress.quantified.severity
    assert severity is not None
    points = sum(severity.segment_scores[number] for number in range(1, 7))
    assert points > 0

    sure, unsure = (
        impression_of(
            replace(unlike, exams=(replace(stress, quantified=quantified), unlike.exams[1]))
        )
        for quantified in (
            replace(
                stress.quantified,
                traced=replace(traced, ends=replace(traced.ends, directions_part=part)),
            )
            for part in (0.9, 0.6)
        )
    )

    assert f"basal segments hold {points} of {severity.summed_score} points" in unsure
    assert "basal" not in sure
    # Nobody reads of the defect alone: the doubt stands before it, and in its sentence.
    assert unsure.index("The base is not sure: the valve plane is seen in 60 % of") < unsure.index(
        "perfusion defect"
    )
    (of_the_defect,) = (each for each in unsure.split(". ") if "perfusion defect" in each)
    assert "of it basal and not sure" in of_the_defect


def test_rows_of_scores_and_scar_say_what_is_basal_and_not_sure(unlike: QuantifiedPair) -> None:
    stress, rest = unlike.exams
    traced, severity = stress.quantified.traced, stress.quantified.severity
    assert severity is not None
    unseen = replace(traced, ends=replace(traced.ends, directions_part=0.6))
    doubted = replace(stress.quantified, traced=unseen)
    pair = replace(unlike, exams=(replace(stress, quantified=doubted), rest))

    basal = sum(severity.segment_scores[number] for number in range(1, 7))
    rows = dict(perfusion_rows(doubted))
    page = study_report_html(pair, {})

    assert basal > 0
    assert rows["SSS"].endswith(f"; {basal} basal, not sure")
    assert re.fullmatch(
        r"[\d.]+ % of the wall \(([\d.]+ of it )?basal, not sure\)", rows["Below half"]
    )
    assert table_cells(page, f"Scar burden: {SCAR_DEFINITION}")[0] == rows["Below half"]
    assert "not sure" not in dict(perfusion_rows(stress.quantified))["Below half"]
    assert build_quantification(doubted)["left_ventricle"]["base_doubt"].startswith("the valve")


def test_a_plane_too_near_to_the_apex_is_told_of_a_heart_without_a_defect(
    reported: QuantifiedPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    stress = reported.exams[0]
    ends = replace(stress.quantified.traced.ends, directions_part=1.0)
    nearer = replace(stress.quantified, traced=replace(stress.quantified.traced, ends=ends))
    vars(nearer)["valve_planes_apart"] = PlanesApart(-14.0, "septal")
    pair = QuantifiedPair((replace(stress, quantified=nearer),), PoseRule.OWN)
    monkeypatch.setattr(impression, "LEAST_DEFICIT", 1.0)

    words = impression_of(pair)

    assert words.startswith("The base is not sure: the traced valve plane lies up to 14 mm nearer")
    assert words.index("Wall beyond the plane is not scored.") < words.index("No perfusion defect")


def test_an_impression_of_projections_says_that_limits_are_of_other_reconstructions(
    reported: QuantifiedPair,
) -> None:
    stress = reported.exams[0]
    facts = replace(stress.quantified.study.facts, reconstructed_here="OSEM 3i10s, from 60 views")
    study = replace(stress.quantified.study, facts=facts)
    here = replace(stress, quantified=replace(stress.quantified, study=study))

    said, unsaid = (impression_of(QuantifiedPair((each,), PoseRule.OWN)) for each in (here, stress))

    assert OTHER_RECONSTRUCTION not in unsaid
    assert said.index(OTHER_RECONSTRUCTION) < said.index("perfusion defect")


def test_a_deficit_beside_a_normal_summed_score_says_why(reported: QuantifiedPair) -> None:
    stress = reported.exams[0]
    severity = stress.quantified.severity
    assert severity is not None
    # Mild everywhere: no segment reaches half a point, and the wall has lost a tenth.
    mild = replace(severity, scores=np.full_like(severity.scores, 0.4))
    vars(told := replace(stress.quantified))["severity"] = mild
    words = impression_of(QuantifiedPair((replace(stress, quantified=told),), PoseRule.OWN))

    assert "total perfusion deficit 10.0 %, beside a summed score of 0, which leaves" in words


def test_an_unscored_exam_has_no_impression(reported: QuantifiedPair) -> None:
    stress = reported.exams[0]
    without = replace(stress, quantified=replace(stress.quantified, limits=None))
    assert NOT_SCORED in impression_of(QuantifiedPair((without,), PoseRule.OWN))


def test_the_cover_names_the_patient_and_no_other_page_does(reported: QuantifiedPair) -> None:
    dataset = Dataset()
    dataset.PatientName, dataset.PatientID = "Doe^Jane", "P-4711"
    dataset.ReferringPhysicianName, dataset.PatientBirthDate = "House^Ann^^Dr.", "19500131"
    dataset.StudyDate, dataset.InterventionDrugInformationSequence = "20260102", [Dataset()]
    dataset.InterventionDrugInformationSequence[0].InterventionDrugName = "Regadenoson"
    stress, rest = reported.exams
    header = SourceHeader(dataset)
    named = replace(stress, exam=replace(stress.exam, header=header))
    pair = replace(reported, exams=(named, rest))
    cover = words_on(draw_cover_page(pair))
    told = ("Jane Doe", "Dr. Ann House", "P-4711", "1950-01-31", "2026-01-02", "Regadenoson")
    for word in (*told, impression_of(pair)[:20]):
        assert word in cover
    assert "^" not in cover
    others = [words_on(page) for page in (draw_slices_page(pair), draw_polar_maps_page(pair))]
    others += [unescape(study_report_html(pair, {})), json.dumps(build_study_report(pair))]
    for other in others:
        for word in ("Jane", "House", "P-4711", "1950-01-31", "19500131", *told[4:5], "20260102"):
            assert word not in other


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("Doe^Jane", "Jane Doe"),
        ("Doe^Jane^Mary^Dr.^MD", "Dr. Jane Mary Doe, MD"),
        ("Doe^^^^", "Doe"),
        ("DOE, JANE", "DOE, JANE"),
        ("Doe Jane", "Doe Jane"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Tarou Yamada (山田 太郎, やまだ たろう)"),
        ("=山田^太郎", "山田 太郎"),
        ("^", ""),
        ("a^b^c^d^e^f^g", "d b c a, e, f, g"),
    ],
)
def test_a_name_is_told_in_reading_order(stored: str, told: str) -> None:
    assert name_words(stored) == told


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("20240131", "2024-01-31"),
        ("2024.01.31", "2024-01-31"),
        ("20240231", "20240231"),
        ("202401", "202401"),
        ("20240131 20240201", "20240131 20240201"),
        ("", ""),
    ],
)
def test_a_date_is_told_as_the_standard_for_dates_has_it(stored: str, told: str) -> None:
    assert date_words(stored) == told


def test_the_lung_heart_ratio_says_what_it_is_of(reported: QuantifiedPair) -> None:
    page = unescape(study_report_html(reported, {}))

    for each in reported.exams:
        ratio = each.quantified.lung_heart_ratio
        words = f"{ratio:.2f}, left lung over wall, in slices"
        assert ("Lung / heart", words) in size_rows(each.quantified)
        assert words in page
    assert "no limits known in slices" in page
    cut = SimpleNamespace(lung_heart_ratio=None)
    assert lung_words(cut) == "not told: the field ends before the lung"  # type: ignore[arg-type]


def test_the_middle_slice_of_a_long_axis_is_always_there(reported: QuantifiedPair) -> None:
    _, *long_axes = matched_slices([each.quantified for each in reported.exams])
    for shown in long_axes:
        assert len(shown.places_mm) == 5
        assert shown.places_mm[2] == 0
