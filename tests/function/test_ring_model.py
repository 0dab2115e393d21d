"""A blurred ring that beats is found again, with what blur hides of its wall."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from beating_scenes import SLOTS, beating_gates, beating_wall, contraction
from shortaxis.function.ring_model import _blurred, beating_ring
from shortaxis.function.segment_means import wall_places


@pytest.mark.parametrize(("inner", "outer", "blur"), [(20.0, 30.0, 6.0), (3.0, 15.0, 5.0)])
def test_a_blurred_ring_is_that_of_an_image_that_is_blurred(
    inner: float, outer: float, blur: float
) -> None:
    step = 0.5
    axis = np.arange(-60, 60 + step, step)
    radius = np.hypot(axis, axis[:, None])
    image = ndimage.gaussian_filter(
        ((radius > inner) & (radius < outer)).astype(float), blur / step
    )
    across = axis[axis >= 0]
    expected = image[axis.size // 2, axis >= 0]

    found = _blurred(across, np.array([inner]), np.array([outer]), blur)[0]

    np.testing.assert_allclose(found, expected, atol=0.01)


def test_the_ring_of_a_beating_wall_moves_as_it_does() -> None:
    wall = beating_wall(*beating_gates())
    places = wall_places(wall.summed.surfaces, wall.pose)

    ring = beating_ring(wall, places.heights)

    assert ring.inner_mm.shape == (SLOTS,)
    assert np.corrcoef(ring.inner_mm, contraction())[0, 1] < -0.98
    # The middle moves by 5 mm and the wall thickens: its inside moves further.
    assert 5 < np.ptp(ring.inner_mm) < 12
    assert ring.misfit < 0.05
