"""The spatial transformer against the package's own geometry and resampling."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from paper_scenes import float_tensor, move_to
from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import (
    PoseParameters,
    parameters_from_pose,
    pose_from_parameters,
)
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose, compose, invert
from shortaxis.geometry.resampling import resample
from shortaxis.network.gradient_image import gradient_image, with_gradient_image
from shortaxis.network.six_parameters import (
    compose_moves,
    move_from_parameters,
    no_move,
    parameters_from_move,
    patient_from_cardiac,
)
from shortaxis.network.spatial_transformer import ViewGrid, sample_short_axis, sample_view

GRID = ViewGrid((9, 12, 15), 6.4)
TOLERANCE_COUNTS = 2e-5
"""Counts are at most 1, and float32 places are off by a few millionths of a voxel."""

parameters = st.tuples(
    *[st.floats(-30, 30, width=32)] * 3,
    st.floats(-80, 80, width=32),
    *[st.floats(-170, 170, width=32)] * 2,
)


def random_counts(grid: ViewGrid = GRID) -> torch.Tensor:
    """Zero in the outermost voxels: beyond them torch blends into zero, scipy stops."""
    counts = torch.zeros(grid.shape)
    inner = counts[1:-1, 1:-1, 1:-1]
    inner[:] = torch.rand(inner.shape, generator=torch.Generator().manual_seed(3))
    return counts


def resampled(counts: torch.Tensor, grid_from_view: FloatArray) -> np.ndarray:
    view = Grid(GRID.shape, grid_from_view @ GRID.view_from_index)
    return resample(counts.numpy(), GRID.view_from_index, view)


def test_the_order_is_that_of_the_package() -> None:
    names = [field.name for field in fields(PoseParameters)]
    assert names == ["x_m", "y_m", "z_m", "alpha", "beta", "theta"]


@given(values=parameters)
def test_parameters_mean_the_pose_that_the_package_means(values: tuple[float, ...]) -> None:
    move = move_from_parameters(float_tensor(values))
    expected = pose_from_parameters(PoseParameters(*values), (0, 0, 0))
    rotation = patient_from_cardiac(move)[0].numpy()
    np.testing.assert_allclose(rotation, expected.patient_from_cardiac, atol=1e-6)
    assert np.linalg.det(rotation) == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(move.shift_mm[0].numpy(), expected.center_mm, atol=1e-6)


@given(values=parameters)
def test_parameters_come_back_from_their_move(values: tuple[float, ...]) -> None:
    back = parameters_from_move(move_from_parameters(float_tensor(values)))
    np.testing.assert_allclose(back[0].numpy(), values, atol=2e-3)


@given(outer=parameters, inner=parameters)
def test_moves_compose_like_poses(outer: tuple[float, ...], inner: tuple[float, ...]) -> None:
    """A block that sees a view and says where the heart is in it has said where it is."""
    seen_from = move_from_parameters(float_tensor(outer))
    truth = pose_from_parameters(PoseParameters(*inner), (0, 0, 0))
    grid_from_view = RigidPose(seen_from.turn[0].numpy(), seen_from.shift_mm[0].numpy())
    said = parameters_from_pose(compose(invert(grid_from_view), truth), (0, 0, 0))
    values = tuple(getattr(said, field.name) for field in fields(said))
    composed = compose_moves(seen_from, move_from_parameters(float_tensor(values)))
    np.testing.assert_allclose(composed.turn, move_to(truth).turn, atol=2e-5)
    np.testing.assert_allclose(composed.shift_mm, float_tensor(truth.center_mm), atol=1e-3)


@given(values=parameters)
def test_views_agree_with_the_package_s_resampling(values: tuple[float, ...]) -> None:
    counts = random_counts()
    move = move_from_parameters(float_tensor(values))
    view = sample_view(counts[None, None], GRID, move)[0, 0]
    pose = RigidPose(move.turn[0].numpy(), move.shift_mm[0].numpy())
    np.testing.assert_allclose(view, resampled(counts, pose.matrix), atol=TOLERANCE_COUNTS)


@given(values=parameters)
def test_short_axis_images_agree_with_the_package_s_resampling(values: tuple[float, ...]) -> None:
    counts = random_counts()
    images = torch.stack([counts, 2 * counts])[None]
    short_axis = sample_short_axis(images, GRID, float_tensor(values))[0]
    expected = resampled(counts, pose_from_parameters(PoseParameters(*values), (0, 0, 0)).matrix)
    np.testing.assert_allclose(short_axis[0], expected, atol=TOLERANCE_COUNTS)
    np.testing.assert_allclose(short_axis[1], 2 * expected, atol=2 * TOLERANCE_COUNTS)


def test_a_spot_at_the_lateral_base_is_to_the_right_in_the_last_slices() -> None:
    """Without any affine: a mirrored heart would put it to the left."""
    grid = ViewGrid((21, 21, 21), 5.0)
    values = (10.0, -5.0, 5.0, 20.0, 0.0, 45.0)
    pose = pose_from_parameters(PoseParameters(*values), (0, 0, 0))
    x, y, z = pose.to_patient((20.0, -10.0, 30.0))  # lateral, anterior, towards the base
    slices, rows, columns = torch.meshgrid(*[(torch.arange(21.0) - 10) * 5] * 3, indexing="ij")
    spot = torch.exp(-((columns - x) ** 2 + (rows - y) ** 2 + (slices - z) ** 2) / (2 * 8.0**2))
    short_axis = sample_short_axis(spot[None, None], grid, float_tensor(values))[0, 0]
    found = np.unravel_index(int(short_axis.argmax()), short_axis.shape)
    assert found == (10 + 6, 10 - 2, 10 + 4)


def test_each_image_of_a_batch_is_seen_by_its_own_move() -> None:
    images = random_counts().expand(2, 1, -1, -1, -1)
    values = float_tensor((0, 0, 0, 0, 0, 0), (6.4, 0, -12.8, 0, 0, 0))
    views = sample_view(images, GRID, move_from_parameters(values))
    torch.testing.assert_close(views[0], images[0], atol=TOLERANCE_COUNTS, rtol=0)
    torch.testing.assert_close(
        views[1, 0, 2:, :, :-1], images[1, 0, :-2, :, 1:], atol=TOLERANCE_COUNTS, rtol=0
    )


def test_gradients_through_the_sampler_are_slopes() -> None:
    """Against differences over 0.02 mm and degrees, of a sum that a heart's move changes."""
    grid = ViewGrid((12, 14, 16), 6.4)
    axes = [torch.linspace(-1.5, 1.5, size) for size in grid.shape]
    slices, rows, columns = torch.meshgrid(*axes, indexing="ij")
    images = torch.exp(-(slices**2) - 2 * rows**2 - 3 * columns**2 + rows * columns)[None, None]
    weights = torch.rand(grid.shape, generator=torch.Generator().manual_seed(5)) + columns

    def total(values: torch.Tensor) -> torch.Tensor:
        return (sample_short_axis(images, grid, values) * weights).double().sum()

    start = float_tensor((3.1, -4.3, 2.2, 11.0, -7.0, 31.0)).requires_grad_()
    (slope,) = torch.autograd.grad(total(start), start)
    with torch.no_grad():
        steps = 0.02 * torch.eye(6)
        ahead = [(total(start + step) - total(start - step)) / 0.04 for step in steps]
    np.testing.assert_allclose(slope[0].numpy(), ahead, rtol=0.02, atol=0.02)


def test_places_are_not_rounded_under_autocast() -> None:
    images = random_counts()[None, None]
    values = float_tensor((3, -4, 2, 11, -7, 31))
    expected = sample_short_axis(images, GRID, values)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = sample_short_axis(images, GRID, values)
        move = move_from_parameters(values)
        composed = compose_moves(move, no_move(1, images))
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, atol=TOLERANCE_COUNTS, rtol=0)
    torch.testing.assert_close(composed.turn, move.turn)


@pytest.mark.parametrize(
    ("shape", "spacing_mm"), [((1, 8, 8), 6.4), ((8, 8, 8), 0.0), ((8, 8, 8), float("nan"))]
)
def test_grids_without_extent_are_refused(shape: tuple[int, int, int], spacing_mm: float) -> None:
    with pytest.raises(OptionError, match="not a grid"):
        ViewGrid(shape, spacing_mm)


def test_the_gradient_image_is_the_steepness_whatever_the_direction() -> None:
    slices, rows, columns = torch.meshgrid(*[torch.arange(5.0)] * 3, indexing="ij")
    ramp = 2 * slices - rows + 2 * columns
    torch.testing.assert_close(gradient_image(ramp), torch.full_like(ramp, 3.0))
    both = with_gradient_image(ramp[None, None])
    torch.testing.assert_close(both[0, 0], ramp)
    torch.testing.assert_close(both[0, 1], gradient_image(ramp))


def test_the_gradient_image_of_constant_counts_is_zero() -> None:
    assert not gradient_image(torch.ones(4, 4, 4)).any()
