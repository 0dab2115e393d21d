"""Surfaces as triangles: closed, outwards, with the volumes that the drawing states."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from shortaxis.errors import GeometryError
from shortaxis.geometry.triangle_mesh import TriangleMesh
from shortaxis.ventricle.surface_meshes import valve_mesh, ventricle_mesh
from shortaxis.ventricle.valve_plane import ValvePlane
from wall_scenes import GRID, POSE, bullet_surfaces

TILTED = replace(
    bullet_surfaces(20.0, 30.0, 31.0),
    valve=ValvePlane.from_heights(31.0, 0.3, -0.2, (1.0, 2.0)),
    is_wall=np.ones(GRID, dtype=bool),
)


def edges(mesh: TriangleMesh) -> Counter[tuple[int, int]]:
    around = np.concatenate([mesh.triangles[:, [a, (a + 1) % 3]] for a in range(3)])
    return Counter(map(tuple, around.tolist()))


@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_a_surface_is_closed_and_has_one_outside(part: float) -> None:
    found = edges(ventricle_mesh(TILTED, part).mesh)

    assert set(found.values()) == {1}
    assert all((second, first) in found for first, second in found)


def test_volumes_are_those_that_are_stated() -> None:
    inner, outer = (ventricle_mesh(TILTED, part).mesh.volume_ml for part in (0.0, 1.0))

    # Polygons of 48 corners lie within a circle: 0.3 per cent.
    assert inner == pytest.approx(TILTED.cavity_ml, rel=0.01)
    assert outer - inner == pytest.approx(TILTED.wall_ml, rel=0.01)


def test_the_rim_lies_in_the_valve_plane_and_the_plane_faces_the_base() -> None:
    epicardium = ventricle_mesh(TILTED, 1.0)
    plane = valve_mesh(epicardium)

    rim = POSE.to_cardiac(epicardium.mesh.points_mm[epicardium.rim])
    assert np.abs(TILTED.valve.above_mm(rim)).max() < 0.05
    normals = plane.normals @ POSE.patient_from_cardiac
    np.testing.assert_allclose(
        normals, np.broadcast_to(TILTED.valve.normal, normals.shape), atol=1e-2
    )


def test_the_apex_lies_where_the_drawing_has_it_and_outwards_is_down() -> None:
    epicardium = ventricle_mesh(TILTED, 1.0)

    apex = POSE.to_cardiac(epicardium.mesh.points_mm[:1])[0]
    assert apex == pytest.approx([0, 0, TILTED.apex_z_mm])
    assert (epicardium.mesh.normals[0] @ POSE.patient_from_cardiac)[2] < -0.9


def test_a_plane_beyond_the_grid_closes_the_last_row() -> None:
    far = replace(TILTED, valve=ValvePlane.from_heights(300.0, 0.0, 0.0, (0.0, 0.0)))

    heights = POSE.to_cardiac(ventricle_mesh(far, 1.0).mesh.points_mm)[:, 2]

    assert heights.max() == pytest.approx(83.0)


def test_values_of_the_drawing_are_read_at_the_points() -> None:
    mesh = ventricle_mesh(TILTED, 1.0)
    heights = np.broadcast_to(np.arange(28.0)[:, None], (28, 24))

    np.testing.assert_allclose(mesh.sampled(heights)[1:], mesh.row[1:], atol=1e-9)


def test_triangles_of_points_that_are_none_are_refused() -> None:
    with pytest.raises(GeometryError, match="numbers of 2 points"):
        TriangleMesh(np.zeros((2, 3)), np.array([[0, 1, 2]]))
