"""What the network is shown."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from drawn_study import study_volume
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.network_grid import MAX_INPUT, NetworkGrid, smoothed_for
from shortaxis.spect.volume import SpectVolume

GRID = NetworkGrid(32, 6.4, level_radius_mm=64.0)


def test_middle_of_the_grid_is_the_pose_and_columns_run_along_its_x() -> None:
    pose = RigidPose(rotation_from_angles(20, 5, 45), (10.0, -20.0, 30.0))
    grid = GRID.around(pose.matrix)
    np.testing.assert_allclose(grid.center_mm, pose.center_mm, atol=1e-9)
    first, right = apply_affine(grid.patient_from_index, [(0, 0, 0), (0, 0, 1)])
    np.testing.assert_allclose(right - first, 6.4 * pose.patient_from_cardiac[:, 0], atol=1e-9)
    deeper = apply_affine(grid.patient_from_index, (1, 0, 0))
    np.testing.assert_allclose(deeper - first, 6.4 * pose.patient_from_cardiac[:, 2], atol=1e-9)


def test_sampling_agrees_with_simple_itk() -> None:
    volume = study_volume()
    pose = RigidPose(rotation_from_angles(25, -10, 30), volume.center_mm + np.array([3, -4, 5]))
    ours = GRID.sampled(volume, pose.matrix)
    theirs = _resampled_by_itk(volume, GRID.around(pose.matrix).patient_from_index)
    # Half a voxel beyond the outermost centres SimpleITK goes on and we do not.
    inside = ndimage.binary_erosion(theirs > 0, iterations=2)
    assert inside.mean() > 0.1
    np.testing.assert_allclose(ours[inside], theirs[inside], rtol=1e-3, atol=1e-3 * ours.max())


@given(factor=st.floats(1e-6, 1e6))
def test_units_of_counts_do_not_matter(factor: float) -> None:
    counts = np.random.default_rng(0).gamma(2.0, size=(32, 32, 32)).astype(np.float32)
    np.testing.assert_allclose(
        GRID.normalised(counts * np.float32(factor)), GRID.normalised(counts), rtol=1e-4
    )


def test_one_hot_voxel_does_not_set_the_level() -> None:
    counts = np.ones((32, 32, 32), dtype=np.float32)
    counts[16, 16, 16] = 50.0
    normal = GRID.normalised(counts)
    assert normal.max() == MAX_INPUT
    assert np.median(normal) > 0.6


def test_counts_far_from_the_middle_do_not_set_the_level() -> None:
    counts = np.ones((32, 32, 32), dtype=np.float32)
    counts[0] = 100.0
    np.testing.assert_allclose(GRID.normalised(counts)[16], 1.0)


def test_an_empty_volume_gives_zeros() -> None:
    assert not GRID.normalised(np.zeros((32, 32, 32), dtype=np.float32)).any()


def test_smoothing_keeps_counts_and_is_left_out_for_large_voxels() -> None:
    fine = SpectVolume(_point(), np.diag([3.0, 3.0, 3.0, 1.0]))
    smooth = smoothed_for(fine, 12.8)
    assert smooth.counts.sum() == pytest.approx(fine.counts.sum(), rel=1e-4)
    variance = _variance_mm2(smooth)
    assert variance == pytest.approx((0.4 * 12.8) ** 2 - (0.4 * 3.0) ** 2, rel=0.1)
    coarse = SpectVolume(_point(), np.diag([12.8, 12.8, 12.8, 1.0]))
    assert smoothed_for(coarse, 12.8) is coarse


def _point() -> np.ndarray:
    counts = np.zeros((31, 31, 31), dtype=np.float32)
    counts[15, 15, 15] = 100.0
    return counts


def _variance_mm2(volume: SpectVolume) -> float:
    along = (np.arange(31) - 15) * volume.spacing_mm[0]
    profile = volume.counts.sum(axis=(1, 2))
    return float((profile * along**2).sum() / profile.sum())


def _resampled_by_itk(volume: SpectVolume, patient_from_index: np.ndarray) -> np.ndarray:
    image = sitk.GetImageFromArray(volume.counts)
    _place(image, volume.patient_from_index)
    reference = sitk.Image([32, 32, 32], sitk.sitkFloat32)
    _place(reference, patient_from_index)
    return sitk.GetArrayFromImage(
        sitk.Resample(image, reference, sitk.Transform(), sitk.sitkLinear)
    )


def _place(image: sitk.Image, patient_from_index: np.ndarray) -> None:
    linear = patient_from_index[:3, 2::-1]
    spacing = np.linalg.norm(linear, axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((linear / spacing).ravel().tolist())
    image.SetOrigin(patient_from_index[:3, 3].tolist())
