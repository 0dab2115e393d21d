"""Interpolation between voxels, against another library's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy
from scipy import ndimage

from shortaxis.geometry.trilinear import Beyond, places_at, places_of_grid

MODES = {"zero": "constant", "nearest": "nearest"}

shapes = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))


@pytest.mark.parametrize("beyond", MODES)
@given(
    shape=shapes,
    index=of_numpy.arrays(np.float64, (20, 3), elements=st.floats(-9.0, 15.0, width=32)),
    seed=st.integers(0, 50),
)
@settings(max_examples=40, deadline=None)
def test_places_are_read_as_another_library_reads_them(
    beyond: Beyond, shape: tuple[int, int, int], index: np.ndarray, seed: int
) -> None:
    counts = np.random.default_rng(seed).random(shape).astype(np.float32)

    found = places_at(shape, index, beyond).values(counts)

    expected = ndimage.map_coordinates(
        counts, index.T, order=1, mode=MODES[beyond], output=np.float64
    )
    assert np.allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("beyond", MODES)
def test_the_voxels_of_a_grid_are_places_of_the_affine(beyond: Beyond) -> None:
    rng = np.random.default_rng(1)
    counts = rng.random((7, 8, 9)).astype(np.float32)
    affine = np.eye(4)
    affine[:3] += 0.3 * rng.standard_normal((3, 4))
    shape = (4, 5, 6)

    found = places_of_grid(counts.shape, affine, shape, beyond, first_slice=2).counts(counts)

    expected = ndimage.affine_transform(
        counts,
        affine[:3, :3],
        offset=affine[:3, 3],
        output_shape=(6, 5, 6),
        order=1,
        mode=MODES[beyond],
    )[2:]
    assert np.abs(found - expected).max() < 1e-6
    assert found.dtype == np.float32


def test_a_place_halfway_between_two_voxels_has_their_mean() -> None:
    counts = np.array([[[0.0, 4.0], [8.0, 12.0]]], dtype=np.float32)

    found = places_at(counts.shape, np.array([[0.0, 0.0, 0.5], [0.0, 0.5, 1.0]]), "zero")

    assert found.counts(counts).tolist() == [2.0, 8.0]


def test_a_place_far_away_reads_nothing() -> None:
    counts = np.full((3, 3, 3), 5.0, dtype=np.float32)

    far = places_at(counts.shape, np.array([[1e12, -1e12, 0.0]]), "zero")

    assert far.counts(counts).tolist() == [0.0]
