"""NaN outside a round field are no counts; anywhere else they are damage."""

from __future__ import annotations

import numpy as np
import pytest

from shortaxis.errors import CountsError
from shortaxis.spect.finite_counts import require_finite_counts, without_rim

ROW, COLUMN = np.indices((32, 32))
OUTSIDE = np.hypot(ROW - 15.5, COLUMN - 15.5) > 15


def counts() -> np.ndarray:
    return np.random.default_rng(3).poisson(50, (2, 6, 32, 32)).astype(np.float32)


def test_nan_outside_a_round_field_become_zero_and_are_counted():
    stored = counts()
    stored[..., OUTSIDE] = np.nan

    filled, (note,) = without_rim(stored)

    assert not filled[..., OUTSIDE].any()
    np.testing.assert_array_equal(filled[..., ~OUTSIDE], stored[..., ~OUTSIDE])
    assert note.text.startswith(f"{12 * int(OUTSIDE.sum())} of {stored.size} voxels")
    assert not note.is_doubtful


def test_counts_without_nan_are_left_as_they_are():
    stored = counts()

    filled, notes = without_rim(stored)

    assert filled is stored
    assert notes == ()


@pytest.mark.parametrize("place", [(0, 3, 16, 16), (1, 0, 10, 20)])
def test_one_nan_inside_the_field_leaves_all_of_them(place: tuple[int, ...]):
    stored = counts()
    stored[..., OUTSIDE] = np.nan
    stored[place] = np.nan

    filled, notes = without_rim(stored)

    assert np.isnan(filled).sum() == np.isnan(stored).sum()
    assert notes == ()
    with pytest.raises(CountsError, match="not finite"):
        require_finite_counts(filled)


def test_an_infinite_rim_is_no_missing_field():
    stored = counts()
    stored[..., OUTSIDE] = np.inf

    filled, notes = without_rim(stored)

    assert notes == ()
    with pytest.raises(CountsError, match="infinite"):
        require_finite_counts(filled)


def test_a_hole_of_one_slice_is_not_joined_to_the_edge_through_its_neighbour():
    stored = counts()
    stored[:, 2] = np.nan  # reaches the edge of its own slice
    stored[:, 3, 14:18, 14:18] = np.nan  # does not, though it touches the slice beside

    filled, notes = without_rim(stored)

    assert notes == ()
    assert np.isnan(filled).any()
