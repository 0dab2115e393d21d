"""Smoothing, against another library's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from shortaxis.geometry.smoothing import gaussian_smoothed

MODES = {"zero": "constant", "mirror": "reflect"}


@pytest.mark.parametrize("edge", MODES)
@pytest.mark.parametrize("sigma", [(0.9, 1.7, 0.05), (6.0, 0.0, 1.2)])
def test_a_volume_is_smoothed_as_another_library_smooths_it(
    edge: str, sigma: tuple[float, float, float]
) -> None:
    counts = np.random.default_rng(0).random((7, 12, 9)).astype(np.float32)

    smooth = gaussian_smoothed(counts, np.array(sigma), edge, truncate=2.5)

    expected = ndimage.gaussian_filter(counts, sigma, mode=MODES[edge], truncate=2.5)
    assert np.abs(smooth - expected).max() < 1e-6
    assert smooth.dtype == np.float32


def test_mirrored_edges_keep_an_even_volume_even() -> None:
    counts = np.full((3, 4, 5), 2.0, dtype=np.float32)

    smooth = gaussian_smoothed(counts, np.full(3, 2.0), "mirror", truncate=3.0)

    assert np.allclose(smooth, 2.0, atol=1e-6)
