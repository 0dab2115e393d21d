"""Left and right, apex and base, anterior and inferior: checked against drawn marks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from geometry_strategies import poses
from shortaxis.anatomy.cardiac_views import CardiacView, Wall, view_grid
from shortaxis.geometry.affines import affine_from_axes, apply_affine, invert_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

# DESIGN section 2 and the display standard of the field, written out by hand: where on the
# screen a wall is seen, as (axis of the array, wanted end of that axis).
FIRST, LAST = 0, -1
SLICE, ROW, COLUMN = 0, 1, 2
SEEN_AT = {
    (CardiacView.SHORT_AXIS, Wall.APEX): (SLICE, FIRST),
    (CardiacView.SHORT_AXIS, Wall.BASE): (SLICE, LAST),
    (CardiacView.SHORT_AXIS, Wall.ANTERIOR): (ROW, FIRST),
    (CardiacView.SHORT_AXIS, Wall.INFERIOR): (ROW, LAST),
    (CardiacView.SHORT_AXIS, Wall.SEPTAL): (COLUMN, FIRST),
    (CardiacView.SHORT_AXIS, Wall.LATERAL): (COLUMN, LAST),
    (CardiacView.VERTICAL_LONG_AXIS, Wall.SEPTAL): (SLICE, FIRST),
    (CardiacView.VERTICAL_LONG_AXIS, Wall.LATERAL): (SLICE, LAST),
    (CardiacView.VERTICAL_LONG_AXIS, Wall.ANTERIOR): (ROW, FIRST),
    (CardiacView.VERTICAL_LONG_AXIS, Wall.INFERIOR): (ROW, LAST),
    (CardiacView.VERTICAL_LONG_AXIS, Wall.BASE): (COLUMN, FIRST),
    (CardiacView.VERTICAL_LONG_AXIS, Wall.APEX): (COLUMN, LAST),
    (CardiacView.HORIZONTAL_LONG_AXIS, Wall.INFERIOR): (SLICE, FIRST),
    (CardiacView.HORIZONTAL_LONG_AXIS, Wall.ANTERIOR): (SLICE, LAST),
    (CardiacView.HORIZONTAL_LONG_AXIS, Wall.APEX): (ROW, FIRST),
    (CardiacView.HORIZONTAL_LONG_AXIS, Wall.BASE): (ROW, LAST),
    (CardiacView.HORIZONTAL_LONG_AXIS, Wall.SEPTAL): (COLUMN, FIRST),
    (CardiacView.HORIZONTAL_LONG_AXIS, Wall.LATERAL): (COLUMN, LAST),
}


def volume_with_a_mark(point_mm: np.ndarray, *, slices_go_down: bool) -> SpectVolume:
    """A 4 mm transaxial volume that is empty but for a spot at a patient position."""
    step = -1 if slices_go_down else 1
    affine = affine_from_axes(
        [(0, 0, step), (0, 1, 0), (1, 0, 0)], 4.0, (-120.0, -120.0, -120.0 * step)
    )
    indices = np.moveaxis(np.indices((61, 61, 61)), 0, -1)
    distance = np.linalg.norm(apply_affine(affine, indices) - point_mm, axis=-1)
    return SpectVolume(np.exp(-0.5 * (distance / 6.0) ** 2), affine)


@pytest.mark.parametrize("slices_go_down", [False, True])
@pytest.mark.parametrize(("view", "wall"), SEEN_AT)
@given(pose=poses)
@settings(max_examples=3, deadline=None)
def test_a_mark_on_a_wall_is_seen_where_the_standard_wants_it(
    view: CardiacView, wall: Wall, slices_go_down: bool, pose: RigidPose
) -> None:
    # Arrange: a spot 40 mm from the centre toward the wall.
    centered = RigidPose(pose.patient_from_cardiac, (3.0, -2.0, 5.0))
    mark = centered.to_patient(40 * np.array(wall.value, dtype=float))
    volume = volume_with_a_mark(mark, slices_go_down=slices_go_down)

    # Act
    seen = volume.resampled(view_grid(view, centered, (30, 30, 30), 4.0)).counts

    # Assert: the hottest voxel lies near the wanted end, and in the middle otherwise.
    hottest = np.array(np.unravel_index(seen.argmax(), seen.shape))
    axis, end = SEEN_AT[view, wall]
    middle = 14.5
    expected = np.full(3, middle)
    expected[axis] += 10 if end == LAST else -10
    np.testing.assert_allclose(hottest, expected, atol=1.0)


@pytest.mark.parametrize("view", CardiacView)
def test_row_times_column_is_the_stacking_direction(view: CardiacView) -> None:
    axes = view.axes

    assert np.cross(axes.row, axes.column).tolist() == list(axes.stacking)


@pytest.mark.parametrize("view", CardiacView)
def test_labels_name_the_walls_that_are_seen(view: CardiacView) -> None:
    side_of = {
        (SLICE, FIRST): "first", (SLICE, LAST): "last", (ROW, FIRST): "top",
        (ROW, LAST): "bottom", (COLUMN, FIRST): "left", (COLUMN, LAST): "right",
    }  # fmt: skip
    expected = {side_of[place]: wall for (seen, wall), place in SEEN_AT.items() if seen is view}

    assert view.axes.walls() == expected


@given(poses)
def test_a_view_is_centered_on_the_pose_and_right_handed(pose: RigidPose) -> None:
    for view in CardiacView:
        grid = view_grid(view, pose, (24, 40, 50), 3.0)
        slice_step, row_step, column_step = grid.patient_from_index[:3, :3].T / 3.0

        np.testing.assert_allclose(grid.center_mm, pose.center_mm, atol=1e-9)
        # Along a row the column index grows, so the row direction is the column step.
        np.testing.assert_allclose(np.cross(column_step, row_step), slice_step, atol=1e-9)
        index = apply_affine(invert_affine(grid.patient_from_index), pose.center_mm)
        np.testing.assert_allclose(index, [11.5, 19.5, 24.5], atol=1e-9)
