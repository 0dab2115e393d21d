"""Where stored axes run, and the statement that puts a volume right which is stored another way."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from evidence.measuring.robustness.mirrored_worlds import stored_as
from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.cube_symmetries import FLIPS, ORDERS, WayRound
from shortaxis.spect.stated_geometry import StatedGeometry, StoredAxis
from shortaxis.spect.stored_directions import axes_along, direction_letters, statement_of
from shortaxis.spect.volume import SpectVolume

WAYS = [WayRound(order, flips) for order, flips in itertools.product(ORDERS, FLIPS)]

LEFT, BACK, HEAD = np.eye(3)

HEADERS = {
    "slices to the head": (HEAD, BACK, LEFT),
    "slices to the feet": (-HEAD, BACK, LEFT),
    "coronal slices": (-BACK, -HEAD, LEFT),
    "sagittal slices, seen from the right": (LEFT, -HEAD, -BACK),
}


def volume_of(axes: tuple[np.ndarray, ...]) -> SpectVolume:
    counts = np.random.default_rng(5).random((5, 5, 5)).astype(np.float32)
    return SpectVolume(counts, affine_from_axes(axes, 4.0, (-3.0, 7.0, 11.0)))


def by_place(volume: SpectVolume) -> dict[tuple[int, ...], float]:
    """Counts by the place of their voxel, to a hundredth of a millimetre."""
    indices = np.indices(volume.shape).reshape(3, -1)
    places = volume.patient_from_index[:3, :3] @ indices + volume.patient_from_index[:3, 3:]
    keys = map(tuple, np.round(places.T * 100).astype(int).tolist())
    return dict(zip(keys, volume.counts.ravel().tolist(), strict=True))


@pytest.mark.parametrize("axes", HEADERS.values(), ids=list(HEADERS))
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_statement_puts_every_voxel_where_it_belongs(
    way: WayRound, axes: tuple[np.ndarray, ...]
) -> None:
    right = volume_of(axes)
    wrong = stored_as(way, right, np.zeros(3))

    stated = statement_of(wrong.patient_from_index, way)
    affine = stated.applied(wrong.patient_from_index, wrong.shape)

    assert by_place(SpectVolume(wrong.counts, affine)) == by_place(right)


def test_a_volume_that_lies_as_it_says_needs_no_statement() -> None:
    volume = volume_of(HEADERS["slices to the feet"])

    assert statement_of(volume.patient_from_index, WAYS[0]).is_empty


def test_head_and_feet_are_the_slices_of_a_transaxial_volume() -> None:
    volume = volume_of(HEADERS["slices to the feet"])

    stated = statement_of(volume.patient_from_index, WayRound(ORDERS[0], (0,)))

    assert stated == StatedGeometry(flips=frozenset({StoredAxis.SLICES}))


def test_letters_are_those_of_the_option() -> None:
    volume = volume_of(HEADERS["coronal slices"])

    assert axes_along(volume.patient_from_index) == (1, 2, 0)
    assert "".join(direction_letters(volume.patient_from_index)) == "LIA"
