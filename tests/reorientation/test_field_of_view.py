"""Where a field of view ends, against another library's morphology and distances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from shortaxis.reorientation.field_of_view import FARTHEST_VOXELS, distance_to_edge, solid


def mask(part: float, seed: int) -> np.ndarray:
    """Blobs and single holes."""
    noise = np.random.default_rng(seed).standard_normal((14, 15, 16))
    smooth = ndimage.gaussian_filter(noise, 2.0)
    inside = smooth > np.quantile(smooth, 1 - part)
    return inside & (np.random.default_rng(seed + 1).random(inside.shape) > 0.03)


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_holes_are_closed_as_by_another_library(part: float) -> None:
    positive = mask(part, 0)

    found = solid(positive)

    closed = ndimage.binary_closing(np.pad(positive, 2))[2:-2, 2:-2, 2:-2]
    assert np.array_equal(found, ndimage.binary_opening(closed | positive))
    assert 0 < found.sum() < found.size


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_distances_are_exact_up_to_the_farthest(part: float) -> None:
    inside = mask(part, 3)

    found = distance_to_edge(inside, 8.0)

    exact = ndimage.distance_transform_edt(np.pad(inside, 1), sampling=8.0)[1:-1, 1:-1, 1:-1]
    assert np.allclose(found, np.minimum(exact, 8.0 * FARTHEST_VOXELS), atol=1e-4)


def test_everything_inside_ends_at_the_grid() -> None:
    found = distance_to_edge(np.ones((3, 20, 20), dtype=bool), 2.0)

    assert found[:, 10, 10].tolist() == [2.0, 4.0, 2.0]
