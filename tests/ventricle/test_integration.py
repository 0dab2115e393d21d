"""Volumes and lengths from surfaces on the hybrid grid, against bodies that are known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from shortaxis.anatomy.hybrid_grid import (
    HINGE_Z_MM,
    POLAR_ROWS,
    RAY_ANGLES,
    RAY_ROWS,
    grid_places,
    ray_points_mm,
)
from shortaxis.geometry.arrays import FloatArray
from shortaxis.ventricle.integration import apex_z_mm, cavity_ml, wall_ml
from shortaxis.ventricle.valve_plane import ValvePlane


def bullet(radius_mm: float) -> FloatArray:
    """A half ball about the hinge and a tube of the same radius."""
    return np.full((RAY_ROWS, RAY_ANGLES), radius_mm)


def bullet_ml(radius_mm: float, valve_z_mm: float) -> float:
    """Its volume up to a height on the axis: a tilted cut takes as much as it leaves."""
    tube = np.pi * radius_mm**2 * (valve_z_mm - HINGE_Z_MM)
    return (2 / 3 * np.pi * radius_mm**3 + tube) / 1000


@pytest.mark.parametrize("slopes", [(0.0, 0.0), (-0.3, 0.1)])
def test_a_bullet_cut_by_a_plane_has_the_volume_of_half_a_ball_and_a_cylinder(
    slopes: tuple[float, float],
) -> None:
    valve = ValvePlane.from_heights(35.0, *slopes, aside_mm=(0.0, 0.0))

    found = cavity_ml(bullet(22.0), valve)

    # A circle through 96 directions is a polygon that lacks 0.05 % of it.
    assert found == pytest.approx(bullet_ml(22.0, 35.0), rel=2e-3)


def test_the_wall_is_what_lies_between_the_surfaces_below_the_plane() -> None:
    valve = ValvePlane.from_heights(35.0, -0.2, 0.0, aside_mm=(0.0, 0.0))
    everywhere = np.ones((RAY_ROWS, RAY_ANGLES))

    found = wall_ml(bullet(20.0), bullet(30.0), everywhere, valve)

    assert found == pytest.approx(bullet_ml(30.0, 35.0) - bullet_ml(20.0, 35.0), rel=2e-3)


def test_half_of_the_directions_without_muscle_leave_half_of_the_wall() -> None:
    valve = ValvePlane.from_heights(33.0, 0.0, 0.0, aside_mm=(0.0, 0.0))
    is_wall = np.ones((RAY_ROWS, RAY_ANGLES))
    is_wall[:, : RAY_ANGLES // 2] = 0
    # Between the last ray with muscle and the first without, half of it is there.
    whole = bullet_ml(30.0, 33.0) - bullet_ml(20.0, 33.0)

    found = wall_ml(bullet(20.0), bullet(30.0), is_wall, valve)

    assert found == pytest.approx(whole / 2, rel=5e-3)


def test_rays_beyond_the_plane_take_nothing_from_the_wall_below_it() -> None:
    valve = ValvePlane.from_heights(31.0, 0.0, 0.0, aside_mm=(0.0, 0.0))
    below = np.ones((RAY_ROWS, RAY_ANGLES))
    below[valve.above_mm(ray_points_mm(bullet(25.0))) > 0] = 0

    found = wall_ml(bullet(20.0), bullet(30.0), below, valve)

    everywhere = np.ones((RAY_ROWS, RAY_ANGLES))
    assert found == pytest.approx(wall_ml(bullet(20.0), bullet(30.0), everywhere, valve))


def test_the_apex_lies_a_radius_below_the_hinge() -> None:
    assert apex_z_mm(bullet(28.0)) == pytest.approx(HINGE_Z_MM - 28.0)


def test_a_long_apex_is_found_between_the_rays_that_look_past_it() -> None:
    # An ellipsoid about the hinge, 40 mm long and 25 mm wide.
    tilt = (np.arange(POLAR_ROWS) + 0.5) * np.pi / 2 / POLAR_ROWS
    radius = 1 / np.sqrt((np.cos(tilt) / 40) ** 2 + (np.sin(tilt) / 25) ** 2)
    surface = bullet(25.0)
    surface[:POLAR_ROWS] = radius[:, None]

    assert apex_z_mm(surface) == pytest.approx(HINGE_Z_MM - 40.0, abs=0.05)


def test_a_point_on_a_ray_has_that_rays_place() -> None:
    radius = np.full((RAY_ROWS, RAY_ANGLES), 31.0)

    row, angle, distance = grid_places(ray_points_mm(radius))

    rows, angles = np.mgrid[:RAY_ROWS, :RAY_ANGLES]
    np.testing.assert_allclose(row, rows, atol=1e-9)
    np.testing.assert_allclose(np.mod(angle + 0.5, RAY_ANGLES) - 0.5, angles, atol=1e-9)
    np.testing.assert_allclose(distance, radius)


def test_a_plane_is_told_by_its_height_and_slopes_and_gives_them_back() -> None:
    plane = ValvePlane.from_heights(30.0, 0.2, -0.1, aside_mm=(3.0, 4.0))

    assert plane.slopes == pytest.approx((0.2, -0.1))
    assert plane.on_axis_mm == pytest.approx(30.0)
    np.testing.assert_allclose(plane.center_mm, [3.0, 4.0, 30.2])
    assert plane.above_mm(np.array([0.0, 0.0, 31.0])) == pytest.approx(1 / np.sqrt(1.05))
