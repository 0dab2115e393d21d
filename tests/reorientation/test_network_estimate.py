"""The network that ships: what must hold for any volume, and that it finds a drawn heart."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from drawn_heart import DrawnHeart, draw_study, transaxial_grid, usual_pose
from drawn_study import study_pose, study_volume
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.judgement import NETWORK_MEASURES
from shortaxis.reorientation.network_estimate import estimate_pose_by_network, measured_estimate
from shortaxis.reorientation.quality import GUESSES_OF_THE_WAY_ROUND
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights
from shortaxis.spect.volume import SpectVolume

MIRROR_Z = np.diag([1.0, 1.0, -1.0, 1.0])


@cache
def of_the_drawn_study() -> PoseEstimate:
    return estimate_pose_by_network(study_volume())


def test_a_drawn_heart_is_found() -> None:
    errors = pose_errors(of_the_drawn_study().pose, study_pose())
    assert errors.long_axis_deg < 8
    assert errors.center_mm < 8


def test_the_result_says_which_weights_made_it_and_how_sure_they_are() -> None:
    estimate = of_the_drawn_study()
    assert estimate.method == "network"
    assert estimate.knows_roll
    assert len(estimate.weights.sha256) == 64
    uncertainty = estimate.uncertainty
    assert all(value is not None and 0 < value < 90 for value in vars(uncertainty).values())
    assert estimate.extent is not None
    assert 60 < estimate.extent.length_mm < 120


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_order_in_which_voxels_are_stored_does_not_matter(axis: int) -> None:
    """A left-handed affine is a stacking order, not a mirrored heart."""
    volume = study_volume()
    flip = np.eye(4)
    flip[axis, axis] = -1
    flip[axis, 3] = volume.shape[axis] - 1
    flipped = SpectVolume(np.flip(volume.counts, axis), volume.patient_from_index @ flip)
    assert_same(estimate_pose_by_network(flipped), of_the_drawn_study())


def test_the_order_of_the_axes_does_not_matter() -> None:
    volume = study_volume()
    swapped = SpectVolume(
        volume.counts.transpose(2, 0, 1), volume.patient_from_index[:, [2, 0, 1, 3]]
    )
    assert_same(estimate_pose_by_network(swapped), of_the_drawn_study())


@pytest.mark.parametrize("factor", [1e-30, 1e-3, 1e6, 1e30])
def test_units_of_counts_do_not_matter(factor: float) -> None:
    volume = study_volume()
    scaled = SpectVolume(volume.counts * np.float32(factor), volume.patient_from_index)
    assert_same(estimate_pose_by_network(scaled), of_the_drawn_study())


def test_where_the_origin_of_the_patient_lies_does_not_matter() -> None:
    volume = study_volume()
    shift = RigidPose(np.eye(3), np.array([120.0, -300.0, 77.0]))
    moved = SpectVolume(volume.counts, shift.matrix @ volume.patient_from_index)
    found = estimate_pose_by_network(moved)
    errors = pose_errors(found.pose, compose(shift, of_the_drawn_study().pose))
    assert errors.geodesic_deg < 1e-3
    assert errors.center_mm < 1e-3


@pytest.mark.parametrize("turn", [(0, 0, 15), (12, 0, 0), (0, -12, 0)])
def test_the_pose_follows_a_turn_of_the_patient(turn: tuple[float, float, float]) -> None:
    volume = study_volume()
    motion = RigidPose(Rotation.from_rotvec(turn, degrees=True).as_matrix(), np.zeros(3))
    moved = SpectVolume(volume.counts, motion.matrix @ volume.patient_from_index)
    errors = pose_errors(
        estimate_pose_by_network(moved).pose, compose(motion, of_the_drawn_study().pose)
    )
    assert errors.long_axis_deg < 5
    assert errors.center_mm < 4


def test_the_pose_is_never_mirrored() -> None:
    for seed in range(3):
        noise = np.random.default_rng(seed).gamma(1.0, size=(40, 40, 40)).astype(np.float32)
        try:
            found = estimate_pose_by_network(SpectVolume(noise, np.diag([5.0, 5.0, 5.0, 1.0])))
        except HeartNotFoundError:
            continue
        assert np.linalg.det(found.pose.patient_from_cardiac) == pytest.approx(1)


def test_slices_in_the_wrong_order_are_noticed() -> None:
    """A volume upside down holds a mirrored heart: nothing may be cut from it unseen."""
    volume = study_volume()
    wrong = SpectVolume(volume.counts[::-1], volume.patient_from_index)
    assert_stopped(wrong)


@pytest.mark.parametrize("counts", [np.zeros((20, 20, 20)), -np.ones((20, 20, 20))])
def test_a_volume_without_counts_holds_no_heart(counts: np.ndarray) -> None:
    with pytest.raises(HeartNotFoundError):
        estimate_pose_by_network(SpectVolume(counts, np.diag([6.0, 6.0, 6.0, 1.0])))


def test_a_heart_cut_by_the_field_of_view_is_for_review() -> None:
    grid = transaxial_grid()
    pose = usual_pose(grid)
    whole = draw_study(grid, pose, DrawnHeart(), seed=1)
    index = np.linalg.solve(grid.patient_from_index, [*pose.center_mm, 1.0])
    first = round(float(index[0]))
    axes = whole.patient_from_index.copy()
    axes[:3, 3] = (whole.patient_from_index @ [first, 0, 0, 1])[:3]
    assert_stopped(SpectVolume(whole.counts[first:], axes))


def test_few_counts_are_for_review() -> None:
    rng = np.random.default_rng(0)
    counts = rng.poisson(study_volume().counts / 400).astype(np.float32)
    assert_stopped(SpectVolume(counts, study_volume().patient_from_index))


def test_every_measure_has_a_limit_and_every_limit_is_measured() -> None:
    # Where the surroundings speak for another way round, the counts above the heart are judged.
    _, measures = measured_estimate(upside_down())
    limits = find_weights(DEFAULT_WEIGHTS).judgement.limits
    assert set(measures) == {limit.measure for limit in limits} == set(NETWORK_MEASURES)


def test_counts_above_the_heart_are_not_judged_where_the_surroundings_are_sure() -> None:
    estimate, measures = measured_estimate(study_volume())

    assert estimate.handedness is not None
    assert estimate.handedness.is_sure
    assert set(NETWORK_MEASURES) - set(measures) == GUESSES_OF_THE_WAY_ROUND


def test_counts_above_the_heart_are_judged_in_a_mirrored_world() -> None:
    estimate, measures = measured_estimate(upside_down())

    assert any("head and feet" in reason for reason in estimate.quality.reasons)
    assert set(measures) >= GUESSES_OF_THE_WAY_ROUND


def upside_down() -> SpectVolume:
    """The drawn study, its slices in the wrong order."""
    study = study_volume()
    return SpectVolume(study.counts[::-1], study.patient_from_index)


@pytest.mark.parametrize("spacing_mm", [(1.6, 1.6, 6.4), (10.0, 4.0, 4.0)])
def test_voxels_far_from_those_of_training_are_for_review(
    spacing_mm: tuple[float, float, float],
) -> None:
    usual = transaxial_grid()
    counts = tuple(round(n * 6.4 / mm) for n, mm in zip(usual.shape, spacing_mm, strict=True))
    scale = np.diag([*(np.array(spacing_mm) / 6.4), 1.0])
    grid = Grid(counts, usual.patient_from_index @ scale)
    volume = draw_study(grid, usual_pose(usual), DrawnHeart(), seed=1)
    assert any("voxels" in reason for reason in estimate_pose_by_network(volume).quality.reasons)


def test_torch_is_not_needed() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/scenes');"
        "from drawn_study import study_volume;"
        "from shortaxis.reorientation.network_estimate import estimate_pose_by_network as e;"
        "print(e(study_volume()).method, 'torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["network", "False"]


def assert_stopped(volume: SpectVolume) -> None:
    try:
        reasons = estimate_pose_by_network(volume).quality.reasons
    except HeartNotFoundError:
        return
    assert reasons


def assert_same(found: PoseEstimate, expected: PoseEstimate) -> None:
    errors = pose_errors(found.pose, expected.pose)
    assert errors.geodesic_deg < 0.05
    assert errors.center_mm < 0.02
    assert found.quality.flag is expected.quality.flag
