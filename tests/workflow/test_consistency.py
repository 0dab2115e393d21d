"""Known motions of a study, and how well an estimator follows them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from scipy.spatial.transform import Rotation

from drawn_heart import draw_study, transaxial_grid, usual_pose
from nm_object import build_nm, save_object
from shortaxis.errors import ExistingOutputError, GeometryError, HeartNotFoundError, OptionError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.euler import rotation_from_angles, with_conventional_roll
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.mean_pose import mean_pose
from shortaxis.geometry.motions import PatientMotion, sample_motion
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.geometry.pose_errors import geodesic_angle_deg, pose_errors
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.methods import METHODS, Method, UncertaintyKind
from shortaxis.reorientation.moved_volumes import (
    heart_stays_inside,
    with_moved_affine,
    with_moved_counts,
)
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.consistency.measuring import Consistency, measure_study_consistency
from shortaxis.workflow.consistency.options import ConsistencyOptions
from shortaxis.workflow.consistency.plots import axis_offsets_deg
from shortaxis.workflow.consistency.record import build_consistency_record
from shortaxis.workflow.consistency.requests import CONSISTENCY_NAMES, write_consistency
from shortaxis.workflow.consistency.tiles import shown_inputs
from shortaxis.workflow.reorient.options import ReorientOptions

MARKER_SIGMAS_MM = np.array([8.0, 12.0, 18.0])
"""Along x_c, y_c and z_c: three different ones, so that principal axes are the cardiac axes."""


def marker_volume(grid: Grid, pose: RigidPose) -> SpectVolume:
    """An ellipsoidal blob at the place and in the direction of a heart, smooth to the voxels."""
    places = apply_affine(grid.patient_from_index, np.moveaxis(np.indices(grid.shape), 0, -1))
    squares = ((pose.to_cardiac(places) / MARKER_SIGMAS_MM) ** 2).sum(axis=-1)
    return SpectVolume(1000 * np.exp(-squares / 2), grid.patient_from_index)


def follow_marker(volume: SpectVolume) -> PoseEstimate:
    """A perfect estimator of the marker: its centre of mass and principal axes in the patient."""
    indices = np.moveaxis(np.indices(volume.shape), 0, -1).reshape(-1, 3)
    places = apply_affine(volume.patient_from_index, indices)
    weights = np.asarray(volume.counts, dtype=np.float64).ravel()
    center = weights @ places / weights.sum()
    _, axes = np.linalg.eigh((places - center).T @ ((places - center) * weights[:, None]))
    # Either end of a principal axis will do: the one nearer to a usual heart. Turns of up to 25
    # degrees leave it there.
    usual = usual_pose(transaxial_grid()).patient_from_cardiac
    x, y = (axis * np.sign(axis @ near) for axis, near in zip(axes.T[:2], usual.T, strict=False))
    return PoseEstimate(RigidPose(np.column_stack([x, y, np.cross(x, y)]), center), "marker")


def method_of(name: str, estimate: Callable[[SpectVolume], PoseEstimate]) -> Method:
    """A row of the table of methods."""
    return Method(
        name,
        9,
        "a marker",
        True,
        False,
        UncertaintyKind.UNKNOWN,
        lambda volume, _: estimate(volume),
    )


@pytest.fixture
def marker_method(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(METHODS, "marker", method_of("marker", follow_marker))
    return "marker"


@pytest.fixture(scope="module")
def marked_grid() -> Grid:
    return transaxial_grid((48, 48, 48), 5.0)


@pytest.fixture(scope="module")
def marked_study(marked_grid: Grid) -> PerfusionStudy:
    return PerfusionStudy(marker_volume(marked_grid, marked_pose(marked_grid)))


def marked_pose(grid: Grid) -> RigidPose:
    """A usual direction at the middle of the grid, from where no motion leads out."""
    return RigidPose(usual_pose(grid).patient_from_cardiac, grid.center_mm)


@pytest.fixture(scope="module")
def measured_demo(drawn_volume: SpectVolume) -> Consistency:
    return measure_study_consistency(PerfusionStudy(drawn_volume), ConsistencyOptions(motions=3))


@pytest.fixture(scope="module")
def measured_by_ellipsoid(drawn_volume: SpectVolume) -> Consistency:
    options = ConsistencyOptions("ellipsoid", motions=3)
    return measure_study_consistency(PerfusionStudy(drawn_volume), options)


# --- motions and means -------------------------------------------------------------------


def test_a_motion_turns_about_its_point_and_then_shifts() -> None:
    motion = PatientMotion((2, 0, 0), 90, (1, 2, 3), (10, 20, 30))

    np.testing.assert_allclose(motion.pose.to_patient((10, 20, 30)), (11, 22, 33))
    np.testing.assert_allclose(motion.pose.to_patient((15, 20, 30)), (16, 22, 33))
    np.testing.assert_allclose(motion.pose.to_patient((10, 21, 30)), (11, 22, 34), atol=1e-12)


def test_drawn_motions_fill_their_range_in_every_direction() -> None:
    rng = np.random.default_rng(5)
    drawn = [sample_motion(rng, np.zeros(3), 25, 20) for _ in range(4000)]

    for values, largest in (
        ([motion.turn_deg for motion in drawn], 25),
        ([motion.shift_length_mm for motion in drawn], 20),
    ):
        counts, _ = np.histogram(values, bins=4, range=(0, largest))
        assert counts.sum() == 4000
        np.testing.assert_allclose(counts, 1000, rtol=0.12)
    # Uniform on the sphere: each coordinate is uniform from -1 to 1 (Archimedes).
    axes = np.array([motion.axis for motion in drawn])
    np.testing.assert_allclose(axes.mean(axis=0), 0, atol=0.04)
    np.testing.assert_allclose((axes**2).mean(axis=0), 1 / 3, atol=0.02)


def test_a_seed_draws_the_same_motions_about_any_point() -> None:
    first, second = (
        sample_motion(np.random.default_rng(7), np.array(point), 25, 20)
        for point in ((0, 0, 0), (50, -20, 400))
    )

    assert first.turn_deg == second.turn_deg
    np.testing.assert_array_equal(first.axis, second.axis)
    np.testing.assert_array_equal(first.shift_mm, second.shift_mm)


def test_a_motion_without_direction_is_refused() -> None:
    with pytest.raises(GeometryError, match="not a turn"):
        PatientMotion((0, 0, 0), 5, (0, 0, 0), (0, 0, 0))


def test_the_mean_pose_is_the_rotation_of_least_squared_chords() -> None:
    rng = np.random.default_rng(2)
    middle = rotation_from_angles(20, 5, 40)
    turns = Rotation.from_rotvec(np.deg2rad(rng.normal(0, 8, (15, 3)))).as_matrix()
    poses = [RigidPose(turn @ middle, rng.normal(size=3)) for turn in turns]

    mean = mean_pose(poses)

    def cost(rotation: np.ndarray) -> float:
        return sum(np.linalg.norm(rotation - pose.patient_from_cardiac) ** 2 for pose in poses)

    for vector in np.vstack([np.eye(3), -np.eye(3)]):
        moved = Rotation.from_rotvec(1e-3 * vector).as_matrix() @ mean.patient_from_cardiac
        assert cost(moved) > cost(mean.patient_from_cardiac)
    with pytest.raises(GeometryError):
        mean_pose([])


# --- moved volumes -----------------------------------------------------------------------


def test_moved_counts_are_those_of_simpleitk_under_the_same_motion() -> None:
    grid = transaxial_grid((24, 40, 40), 6.4)
    volume = draw_study(grid, RigidPose(usual_pose(grid).patient_from_cardiac, grid.center_mm))
    motion = PatientMotion((1, 2, -1), 20, (9, -6, 4), grid.center_mm)

    ours, theirs = with_moved_counts(volume, motion).counts, by_simpleitk(volume, motion)

    # Near the edge they differ by half a voxel in what still counts as inside.
    places = apply_affine(grid.patient_from_index, np.moveaxis(np.indices(grid.shape), 0, -1))
    middle = np.linalg.norm(places - grid.center_mm, axis=-1) < 55
    highest = volume.counts.max()
    np.testing.assert_allclose(ours[middle], theirs[middle], atol=0.002 * highest)
    # A motion the other way would not do: the test can tell a wrong sign.
    back = PatientMotion(motion.axis, -motion.turn_deg, -motion.shift_mm, grid.center_mm)
    assert np.abs(ours - by_simpleitk(volume, back))[middle].max() > 0.5 * highest


def by_simpleitk(volume: SpectVolume, motion: PatientMotion) -> np.ndarray:
    image = sitk.GetImageFromArray(np.asarray(volume.counts))
    axes = volume.patient_from_index[:3, 2::-1]
    spacing = np.linalg.norm(axes, axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((axes / spacing).ravel().tolist())
    image.SetOrigin(volume.patient_from_index[:3, 3].tolist())
    # ITK takes a point of the output to where the input is read: the motion undone.
    turn = sitk.VersorRigid3DTransform()
    turn.SetCenter(motion.about_mm.tolist())
    turn.SetRotation(motion.axis.tolist(), float(np.deg2rad(motion.turn_deg)))
    turn.SetTranslation(motion.shift_mm.tolist())
    moved = sitk.Resample(image, image, turn.GetInverse(), sitk.sitkBSpline, 0.0)
    return np.maximum(sitk.GetArrayFromImage(moved), 0)


def test_the_affine_alone_moves_places_and_leaves_the_counts(drawn_volume: SpectVolume) -> None:
    motion = PatientMotion((0, 1, 0), 10, (3, 2, 1), drawn_volume.center_mm)

    moved = with_moved_affine(drawn_volume, motion)

    np.testing.assert_array_equal(moved.counts, drawn_volume.counts)
    np.testing.assert_allclose(moved.center_mm, drawn_volume.center_mm + np.array([3, 2, 1]))


@pytest.mark.parametrize(
    ("shift_mm", "stays"), [(28, True), (32, False), (-28, True), (-32, False)]
)
def test_a_motion_that_takes_the_ventricle_out_of_the_grid_is_told(
    shift_mm: float, stays: bool
) -> None:
    # 31 slices of 6 mm: 90 mm from the middle to the last one; the ventricle reaches 60 mm.
    grid = transaxial_grid((31, 41, 41), 6.0)
    along_z = RigidPose(np.column_stack([(1, 0, 0), (0, 1, 0), (0, 0, 1)]), grid.center_mm)

    motion = PatientMotion((0, 0, 1), 15, (0, 0, shift_mm), grid.center_mm)

    assert heart_stays_inside(grid, along_z, motion) is stays


def test_the_ventricle_is_narrower_across_than_along_its_axis() -> None:
    grid = transaxial_grid((31, 41, 41), 6.0)
    pose = RigidPose(np.column_stack([(1, 0, 0), (0, 0, -1), (0, 1, 0)]), grid.center_mm)

    inside = [
        heart_stays_inside(grid, pose, PatientMotion((1, 0, 0), 0, (0, 0, shift), grid.center_mm))
        for shift in (44, 46)
    ]

    assert inside == [True, False]


# --- measuring ---------------------------------------------------------------------------


def test_an_estimator_that_follows_exactly_has_no_error(
    marked_study: PerfusionStudy, marker_method: str
) -> None:
    options = ConsistencyOptions(marker_method, motions=8)
    record = build_consistency_record(measure_study_consistency(marked_study, options))

    assert record["knows_roll"]
    for way, most in (("affine_only", 1e-6), ("resampled", 0.02)):
        assert record[way]["used"] == 8
        for spread in ("around_mean", "from_unmoved"):
            for error in record[way]["groups"]["all"][spread].values():
                assert error["maximum"] < most


def test_an_estimator_that_does_not_follow_is_off_by_the_motion(
    marked_study: PerfusionStudy, monkeypatch: pytest.MonkeyPatch, marked_grid: Grid
) -> None:
    stays = PoseEstimate(marked_pose(marked_grid), "fixed")
    monkeypatch.setitem(METHODS, "fixed", method_of("fixed", lambda volume: stays))

    result = measure_study_consistency(marked_study, ConsistencyOptions("fixed", motions=5))

    for answer in build_consistency_record(result)["resampled"]["answers"]:
        assert answer["from_unmoved"]["geodesic_deg"] == pytest.approx(answer["turn_deg"])
        shift_mm = np.linalg.norm(answer["shift_mm"])
        assert answer["from_unmoved"]["center_mm"] == pytest.approx(shift_mm)


def test_an_estimator_without_roll_is_compared_by_the_conventional_one(
    marked_study: PerfusionStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def axis_only(volume: SpectVolume) -> PoseEstimate:
        pose = with_conventional_roll(follow_marker(volume).pose)
        return PoseEstimate(pose, "axis", knows_roll=False)

    monkeypatch.setitem(METHODS, "axis", method_of("axis", axis_only))

    group = build_consistency_record(
        measure_study_consistency(marked_study, ConsistencyOptions("axis", motions=5))
    )["affine_only"]["groups"]["all"]

    assert group["around_mean"]["roll_deg"] is None
    assert group["around_mean"]["geodesic_deg"]["maximum"] < 1e-6


def test_motions_that_would_cut_the_heart_are_left_out_and_counted(
    marker_method: str,
) -> None:
    # The middle of the heart is 70 mm from the lowest slice: some motions take it out.
    grid = transaxial_grid((36, 48, 48), 5.0)
    pose = RigidPose(usual_pose(grid).patient_from_cardiac, grid.center_mm - (0, 0, 25))
    study = PerfusionStudy(marker_volume(grid, pose))

    record = build_consistency_record(
        measure_study_consistency(study, ConsistencyOptions(marker_method, motions=12))
    )

    assert 0 < record["resampled"]["excluded"] < 12
    assert record["resampled"]["used"] + record["resampled"]["excluded"] == 12
    assert record["affine_only"] | {"used": 12, "excluded": 0} == record["affine_only"]


def test_where_every_motion_would_cut_the_heart_only_the_affine_tells(
    marker_method: str, tmp_path: Path
) -> None:
    grid = transaxial_grid((22, 48, 48), 4.0)
    study = PerfusionStudy(marker_volume(grid, marked_pose(grid)))

    result = measure_study_consistency(study, ConsistencyOptions(marker_method, motions=4))

    record = build_consistency_record(result)
    assert record["resampled"]["used"] == 0
    assert record["resampled"]["groups"]["all"]["around_mean"] is None
    assert record["affine_only"]["groups"]["all"]["around_mean"] is not None
    assert len(write_consistency(result, tmp_path / "out")) == 2


def test_hearts_that_are_not_found_again_are_counted(
    marked_study: PerfusionStudy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = iter(range(100))

    def every_second(volume: SpectVolume) -> PoseEstimate:
        if next(calls) % 2:
            raise HeartNotFoundError("nothing here")
        return follow_marker(volume)

    monkeypatch.setitem(METHODS, "every second", method_of("every second", every_second))

    result = measure_study_consistency(marked_study, ConsistencyOptions("every second", motions=6))

    record = build_consistency_record(result)
    assert record["resampled"]["groups"]["all"]["not_found"] == 3
    assert [answer["found"] for answer in record["resampled"]["answers"]].count(False) == 3
    assert len(write_consistency(result, tmp_path / "out")) == 2


def test_groups_by_the_size_of_the_turn_make_up_all_motions(measured_demo: Consistency) -> None:
    groups = build_consistency_record(measured_demo)["affine_only"]["groups"]

    assert groups["all"]["motions"] == 3
    assert groups["0-10"]["motions"] + groups["10-25"]["motions"] == 3


def test_the_same_seed_gives_the_same_record(
    marked_study: PerfusionStudy, marker_method: str
) -> None:
    first, again, other = (
        measure_study_consistency(marked_study, ConsistencyOptions(marker_method, None, 2, seed))
        for seed in (4, 4, 5)
    )

    assert build_consistency_record(first) == build_consistency_record(again)
    assert build_consistency_record(first) != build_consistency_record(other)


def test_the_network_follows_the_drawn_heart(measured_demo: Consistency) -> None:
    group = build_consistency_record(measured_demo)["resampled"]["groups"]["all"]

    assert measured_demo.knows_roll
    assert group["around_mean"]["long_axis_deg"]["maximum"] < 6
    assert group["around_mean"]["center_mm"]["maximum"] < 6
    assert group["around_mean"]["roll_deg"]["maximum"] < 20


def test_the_ellipsoid_follows_the_drawn_heart(measured_by_ellipsoid: Consistency) -> None:
    group = build_consistency_record(measured_by_ellipsoid)["resampled"]["groups"]["all"]

    assert group["around_mean"]["long_axis_deg"]["maximum"] < 3
    assert group["around_mean"]["center_mm"]["maximum"] < 3
    assert group["around_mean"]["roll_deg"] is None


@pytest.mark.parametrize("wrong", [{"motions": 0}, {"motions": 1001}, {"seed": -1}])
def test_options_outside_their_limits_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(OptionError):
        ConsistencyOptions(**wrong)


def test_the_default_method_is_that_of_reorienting() -> None:
    assert ConsistencyOptions().method == ReorientOptions().method


# --- the picture -------------------------------------------------------------------------


def test_offsets_of_the_axis_point_to_the_patients_left_and_head() -> None:
    mean = RigidPose(rotation_from_angles(20, 0, 45), (0, 0, 0))
    more_left = RigidPose(rotation_from_angles(20, 0, 48), (0, 0, 0))
    more_head = RigidPose(rotation_from_angles(16, 0, 45), (0, 0, 0))

    np.testing.assert_allclose(axis_offsets_deg(mean, mean), 0, atol=1e-12)
    left, up = axis_offsets_deg(more_left, mean)
    assert left == pytest.approx(3 * np.cos(np.deg2rad(20)), abs=0.01)
    assert abs(up) < 0.1
    np.testing.assert_allclose(axis_offsets_deg(more_head, mean), (0, 4), atol=1e-6)


def test_the_slices_are_cut_by_the_pose_that_was_found_in_each_input(
    measured_demo: Consistency,
) -> None:
    columns = shown_inputs(measured_demo)
    again = {
        round(answer.estimate.pose.center_mm.sum(), 6) for answer in measured_demo.resampled.found
    }

    assert len(columns) == 4
    assert {round(column.pose.center_mm.sum(), 6) for column in columns[1:]} == again
    for column in columns[1:]:
        found = follow_of(measured_demo, column.pose)
        assert pose_errors(column.pose, found).long_axis_deg < 1e-6


def follow_of(consistency: Consistency, pose: RigidPose) -> RigidPose:
    """The estimate in a moved input whose centre is that of `pose`."""
    poses = [answer.estimate.pose for answer in consistency.resampled.found]
    return min(poses, key=lambda other: np.linalg.norm(other.center_mm - pose.center_mm))


def test_the_moved_heart_looks_the_same_when_cut_by_the_moved_pose(
    marked_study: PerfusionStudy, marked_grid: Grid
) -> None:
    from shortaxis.anatomy.cardiac_views import CardiacView, view_grid

    pose, motion = marked_pose(marked_grid), PatientMotion((1, 1, 0), 20, (5, 5, 5), (0, 0, 0))
    moved = with_moved_counts(marked_study.volume, motion)

    before, after = (
        volume.resampled(view_grid(CardiacView.SHORT_AXIS, at, (5, 20, 20), 4.0), "cubic").counts
        for volume, at in ((marked_study.volume, pose), (moved, compose(motion.pose, pose)))
    )

    np.testing.assert_allclose(after, before, atol=0.02 * before.max())
    assert geodesic_angle_deg(pose, compose(motion.pose, pose)) == pytest.approx(20)


# --- files and the verb ------------------------------------------------------------------


def test_results_are_written_together_and_never_over_earlier_ones(
    measured_demo: Consistency, tmp_path: Path
) -> None:
    write_consistency(measured_demo, tmp_path / "out")

    assert set(os.listdir(tmp_path / "out")) == set(CONSISTENCY_NAMES)
    with pytest.raises(ExistingOutputError):
        write_consistency(measured_demo, tmp_path / "out")
    write_consistency(measured_demo, tmp_path / "out", force=True)
    stored = json.loads((tmp_path / "out" / "consistency.json").read_text())
    assert stored == {**build_consistency_record(measured_demo), "files": list(CONSISTENCY_NAMES)}
    assert (tmp_path / "out" / "consistency.png").read_bytes()[:4] == b"\x89PNG"


def test_a_picture_that_fails_leaves_nothing(
    measured_demo: Consistency, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shortaxis.workflow.consistency import requests as consistency_requests

    def full_disk(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(consistency_requests, "write_consistency_sheet", full_disk)

    with pytest.raises(OSError, match="cannot be written"):
        write_consistency(measured_demo, tmp_path / "out")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("method", ["network", "ellipsoid"])
def test_the_verb_measures_a_file_and_refuses_to_overwrite(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path, method: str
) -> None:
    out = tmp_path / "out"
    chosen = () if method == ReorientOptions().method else ("--method", method)

    code, text, _ = shortaxis("consistency", drawn_study_path, "-o", out, "--motions", 1, *chosen)
    refused, _, message = shortaxis("consistency", drawn_study_path, "-o", out, "--motions", 1)

    assert code == 0
    assert set(os.listdir(out)) == set(CONSISTENCY_NAMES)
    assert "Axis" in text
    assert ("Roll" in text) == (method == "network")
    assert str(out / "consistency.png") in text
    assert (refused, "exists already" in message) == (1, True)


def test_the_verb_gives_several_studies_one_folder_each_and_prints_json(
    shortaxis: Any, drawn_volume: SpectVolume, tmp_path: Path, marker_method: str
) -> None:
    (tmp_path / "in").mkdir()
    for number in range(2):
        save_object(
            build_nm(drawn_volume, seed=f"study {number}"), tmp_path / "in" / f"{number}.dcm"
        )

    code, text, _ = shortaxis(
        "consistency", tmp_path / "in", "-o", tmp_path / "out", "--motions", 1, "--seed", 3,
        "--method", marker_method, "--json",
    )  # fmt: skip

    values = json.loads(text)
    assert code == 0
    assert len(os.listdir(tmp_path / "out")) == 2
    assert [study["motions"]["seed"] for study in values["studies"]] == [3, 3]
    assert all(Path(name).is_file() for study in values["studies"] for name in study["files"])


@pytest.mark.parametrize("wrong", [["--motions", "0"], ["--method", "guess"], ["--seed", "-1"]])
def test_a_wrong_option_is_one_clear_error_with_code_2(
    shortaxis: Any, drawn_study_path: Path, tmp_path: Path, wrong: list[str]
) -> None:
    code, _, message = shortaxis("consistency", drawn_study_path, "-o", tmp_path / "out", *wrong)

    assert code == 2
    assert "expected" in message
    assert os.listdir(tmp_path) == []


def test_the_python_function_gives_the_record_of_the_verb(
    drawn_volume: SpectVolume, measured_demo: Consistency
) -> None:
    import shortaxis as package

    expected = build_consistency_record(measured_demo)
    assert package.measure_consistency(drawn_volume, motions=3).record == expected
