from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.spatial.transform import Rotation

from drawn_heart import draw_study, transaxial_grid, usual_pose
from geometry_strategies import affines, poses
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.errors import OptionError
from shortaxis.geometry.affines import affine_from_axes, apply_affine, invert_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.geometry.resampling import resample
from shortaxis.geometry.spline_weights import spline_weights
from shortaxis.geometry.turns import turn_about
from shortaxis.spect.volume import SpectVolume

# Ten float32 steps at 100 counts: both compute in float64 and round once.
ITK_TOLERANCE_COUNTS = 1e-4


def smooth_counts(shape: tuple[int, int, int], seed: int = 0) -> CountsArray:
    return (100 * np.random.default_rng(seed).random(shape)).astype(np.float32)


def itk_image(counts: CountsArray, patient_from_index: FloatArray) -> sitk.Image:
    """ITK orders indices (column, row, slice) and keeps direction and spacing apart."""
    linear = patient_from_index[:3, [2, 1, 0]]
    spacing = np.linalg.norm(linear, axis=0)
    image = sitk.GetImageFromArray(counts)
    image.SetOrigin(patient_from_index[:3, 3].tolist())
    image.SetSpacing(spacing.tolist())
    image.SetDirection((linear / spacing).ravel().tolist())
    return image


def resample_by_itk(volume: SpectVolume, grid: Grid, interpolator: int) -> CountsArray:
    reference = itk_image(np.zeros(grid.shape, np.float32), grid.patient_from_index)
    source = itk_image(volume.counts, volume.patient_from_index)
    identity = sitk.Transform()
    return sitk.GetArrayFromImage(sitk.Resample(source, reference, identity, interpolator, 0.0))


def well_inside(volume: SpectVolume, grid: Grid, margin: float = 1.0) -> np.ndarray:
    """Voxels of the grid at least `margin` voxels inside the volume.

    At the very border ITK repeats the last voxel for half a voxel, scipy blends into zero.
    """
    indices = np.moveaxis(np.indices(grid.shape), 0, -1)
    source = apply_affine(
        invert_affine(volume.patient_from_index),
        apply_affine(grid.patient_from_index, indices),
    )
    return ((source >= margin) & (source <= np.array(volume.shape) - 1 - margin)).all(axis=-1)


@pytest.mark.parametrize(
    ("interpolation", "itk_interpolator"),
    [("linear", sitk.sitkLinear), ("cubic", sitk.sitkBSpline)],
)
@given(affine=affines(), pose=poses, seed=st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_resampling_agrees_with_itk(
    interpolation: str, itk_interpolator: int, affine: FloatArray, pose: RigidPose, seed: int
) -> None:
    volume = SpectVolume(smooth_counts((18, 20, 22), seed), affine)
    centered = RigidPose(pose.patient_from_cardiac, volume.center_mm)
    grid = view_grid(CardiacView.SHORT_AXIS, centered, (9, 10, 11), 1.7)

    actual = resample(volume.counts, volume.patient_from_index, grid, interpolation)

    inside = well_inside(volume, grid)
    assert inside.any()
    expected = resample_by_itk(volume, grid, itk_interpolator)
    np.testing.assert_allclose(actual[inside], expected[inside], atol=ITK_TOLERANCE_COUNTS)


@given(affine=affines())
@settings(max_examples=20, deadline=None)
def test_linear_resampling_reproduces_a_linear_ramp(affine: FloatArray) -> None:
    indices = np.moveaxis(np.indices((12, 13, 14)), 0, -1)
    ramp = apply_affine(affine, indices) @ np.array([0.3, -0.2, 0.5]) + 200
    volume = SpectVolume(ramp, affine)
    grid = view_grid(CardiacView.SHORT_AXIS, RigidPose(np.eye(3), volume.center_mm), (5, 5, 5), 1.0)

    sampled = resample(volume.counts, affine, grid)

    points = apply_affine(grid.patient_from_index, np.moveaxis(np.indices(grid.shape), 0, -1))
    inside = well_inside(volume, grid, 0.0)
    expected = points @ np.array([0.3, -0.2, 0.5]) + 200
    np.testing.assert_allclose(sampled[inside], expected[inside], rtol=1e-5)


@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
def test_sampling_the_own_grid_changes_nothing(interpolation: str) -> None:
    volume = SpectVolume(smooth_counts((9, 10, 11)), np.diag([2.0, 3, 4, 1]))

    sampled = resample(volume.counts, volume.patient_from_index, volume.grid, interpolation)

    np.testing.assert_allclose(sampled, volume.counts, atol=1e-3)


def test_outside_the_volume_there_are_no_counts() -> None:
    volume = SpectVolume(smooth_counts((9, 10, 11)) + 1, np.eye(4))
    far = Grid((4, 4, 4), affine_from_axes(np.eye(3), 1, (100, 100, 100)))

    assert not resample(volume.counts, volume.patient_from_index, far).any()


def test_an_unknown_interpolation_is_refused() -> None:
    volume = SpectVolume(smooth_counts((4, 4, 4)), np.eye(4))

    with pytest.raises(OptionError, match="interpolation"):
        resample(volume.counts, volume.patient_from_index, volume.grid, "nearest")


@given(motion=poses)
@settings(max_examples=10, deadline=None)
def test_a_moved_patient_with_a_moved_pose_gives_the_same_slices(motion: RigidPose) -> None:
    # Arrange: the same counts, with the whole patient (grid and heart) moved rigidly.
    grid = transaxial_grid()
    pose = usual_pose(grid)
    volume = draw_study(grid, pose)
    moved = SpectVolume(volume.counts, motion.matrix @ volume.patient_from_index)

    # Act
    still = volume.resampled(view_grid(CardiacView.SHORT_AXIS, pose, (20, 32, 32), 5.0))
    after = moved.resampled(
        view_grid(CardiacView.SHORT_AXIS, compose(motion, pose), (20, 32, 32), 5.0)
    )

    # Assert: rounding of positions by 1e-9 mm times the steepest gradient.
    np.testing.assert_allclose(after.counts, still.counts, atol=1e-3)


@pytest.mark.parametrize("count", [1, 2, 3, 17])
def test_a_spline_along_one_axis_is_that_of_every_point(count: int) -> None:
    samples = np.random.default_rng(count).normal(size=count)
    positions = np.linspace(0, count - 1, 40)

    found = spline_weights(count, positions) @ samples

    expected = ndimage.map_coordinates(samples, positions[None], order=3, mode="mirror")
    np.testing.assert_allclose(found, expected, atol=1e-12)
    ends = spline_weights(count, np.array([-3.0, count + 2.0])) @ samples
    np.testing.assert_allclose(ends, samples[[0, -1]], atol=1e-12)


@pytest.mark.parametrize("turn", [(0, 0, 0), (1e-9, 0, 0), (0.3, -0.7, 2.1), (0, np.pi, 0)])
def test_a_turn_about_a_vector_is_that_of_scipy(turn: tuple[float, float, float]) -> None:
    expected = Rotation.from_rotvec(turn).as_matrix()

    np.testing.assert_allclose(turn_about(turn), expected, atol=1e-15)
