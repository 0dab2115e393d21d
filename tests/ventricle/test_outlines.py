"""Outlines of a drawn wall lie where the surfaces cross a picture."""

from __future__ import annotations

import numpy as np
import pytest

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.errors import GeometryError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.ventricle.outlines import WallOutlines, outlines_of
from wall_scenes import POSE, bullet_surfaces

SURFACES = bullet_surfaces(20.0, 30.0, 31.0)


@pytest.fixture(scope="module")
def outlines() -> WallOutlines:
    return outlines_of(SURFACES)


def cardiac(lines: list[FloatArray], affine: FloatArray, number: int = 0) -> FloatArray:
    """Points of lines in the cardiac frame."""
    pixels = np.concatenate(lines)
    index = np.column_stack([np.full(len(pixels), number), pixels[:, 1], pixels[:, 0]])
    return POSE.to_cardiac(apply_affine(affine, index))


def test_a_short_axis_slice_shows_two_closed_circles_and_no_plane(outlines: WallOutlines) -> None:
    affine = view_grid(CardiacView.SHORT_AXIS, POSE, (1, 50, 60), 2.0).patient_from_index

    lines = outlines.on_slice(affine)

    for name, radius in (("endocardium", 20), ("epicardium", 30)):
        (line,) = lines[name]
        np.testing.assert_array_equal(line[0], line[-1])
        away = np.linalg.norm(cardiac([line], affine)[:, :2], axis=1)
        assert np.abs(away - radius).max() < 0.2
    assert lines["valve_plane"] == []


@pytest.mark.parametrize(
    ("view", "axis"),
    [(CardiacView.VERTICAL_LONG_AXIS, 1), (CardiacView.HORIZONTAL_LONG_AXIS, 0)],
)
def test_a_long_axis_slice_shows_open_walls_that_end_at_the_line_of_the_valve(
    outlines: WallOutlines, view: CardiacView, axis: int
) -> None:
    affine = view_grid(view, POSE, (1, 60, 60), 2.0).patient_from_index

    lines = outlines.on_slice(affine)

    (wall,) = lines["epicardium"]
    points = cardiac([wall], affine)
    np.testing.assert_allclose(points[[0, -1], 2], 31, atol=0.1)
    np.testing.assert_allclose(np.sort(points[[0, -1], axis]), [-30, 30], atol=0.2)
    assert points[:, 2].min() == pytest.approx(-42, abs=0.3)
    plane = cardiac(lines["valve_plane"], affine)
    np.testing.assert_allclose(plane[:, 2], 31, atol=0.1)
    assert np.ptp(plane[:, axis]) == pytest.approx(60, abs=0.3)


def test_a_picture_beside_the_heart_shows_nothing(outlines: WallOutlines) -> None:
    far = np.array([200.0, 0, 0])

    lines = outlines.on_plane(far, np.array([0, 1.0, 0]), np.array([0, 0, 1.0]))

    assert lines == {"endocardium": [], "epicardium": [], "valve_plane": []}


def test_a_plane_and_a_slice_give_the_same_pixels(outlines: WallOutlines) -> None:
    affine = view_grid(CardiacView.VERTICAL_LONG_AXIS, POSE, (1, 60, 60), 2.0).patient_from_index

    on_slice = outlines.on_slice(affine)["endocardium"][0]
    on_plane = outlines.on_plane(affine[:3, 3], affine[:3, 2], affine[:3, 1])["endocardium"][0]

    np.testing.assert_allclose(on_plane, on_slice, atol=1e-6)


def test_directions_that_span_no_plane_are_refused(outlines: WallOutlines) -> None:
    along = np.array([1.0, 0, 0])
    with pytest.raises(GeometryError, match="not the plane of a picture"):
        outlines.on_plane(along, along, 2 * along)
