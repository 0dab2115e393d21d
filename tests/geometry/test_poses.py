from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given
from scipy.spatial.transform import Rotation

from geometry_strategies import affines, parameters, points_mm, poses, rotations
from shortaxis.errors import GeometryError, PoseFileError
from shortaxis.geometry.euler import (
    PATIENT_FROM_CARDIAC_AT_ZERO,
    PoseParameters,
    angles_from_rotation,
    parameters_from_pose,
    pose_from_parameters,
    rotation_from_angles,
    with_conventional_roll,
)
from shortaxis.geometry.itk_transform import pose_from_itk_transform, pose_to_itk_transform
from shortaxis.geometry.pose import RigidPose, compose, invert
from shortaxis.geometry.pose_errors import pose_errors, signed_roll_deg


@given(poses, points_mm)
def test_a_pose_and_its_inverse_cancel(pose: RigidPose, point: np.ndarray) -> None:
    np.testing.assert_allclose(pose.to_cardiac(pose.to_patient(point)), point, atol=1e-9)
    np.testing.assert_allclose(compose(invert(pose), pose).matrix, np.eye(4), atol=1e-9)


@given(poses, poses, points_mm)
def test_composition_applies_the_inner_pose_first(
    outer: RigidPose, inner: RigidPose, point: np.ndarray
) -> None:
    expected = outer.to_patient(inner.to_patient(point))

    np.testing.assert_allclose(compose(outer, inner).to_patient(point), expected, atol=1e-9)


@given(poses, rotations)
def test_a_signed_roll_has_the_size_of_the_roll_and_turns_its_sign(
    pose: RigidPose, other: np.ndarray
) -> None:
    estimate = RigidPose(other, pose.center_mm)
    signed = signed_roll_deg(estimate, pose)
    if pose_errors(estimate, pose).long_axis_deg < 175:
        assert abs(signed) == pytest.approx(pose_errors(estimate, pose).roll_deg, abs=1e-5)
    for angle in (-20.0, 35.0):
        turned = Rotation.from_euler("z", angle, degrees=True).as_matrix()
        rolled = RigidPose(pose.patient_from_cardiac @ turned, pose.center_mm)
        assert signed_roll_deg(rolled, pose) == pytest.approx(angle, abs=1e-6)


@given(rotations)
def test_every_mirrored_rotation_is_refused(rotation: np.ndarray) -> None:
    for axis in range(3):
        mirrored = rotation.copy()
        mirrored[:, axis] *= -1
        with pytest.raises(GeometryError, match="mirrored"):
            RigidPose(mirrored, (0, 0, 0))


def test_swapping_septum_and_lateral_wall_is_refused() -> None:
    swapped = rotation_from_angles(20, 0, 45) @ np.diag([-1, 1, 1])

    with pytest.raises(GeometryError, match="mirrored"):
        RigidPose(swapped, (0, 0, 0))


@pytest.mark.parametrize(
    "rotation",
    [np.eye(3) * 1.01, np.eye(3) + 0.01 * np.eye(3)[[1, 2, 0]], np.zeros((3, 3)), np.eye(4)],
)
def test_scaled_and_sheared_matrices_are_refused(rotation: np.ndarray) -> None:
    with pytest.raises(GeometryError, match="not a rotation"):
        RigidPose(rotation, (0, 0, 0))


@pytest.mark.parametrize("center", [(0, 0), (0, 0, np.nan), (0, np.inf, 0)])
def test_a_center_is_three_finite_numbers(center: tuple[float, ...]) -> None:
    with pytest.raises(GeometryError, match="not a point"):
        RigidPose(np.eye(3), center)


@given(rotations)
def test_rounding_to_four_decimals_is_repaired(rotation: np.ndarray) -> None:
    repaired = RigidPose(rotation.round(4), (0, 0, 0)).patient_from_cardiac

    np.testing.assert_allclose(repaired.T @ repaired, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(repaired, rotation, atol=2e-4)


def test_a_pose_cannot_be_changed_after_it_was_checked() -> None:
    pose = RigidPose(np.eye(3), (0, 0, 0))

    with pytest.raises(ValueError, match="read-only"):
        pose.patient_from_cardiac[0, 0] = -1


@given(parameters)
def test_angles_agree_with_itk_euler_3d_transform(values: PoseParameters) -> None:
    # ITK with ComputeZYX off composes Rz Rx Ry, which is the order of the definition.
    transform = sitk.Euler3DTransform()
    transform.SetComputeZYX(False)
    transform.SetRotation(*np.deg2rad([values.alpha, values.beta, values.theta]))
    expected = np.reshape(transform.GetMatrix(), (3, 3)) @ PATIENT_FROM_CARDIAC_AT_ZERO

    actual = rotation_from_angles(values.alpha, values.beta, values.theta)

    np.testing.assert_allclose(actual, expected, atol=1e-12)


@given(parameters, points_mm)
def test_six_parameters_survive_the_way_to_a_pose_and_back(
    values: PoseParameters, volume_center: np.ndarray
) -> None:
    pose = pose_from_parameters(values, volume_center)
    back = parameters_from_pose(pose, volume_center)

    assert np.linalg.det(pose.patient_from_cardiac) == pytest.approx(1)
    for name in ("x_m", "y_m", "z_m", "alpha", "beta", "theta"):
        assert getattr(back, name) == pytest.approx(getattr(values, name), abs=1e-8)


@given(poses, points_mm)
def test_any_pose_survives_the_way_to_six_parameters_and_back(
    pose: RigidPose, volume_center: np.ndarray
) -> None:
    back = pose_from_parameters(parameters_from_pose(pose, volume_center), volume_center)

    np.testing.assert_allclose(back.matrix, pose.matrix, atol=1e-7)


@pytest.mark.parametrize("alpha", [90.0, -90.0])
def test_gimbal_lock_still_gives_the_same_rotation(alpha: float) -> None:
    rotation = rotation_from_angles(alpha, 25, 40)

    back = rotation_from_angles(*angles_from_rotation(rotation))

    np.testing.assert_allclose(back, rotation, atol=1e-7)


def test_a_parameter_must_be_finite() -> None:
    with pytest.raises(GeometryError, match="alpha"):
        PoseParameters(0, 0, 0, np.nan, 0, 0)


@given(poses)
def test_conventional_roll_keeps_axis_and_center_and_turns_anterior_up(pose: RigidPose) -> None:
    conventional = with_conventional_roll(pose)
    errors = pose_errors(conventional, pose)
    anterior = -conventional.patient_from_cardiac[:, 1]
    lateral = conventional.patient_from_cardiac[:, 0]

    assert errors.long_axis_deg < 1e-4
    assert errors.center_mm == 0
    # In the plane of long axis and superior direction, and on the superior side of it.
    assert lateral[2] == pytest.approx(0, abs=1e-6)
    assert anterior[2] >= -1e-6


@given(poses, poses, poses)
def test_errors_do_not_depend_on_the_patient_frame(
    first: RigidPose, second: RigidPose, motion: RigidPose
) -> None:
    before = pose_errors(first, second)
    after = pose_errors(compose(motion, first), compose(motion, second))

    # Twist loses its meaning where the axes are opposite.
    if before.long_axis_deg < 175:
        assert after.roll_deg == pytest.approx(before.roll_deg, abs=1e-4)
    assert after.long_axis_deg == pytest.approx(before.long_axis_deg, abs=1e-5)
    assert after.geodesic_deg == pytest.approx(before.geodesic_deg, abs=1e-5)
    assert after.center_mm == pytest.approx(before.center_mm, abs=1e-6)


@given(rotations, rotations)
def test_the_geodesic_agrees_with_the_quaternion_angle(a: np.ndarray, b: np.ndarray) -> None:
    expected = np.rad2deg((Rotation.from_matrix(a).inv() * Rotation.from_matrix(b)).magnitude())

    errors = pose_errors(RigidPose(a, (0, 0, 0)), RigidPose(b, (0, 0, 0)))

    assert errors.geodesic_deg == pytest.approx(expected, abs=1e-4)


def test_a_pure_roll_and_a_pure_tilt_are_told_apart() -> None:
    straight = RigidPose(rotation_from_angles(0, 0, 30), (0, 0, 0))
    rolled = RigidPose(rotation_from_angles(0, 12, 30), (3, 4, 0))
    tilted = RigidPose(rotation_from_angles(7, 0, 30), (0, 0, 0))

    by_roll, by_tilt = pose_errors(rolled, straight), pose_errors(tilted, straight)

    assert (by_roll.long_axis_deg, by_roll.roll_deg) == pytest.approx((0, 12), abs=1e-6)
    assert by_roll.center_mm == 5
    assert (by_tilt.long_axis_deg, by_tilt.roll_deg) == pytest.approx((7, 0), abs=1e-6)


def test_exchanged_apex_and_base_is_180_degrees() -> None:
    pose = RigidPose(rotation_from_angles(20, 0, 45), (0, 0, 0))
    reversed_pose = RigidPose(pose.patient_from_cardiac @ np.diag([1, -1, -1]), (0, 0, 0))

    assert pose_errors(reversed_pose, pose).long_axis_deg == pytest.approx(180)


@given(poses, points_mm)
def test_itk_reads_the_transform_file_and_maps_cardiac_to_patient(
    tmp_path_factory: pytest.TempPathFactory, pose: RigidPose, point: np.ndarray
) -> None:
    path = tmp_path_factory.mktemp("tfm") / "transform.tfm"
    path.write_text(pose_to_itk_transform(pose))

    moved = sitk.ReadTransform(str(path)).TransformPoint(point.tolist())

    np.testing.assert_allclose(moved, pose.to_patient(point), atol=1e-9)


@given(poses)
def test_a_transform_file_reads_back_to_the_same_pose(pose: RigidPose) -> None:
    back = pose_from_itk_transform(pose_to_itk_transform(pose))

    np.testing.assert_allclose(back.matrix, pose.matrix, atol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Transform: Euler3DTransform_double_3_3\nParameters: 0 0 0 0 0 0\nFixedParameters: 0 0 0",
        "Transform: AffineTransform_double_3_3\nParameters: one\nFixedParameters: 0 0 0",
    ],
)
def test_other_transform_files_are_refused(text: str) -> None:
    with pytest.raises(PoseFileError):
        pose_from_itk_transform(text)


@given(affines())
def test_strategies_cover_grids_that_stack_either_way(affine: np.ndarray) -> None:
    assert abs(np.linalg.det(affine)) > 0.5
