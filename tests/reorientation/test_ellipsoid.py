"""The pose by an ellipsoid: drawn hearts of known pose, and things that are no heart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ellipsoid_scenes as scenes
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.euler import angles_from_rotation
from shortaxis.geometry.pose import compose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.ellipsoid import estimate_pose_by_ellipsoid
from shortaxis.reorientation.estimate import QualityFlag
from shortaxis.reorientation.methods import ELLIPSOID
from shortaxis.reorientation.quality import POINTS_ASIDE
from shortaxis.spect.volume import SpectVolume

POSE = scenes.heart_pose()


@pytest.fixture(scope="module")
def volume() -> SpectVolume:
    return scenes.drawn(POSE)


def reasons_for(volume: SpectVolume) -> tuple[str, ...]:
    """Reasons to review; refusing is a reason too."""
    try:
        return estimate_pose_by_ellipsoid(volume).quality.reasons
    except HeartNotFoundError as error:
        return (str(error),)


def test_an_easy_heart_is_found_within_two_degrees_and_a_voxel(volume: SpectVolume) -> None:
    estimate = estimate_pose_by_ellipsoid(volume)

    errors = pose_errors(estimate.pose, POSE)
    assert errors.long_axis_deg < 2
    assert errors.center_mm < 4
    assert estimate.quality.flag is QualityFlag.ACCEPT


def test_the_estimate_says_what_the_method_knows_and_no_more(volume: SpectVolume) -> None:
    estimate = estimate_pose_by_ellipsoid(volume)

    assert estimate.method == ELLIPSOID.name
    assert estimate.extent is not None
    # Drawn: 88 mm long, epicardial radius 31 mm, wall 11 mm.
    assert estimate.extent.length_mm == pytest.approx(88, abs=5)
    assert estimate.extent.radius_mm == pytest.approx(31 - 11 / 2, abs=3)
    assert estimate.uncertainty.roll_deg is None
    assert estimate.uncertainty.long_axis_deg is not None
    assert estimate.uncertainty.center_mm is not None
    assert angles_from_rotation(estimate.pose.patient_from_cardiac)[1] == pytest.approx(0, abs=1e-6)


def test_hearts_over_the_usual_range_are_found_and_never_silently_missed() -> None:
    long_axis_deg, center_mm, flagged = [], [], []
    for seed in range(24):
        exam, truth = scenes.random_exam(seed)
        estimate = estimate_pose_by_ellipsoid(exam)
        errors = pose_errors(estimate.pose, truth)
        long_axis_deg.append(errors.long_axis_deg)
        center_mm.append(errors.center_mm)
        flagged.append(estimate.quality.flag is QualityFlag.REVIEW)

    assert np.median(long_axis_deg) < 1.5
    assert np.max(long_axis_deg) < 6
    assert np.median(center_mm) < 3
    assert np.max(center_mm) < 7
    assert np.mean(flagged) < 0.2


@settings(max_examples=8, deadline=None)
@given(exponent=st.floats(-25, 25))
def test_the_unit_of_the_counts_does_not_matter(exponent: float) -> None:
    exam = scenes.drawn(POSE)
    scaled = SpectVolume(exam.counts * np.float32(10.0**exponent), exam.patient_from_index)

    difference = pose_errors(
        estimate_pose_by_ellipsoid(scaled).pose, estimate_pose_by_ellipsoid(exam).pose
    )

    assert difference.long_axis_deg < 0.01
    assert difference.center_mm < 0.01


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_order_of_voxels_in_the_file_does_not_matter(volume: SpectVolume, axis: int) -> None:
    affine = volume.patient_from_index.copy()
    affine[:3, 3] += affine[:3, axis] * (volume.shape[axis] - 1)
    affine[:3, axis] *= -1
    reversed_order = SpectVolume(np.flip(volume.counts, axis), affine)

    difference = pose_errors(
        estimate_pose_by_ellipsoid(reversed_order).pose, estimate_pose_by_ellipsoid(volume).pose
    )

    assert difference.long_axis_deg < 0.01
    assert difference.center_mm < 0.01


def test_slices_stored_as_columns_give_the_same_pose(volume: SpectVolume) -> None:
    turned = SpectVolume(
        volume.counts.transpose(2, 0, 1), volume.patient_from_index[:, [2, 0, 1, 3]]
    )

    difference = pose_errors(
        estimate_pose_by_ellipsoid(turned).pose, estimate_pose_by_ellipsoid(volume).pose
    )

    assert difference.long_axis_deg < 0.01
    assert difference.center_mm < 0.01


@settings(max_examples=12, deadline=None)
@given(angles=st.tuples(*[st.floats(-20, 20)] * 3), shift=st.tuples(*[st.floats(-40, 40)] * 3))
def test_the_pose_moves_with_the_patient(
    angles: tuple[float, float, float], shift: tuple[float, float, float]
) -> None:
    exam = scenes.drawn(POSE)
    motion = scenes.motion_about(POSE.center_mm + np.array(shift), angles)
    before = estimate_pose_by_ellipsoid(exam).pose

    after = estimate_pose_by_ellipsoid(scenes.moved(exam, motion)).pose

    # The counts are the same and only the working grid lies otherwise: less than half a voxel.
    difference = pose_errors(after, compose(motion, before))
    assert difference.long_axis_deg < 1.5
    assert difference.center_mm < 2


@pytest.mark.parametrize(
    ("name", "keep"),
    [
        ("apex", lambda cardiac: cardiac[..., 2] > -30),
        ("base", lambda cardiac: cardiac[..., 2] < 25),
        ("inferior wall", lambda cardiac: cardiac[..., 1] < 16),
        ("lateral wall", lambda cardiac: cardiac[..., 0] < 16),
    ],
)
def test_a_heart_cut_off_by_the_field_of_view_is_for_review(name: str, keep) -> None:
    exam = scenes.cropped(scenes.drawn(POSE), POSE, keep)

    assert reasons_for(exam), name


def test_a_heart_cut_off_by_the_last_slice_is_for_review(volume: SpectVolume) -> None:
    lowest = POSE.center_mm[2] - 12
    first = int(np.ceil((lowest - volume.patient_from_index[2, 3]) / volume.spacing_mm[0]))
    affine = volume.patient_from_index.copy()
    affine[:3, 3] += first * affine[:3, 0]

    assert reasons_for(SpectVolume(volume.counts[first:], affine))


def test_a_patient_turned_by_a_wrong_header_is_for_review_with_the_apex_at_the_closed_end() -> None:
    half_turn = scenes.motion_about(POSE.center_mm, (0, 0, 180))

    estimate = estimate_pose_by_ellipsoid(scenes.moved(scenes.drawn(POSE), half_turn))

    assert any(reason.startswith(POINTS_ASIDE) for reason in estimate.quality.reasons)
    assert pose_errors(estimate.pose, compose(half_turn, POSE)).long_axis_deg < 10


@pytest.mark.parametrize("theta", [-40, 100])
def test_an_unusual_direction_is_found_and_reported(theta: float) -> None:
    pose = scenes.heart_pose(theta=theta)

    estimate = estimate_pose_by_ellipsoid(scenes.drawn(pose))

    (reason,) = estimate.quality.reasons
    assert reason.startswith(POINTS_ASIDE)
    assert pose_errors(estimate.pose, pose).long_axis_deg < 5


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scene", [scenes.white_noise, scenes.solid_organ])
def test_noise_and_solid_organs_are_no_heart(scene, seed: int) -> None:
    with pytest.raises(HeartNotFoundError) as refusal:
        estimate_pose_by_ellipsoid(scene(seed))

    assert refusal.value.cause
    assert refusal.value.found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scene", [scenes.smooth_noise, scenes.closed_shell])
def test_what_only_resembles_a_heart_is_refused_or_for_review(scene, seed: int) -> None:
    assert reasons_for(scene(seed))


@pytest.mark.parametrize(
    "counts",
    [
        np.zeros((20, 30, 30)),
        np.full((20, 30, 30), -1.0),
        np.full((20, 30, 30), 7.0),
        np.ones((1, 64, 64)),
        np.ones((1, 1, 1)),
        np.eye(30)[None].repeat(2, axis=0),
    ],
    ids=["empty", "negative", "constant", "one slice", "one voxel", "two slices"],
)
def test_degenerate_volumes_are_refused_and_do_not_crash(counts: np.ndarray) -> None:
    affine = scenes.GRID.patient_from_index

    with pytest.raises(HeartNotFoundError):
        estimate_pose_by_ellipsoid(SpectVolume(counts, affine))
