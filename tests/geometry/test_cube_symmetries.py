"""The 48 ways round of a cube of voxels."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from shortaxis.geometry.cube_symmetries import AS_IT_IS, FLIPS, ORDERS, WayRound

WAYS = [WayRound(order, flips) for order, flips in itertools.product(ORDERS, FLIPS)]


def test_there_are_48_and_all_differ() -> None:
    cube = np.arange(27.0).reshape(3, 3, 3)

    stored = {way.applied(cube).tobytes() for way in WAYS}

    assert len(stored) == 48


def test_the_first_changes_nothing() -> None:
    cube = np.arange(27.0).reshape(3, 3, 3)

    assert WAYS[0] == AS_IT_IS
    assert np.array_equal(AS_IT_IS.applied(cube), cube)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_what_was_stored_another_way_round_is_put_right(way: WayRound) -> None:
    volume = np.arange(24.0).reshape(2, 3, 4)

    assert np.array_equal(way.undone(way.applied(volume)), volume)


def test_an_axis_is_what_the_order_says_and_then_reversed() -> None:
    volume = np.arange(24.0).reshape(2, 3, 4)

    stored = WayRound((2, 0, 1), (0,)).applied(volume)

    assert stored.shape == (4, 2, 3)
    assert stored[0, 1, 2] == volume[1, 2, 3]
