"""The report's content: pairs, matched slices, differences, gating, and what the page says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from drawn_heart import transaxial_grid, usual_pose
from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.errors import OptionError
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.reorientation.estimate import QualityFlag
from shortaxis.spect.study import PerfusionStudy, StudyCondition
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.study_report.exams import ReportExam, find_exams, load_exams
from shortaxis.workflow.study_report.gating import gated_ventricle
from shortaxis.workflow.study_report.html import study_report_html
from shortaxis.workflow.study_report.matched_slices import matched_slices, tiles_of
from shortaxis.workflow.study_report.pairing import PoseRule, QuantifiedPair, quantify_exams
from ventricle_scenes import Shell, draw_shell


@pytest.fixture(scope="module")
def demo_pair(demo_study_path: object) -> list[ReportExam]:
    folder = demo_study_path.parent  # type: ignore[attr-defined]
    return load_exams(find_exams(folder / "study.dcm", folder / "rest.dcm"))


@pytest.fixture(scope="module")
def reported(demo_pair: list[ReportExam]) -> QuantifiedPair:
    return quantify_exams(demo_pair, QuantifyOptions())


def moved(study: PerfusionStudy, motion: RigidPose) -> PerfusionStudy:
    """The patient lies elsewhere; not a count is interpolated."""
    affine = motion.matrix @ study.volume.patient_from_index
    return replace(study, volume=SpectVolume(study.volume.counts, affine))


# Pairs


def test_an_exam_does_not_differ_from_itself(demo_pair: list[ReportExam]) -> None:
    stress = demo_pair[0]
    twin = ReportExam(StudyCondition.REST, stress.study)
    pair = quantify_exams([stress, twin], QuantifyOptions())

    difference = pair.difference
    assert difference is not None
    assert difference.summed_score == 0
    assert difference.total_perfusion_deficit == 0
    assert difference.volume_ratio == pytest.approx(1)
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


def test_scores_of_different_rules_are_never_subtracted(demo_pair: list[ReportExam]) -> None:
    stress, rest = quantify_exams(demo_pair, QuantifyOptions()).exams
    without = replace(rest, quantified=replace(rest.quantified, limits=None))
    pair = QuantifiedPair((stress, without), PoseRule.OWN)

    bands = [each.quantified.fixed_bands.summed_score for each in (stress, rest)]
    assert pair.difference is not None
    assert pair.difference.summed_score == bands[0] - bands[1]
    assert pair.difference.total_perfusion_deficit is None


def test_a_shared_pose_is_that_of_stress_and_a_moved_heart_is_a_reason_to_look(
    demo_pair: list[ReportExam],
) -> None:
    stress = demo_pair[0]
    shift = RigidPose(np.eye(3), (12.0, 0.0, 0.0))
    elsewhere = ReportExam(StudyCondition.REST, moved(stress.study, shift))

    pair = quantify_exams([stress, elsewhere], QuantifyOptions(), PoseRule.SHARED)
    own = quantify_exams([stress, elsewhere], QuantifyOptions(), PoseRule.OWN)

    first, second = (each.quantified.pose for each in pair.exams)
    np.testing.assert_allclose(first.matrix, second.matrix)
    assert pair.moved is not None
    assert pair.moved.center_mm == pytest.approx(12, abs=2)
    assert any("one pose does not fit both" in reason for reason in pair.reasons)
    assert pair.quality.flag is QualityFlag.REVIEW
    assert own.reasons == ()


def test_axes_that_no_heart_turns_by_are_a_reason_to_look(demo_pair: list[ReportExam]) -> None:
    stress = demo_pair[0]
    center = stress.study.volume.center_mm
    turn = Rotation.from_euler("x", 25, degrees=True).as_matrix()
    motion = RigidPose(turn, center - turn @ center)
    pair = quantify_exams(
        [stress, ReportExam(StudyCondition.REST, moved(stress.study, motion))], QuantifyOptions()
    )
    assert any("degrees apart" in reason for reason in pair.reasons)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_other_numbers_of_exams_share_no_pose(demo_pair: list[ReportExam], count: int) -> None:
    exams = (demo_pair * 2)[:count]
    with pytest.raises(OptionError, match="make no report"):
        quantify_exams(exams, QuantifyOptions(), PoseRule.SHARED)


# Matched slices


def test_slices_of_a_patient_who_lies_elsewhere_are_the_same(
    demo_pair: list[ReportExam],
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


def test_the_largest_and_the_smallest_time_slot_are_found() -> None:
    grid = transaxial_grid()
    radii = (27.0, 26.0, 24.0, 21.0, 19.0, 22.0, 25.0, 26.5)
    gates = np.stack(
        [draw_shell(grid, usual_pose(grid), Shell(radius_mm=radius)).counts for radius in radii]
    )
    study = PerfusionStudy(SpectVolume(gates.sum(axis=0), grid.patient_from_index), gates)
    exam = quantify_study(study, QuantifyOptions(), usual_pose(grid))

    ventricle = gated_ventricle(exam)
    assert ventricle is not None
    assert (ventricle.end_diastolic_slot, ventricle.end_systolic_slot) == (1, 5)
    # Volumes of like shapes go with the square of the radius, when the length stays.
    ratio = ventricle.volumes_ml[4] / ventricle.volumes_ml[0]
    assert ratio == pytest.approx((19 / 27) ** 2, abs=0.12)


def test_an_ungated_exam_has_no_time_slots_to_show(reported: QuantifiedPair) -> None:
    assert gated_ventricle(reported.exams[0].quantified) is None


# The page


def test_words_of_a_header_are_never_markup(reported: QuantifiedPair) -> None:
    exam = reported.exams[0]
    facts = replace(exam.quantified.study.facts, camera="<script>alert(1)</script>")
    study = replace(exam.quantified.study, facts=facts)
    told = replace(exam, quantified=replace(exam.quantified, study=study))

    page = study_report_html(QuantifiedPair((told,), PoseRule.OWN), {})
    assert "<script" not in page
    assert "&lt;script&gt;" in page
