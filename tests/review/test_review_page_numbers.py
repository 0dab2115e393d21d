"""The geometry of the review page is the package's: its modules, run by Node, against Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from javascript import NODE, in_node
from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.anatomy.segments import SEGMENTS, Ring
from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.euler import (
    angles_from_rotation,
    rotation_from_angles,
    with_conventional_roll,
)
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.resampling import resample
from shortaxis.quantification.polar_map import RING_RADII
from shortaxis.review.app import PAGE_FOLDER

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node to run the page's modules")

POSES, SEED = 500, 20261203

VIEWS = {
    CardiacView.SHORT_AXIS: "short-axis",
    CardiacView.VERTICAL_LONG_AXIS: "vertical",
    CardiacView.HORIZONTAL_LONG_AXIS: "horizontal",
}


def in_page(imports: dict[str, Sequence[str]], expression: str, values: object = None) -> Any:
    """What an expression is, of `values`, with names of modules of the page."""
    modules = {PAGE_FOLDER / f"{name}.js": names for name, names in imports.items()}
    return in_node(modules, expression, values)


@pytest.fixture(scope="module")
def rotations() -> np.ndarray:
    """Rotations (pose, 3, 3) without preference of a direction."""
    return Rotation.random(POSES, random_state=np.random.default_rng(SEED)).as_matrix()


@pytest.fixture(scope="module")
def angles() -> np.ndarray:
    """Elevation, roll and azimuth (pose, 3), degrees, with the ends of their ranges."""
    generator = np.random.default_rng(SEED)
    drawn = generator.uniform((-89, -179, -179), (89, 179, 179), (POSES, 3))
    corners = [(0, 0, 0), (20, 0, 45), (90, 0, 30), (-90, 0, -120), (0, 180, 180), (45, -90, 90)]
    return np.concatenate([drawn, np.array(corners, dtype=float)])


def test_a_pose_of_angles_is_the_package_s(angles: np.ndarray) -> None:
    records = [{"alpha": a, "beta": b, "theta": t} for a, b, t in angles.tolist()]

    found = in_page({"geometry": ["axesFromAngles"]}, "values.map(axesFromAngles)", records)

    np.testing.assert_allclose(found, [rotation_from_angles(*each) for each in angles], atol=1e-12)


def test_the_angles_of_a_pose_are_the_package_s(rotations: np.ndarray, angles: np.ndarray) -> None:
    turns = [*rotations, *(rotation_from_angles(*each) for each in angles)]

    found = in_page(
        {"geometry": ["anglesFromAxes"]},
        "values.map(anglesFromAxes).map(({ alpha, beta, theta }) => [alpha, beta, theta])",
        [turn.tolist() for turn in turns],
    )

    # A turn and its opposite of 360 degrees are one.
    apart = np.array(found) - [angles_from_rotation(turn) for turn in turns]
    np.testing.assert_allclose((apart + 180) % 360 - 180, 0, atol=1e-9)


def test_the_conventional_roll_is_the_package_s(rotations: np.ndarray) -> None:
    records = [{"center": [1, 2, 3], "axes": each.tolist()} for each in rotations]

    found = in_page({"geometry": ["conventional"]}, "values.map(conventional)", records)

    expected = [with_conventional_roll(RigidPose(each, (1, 2, 3))) for each in rotations]
    np.testing.assert_allclose(
        [each["axes"] for each in found],
        [each.patient_from_cardiac for each in expected],
        atol=1e-12,
    )
    assert all(each["center"] == [1, 2, 3] for each in found)


def test_a_turn_about_an_axis_is_scipy_s(rotations: np.ndarray) -> None:
    vectors = Rotation.from_matrix(rotations).as_rotvec(degrees=True)
    turns = np.linalg.norm(vectors, axis=1)
    pairs = [[vector.tolist(), turn] for vector, turn in zip(vectors, turns.tolist(), strict=True)]

    found = in_page(
        {"geometry": ["turnAbout"]}, "values.map(([axis, turn]) => turnAbout(axis, turn))", pairs
    )

    np.testing.assert_allclose(found, rotations, atol=1e-12)


def test_the_long_axis_is_laid_along_a_direction_by_the_least_turn(rotations: np.ndarray) -> None:
    directions = rotations[::-1, :, 0]
    pairs = [[axes.tolist(), to.tolist()] for axes, to in zip(rotations, directions, strict=True)]

    found = in_page(
        {"geometry": ["withLongAxis"]}, "values.map(([axes, to]) => withLongAxis(axes, to))", pairs
    )

    np.testing.assert_allclose(np.array(found)[:, :, 2], directions, atol=1e-9)
    turns = Rotation.from_matrix(found @ rotations.transpose(0, 2, 1)).magnitude()
    between = np.arccos(np.clip((rotations[:, :, 2] * directions).sum(axis=1), -1, 1))
    np.testing.assert_allclose(turns, between, atol=1e-6)


def test_views_point_where_the_package_s_point(rotations: np.ndarray) -> None:
    for view, name in VIEWS.items():
        found = in_page(
            {"geometry": ["viewDirections"]},
            f'values.map((axes) => viewDirections("{name}", axes))',
            rotations.tolist(),
        )

        for side, direction in (
            ("right", view.axes.row),
            ("down", view.axes.column),
            ("stacking", view.axes.stacking),
        ):
            expected = rotations @ np.array(direction, dtype=float)
            np.testing.assert_allclose([each[side] for each in found], expected, atol=1e-12)


def test_a_point_is_carried_to_the_same_place_of_the_other_heart(rotations: np.ndarray) -> None:
    generator = np.random.default_rng(SEED)
    points, centers = generator.uniform(-80, 80, (2, POSES, 3))
    poses = [RigidPose(turn, center) for turn, center in zip(rotations, centers, strict=True)]
    others = poses[::-1]

    found = in_page(
        {"geometry": ["carried"]},
        "values.map(([point, from, to]) => carried(point, from, to))",
        [
            [point.tolist(), _record(one), _record(other)]
            for point, one, other in zip(points, poses, others, strict=True)
        ],
    )

    expected = [
        other.to_patient(one.to_cardiac(point))
        for point, one, other in zip(points, poses, others, strict=True)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_the_rings_of_the_polar_map_are_the_package_s() -> None:
    found = in_page({"polar_map": ["RING_RADII"]}, "RING_RADII")

    np.testing.assert_allclose(found, list(RING_RADII.values()), atol=1e-15)


def test_segments_lie_where_the_package_s_lie() -> None:
    numbers = [segment.number for segment in SEGMENTS]

    found = in_page({"polar_map": ["segmentPlace"]}, "values.map(segmentPlace)", numbers)

    edges = [0.0, *RING_RADII.values()]
    for segment, (angle, part) in zip(SEGMENTS, found, strict=True):
        if segment.ring is Ring.APEX:
            assert part == 0
            continue
        assert (np.rad2deg(angle) - segment.angle_deg + 180) % 360 - 180 == pytest.approx(0)
        ring = list(RING_RADII).index(segment.ring)
        assert part == pytest.approx((edges[ring] + edges[ring + 1]) / 2)


def test_counts_on_a_plane_are_those_that_the_package_samples(rotations: np.ndarray) -> None:
    generator = np.random.default_rng(SEED)
    counts = generator.uniform(0, 100, (9, 11, 10)).astype(np.float32)
    volume = affine_from_axes(rotations[0].T, [5.0, 4.0, 6.0], (-20.0, 10.0, -30.0))
    middle = (volume @ [4.0, 5.0, 4.5, 1.0])[:3]

    planes = [affine_from_axes(turn.T, [1.0, 3.0, 3.0], (0, 0, 0)) for turn in rotations[1:40]]
    for plane in planes:
        plane[:3, 3] = middle - plane[:3, :3] @ [0, 7.5, 7.5]

    found = in_page(
        {"volume": ["Volume"]},
        "values.planes.map(([first, right, down]) => Array.from("
        "new Volume(values.counts, [9, 11, 10], values.affine).plane(first, right, down, 16, 16)))",
        {
            "counts": counts.ravel().tolist(),
            "affine": volume.tolist(),
            "planes": [plane[:3, [3, 2, 1]].T.tolist() for plane in planes],
        },
    )

    expected = [resample(counts, volume, Grid((1, 16, 16), plane))[0] for plane in planes]
    np.testing.assert_allclose(np.reshape(found, (-1, 16, 16)), expected, atol=1e-3)
    assert np.ptp(expected) > 50


def _record(pose: RigidPose) -> dict[str, Any]:
    return {"center": pose.center_mm.tolist(), "axes": pose.patient_from_cardiac.tolist()}
