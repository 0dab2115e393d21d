"""Drawn surfaces: their numbers, their labels, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shortaxis.errors import GeometryError
from shortaxis.ventricle.label_map import VentricleLabel, label_map
from shortaxis.ventricle.valve_plane import ValvePlane
from wall_scenes import GRID, POSE, bullet_surfaces, hot_bullet


def test_numbers_of_a_bullet_follow_from_its_radii() -> None:
    found = bullet_surfaces(20.0, 30.0, 35.0)

    assert found.length_mm == pytest.approx(12 + 30 + 35)
    assert found.mean_thickness_mm == pytest.approx(10.0)
    assert found.cavity_ml == pytest.approx(
        (2 / 3 * np.pi * 20**3 + np.pi * 400 * 47) / 1e3, rel=2e-3
    )
    assert found.seen_part == 1.0
    assert found.flag == "accept"


def test_labels_fill_the_volumes_that_are_told() -> None:
    surfaces = bullet_surfaces(20.0, 30.0, 35.0)
    volume = hot_bullet(voxel_mm=2.0, size=90)

    labels = label_map(surfaces, volume.grid)

    voxel_ml = 2.0**3 / 1000
    cavity, wall = ((labels == each).sum() * voxel_ml for each in (2, 1))
    assert cavity == pytest.approx(surfaces.cavity_ml, rel=0.03)
    # Muscle ends between two rows of rays, half of one from the plane.
    assert wall == pytest.approx(surfaces.wall_ml, rel=0.05)


def test_labels_lie_where_the_counts_of_the_wall_are() -> None:
    volume = hot_bullet(voxel_mm=2.0, size=90)

    labels = label_map(bullet_surfaces(20.0, 30.0, 35.0), volume.grid)

    hot = volume.counts > 50
    is_wall = labels == VentricleLabel.WALL
    assert 2 * (hot & is_wall).sum() / (hot.sum() + is_wall.sum()) > 0.97


@pytest.mark.parametrize(
    "changes",
    [
        {"endocardium_mm": np.full((3, 3), 20.0)},
        {"endocardium_mm": np.full(GRID, np.nan)},
        {"epicardium_mm": np.full(GRID, 19.0)},
    ],
)
def test_surfaces_that_are_none_are_refused(changes: dict[str, np.ndarray]) -> None:
    with pytest.raises(GeometryError, match="not surfaces of a ventricle"):
        replace(bullet_surfaces(20.0, 30.0, 35.0), **changes)


def test_a_valve_plane_that_faces_the_apex_is_refused() -> None:
    turned = ValvePlane(np.zeros(3), np.array([0.0, 0.0, -1.0]))

    with pytest.raises(GeometryError, match="does not face the base"):
        replace(bullet_surfaces(20.0, 30.0, 35.0), valve=turned)


def test_a_reason_flags_them() -> None:
    assert replace(bullet_surfaces(20.0, 30.0, 35.0), reasons=("a reason",)).flag == "review"


def test_points_lie_between_the_surfaces_in_the_frame_of_the_pose() -> None:
    points = bullet_surfaces(20.0, 30.0, 35.0).points_mm(0.25)

    np.testing.assert_allclose(np.hypot(points[8:, :, 0], points[8:, :, 1]), 22.5)
    assert POSE.to_patient(points).shape == points.shape
