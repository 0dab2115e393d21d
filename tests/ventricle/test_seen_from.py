"""A surface met again along the rays of another frame."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from shortaxis.anatomy.hybrid_grid import (
    HINGE_Z_MM,
    RAY_ANGLES,
    RAY_ROWS,
    ray_directions,
    ray_origins_mm,
    ray_points_mm,
)
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.ventricle.seen_from import radii_seen_from, values_seen_from
from shortaxis.ventricle.valve_plane import ValvePlane

CENTER = np.array([2.0, -1.0, HINGE_Z_MM + 10.0])
RADII = np.array([28.0, 30.0, 55.0])


def ellipsoid_along(there_from_here: FloatArray) -> FloatArray:
    """Where rays pass an ellipsoid that lies in another frame, by the quadratic equation."""
    start = np.zeros((RAY_ROWS, RAY_ANGLES, 3))
    start[..., 2] = ray_origins_mm()[:, None]
    origin = (apply_affine(there_from_here, start) - CENTER) / RADII
    step = ray_directions() @ there_from_here[:3, :3].T / RADII
    a, b, c = ((x * y).sum(axis=-1) for x, y in ((step, step), (step, origin), (origin, origin)))
    radius: FloatArray = (-b + np.sqrt(np.maximum(b * b - a * (c - 1), 0))) / a
    return radius


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31))
def test_a_turned_shifted_and_scaled_frame_meets_the_surface_where_geometry_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    turn = Rotation.from_rotvec(np.deg2rad(rng.uniform(-5, 5, size=3))).as_matrix()
    there_from_here = RigidPose(turn, rng.uniform(-3, 3, size=3)).matrix
    there_from_here[:3] /= rng.uniform(0.9, 1.1)
    rows = slice(0, 18)

    found = radii_seen_from(ellipsoid_along(np.eye(4)), there_from_here)

    # Surfaces lie straight between rays that are 15 degrees apart: some tenths of a mm.
    np.testing.assert_allclose(found[rows], ellipsoid_along(there_from_here)[rows], atol=0.5)


def test_the_same_frame_changes_nothing() -> None:
    surface = ellipsoid_along(np.eye(4))

    found = radii_seen_from(surface, np.eye(4))

    # Beyond, the ellipsoid has ended.
    np.testing.assert_allclose(found[:18], surface[:18], atol=1e-6)


def test_a_roll_by_whole_rays_moves_columns() -> None:
    turn = Rotation.from_rotvec([0, 0, 2 * np.pi * 5 / RAY_ANGLES]).as_matrix()
    surface = ellipsoid_along(np.eye(4))
    marks = np.random.default_rng(0).random((RAY_ROWS, RAY_ANGLES))

    matrix = RigidPose(turn, np.zeros(3)).matrix
    found = values_seen_from(marks, radii_seen_from(surface, matrix), matrix)

    np.testing.assert_allclose(found, np.roll(marks, -5, axis=1), atol=1e-6)


def test_a_plane_in_another_frame_holds_the_same_points() -> None:
    plane = ValvePlane.from_heights(30.0, 0.2, -0.1, aside_mm=(3.0, 4.0))
    turn = Rotation.from_rotvec([0.1, -0.05, 0.3]).as_matrix()
    there_from_here = RigidPose(turn, np.array([1.0, 2.0, 3.0])).matrix
    points = ray_points_mm(np.full((RAY_ROWS, RAY_ANGLES), 20.0))

    moved = plane.seen_from(there_from_here)

    np.testing.assert_allclose(
        moved.above_mm(apply_affine(there_from_here, points)), plane.above_mm(points), atol=1e-9
    )
