"""Every method for the wall gives surfaces and a polar map of the same ventricle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shortaxis.anatomy.hybrid_grid import POLAR_ROWS, RAY_ANGLES, RAY_ROWS, ray_points_mm
from shortaxis.errors import OptionError
from shortaxis.geometry.euler import (
    PoseParameters,
    pose_from_parameters,
    with_conventional_roll,
    with_roll_of,
)
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification import wall_methods
from shortaxis.quantification.drawn_surfaces import surfaces_of_tracing, tracing_of_surfaces
from shortaxis.quantification.tracing import TracedVentricle, trace_ventricle
from shortaxis.quantification.wall_methods import WALL_METHODS, find_wall
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.surfaces import VentricleSurfaces, WallBounds
from shortaxis.ventricle.valve_plane import ValvePlane
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.quantify.wall_record import wall_record
from ventricle_scenes import WALL_MM, Shell, draw_shell, patient_grid

POSE = pose_from_parameters(
    PoseParameters(x_m=4, y_m=-6, z_m=3, alpha=22, beta=8, theta=40), (0.0, 0.0, 0.0)
)
SHELL = Shell()


@pytest.fixture(scope="module")
def volume() -> SpectVolume:
    return draw_shell(patient_grid(), POSE, SHELL)


@pytest.fixture(scope="module")
def traced(volume: SpectVolume) -> TracedVentricle:
    return trace_ventricle(volume, POSE)


def true_surfaces(pose: RigidPose = POSE) -> VentricleSurfaces:
    """The shell's own wall on the hybrid grid, along its true axes."""
    low, high = np.zeros((RAY_ROWS, RAY_ANGLES)), np.full((RAY_ROWS, RAY_ANGLES), 90.0)
    for _ in range(40):
        middle = (low + high) / 2
        points = ray_points_mm(middle)
        inside = SHELL.off_mm(np.hypot(points[..., 0], points[..., 1]), points[..., 2]) < 0
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    valve = ValvePlane.from_heights(SHELL.length_mm / 2, 0.0, 0.0, (0.0, 0.0))
    is_wall = valve.above_mm(ray_points_mm(low)) <= 0
    half = WALL_MM / 2
    return VentricleSurfaces(
        pose, low - half, low + half, np.ones((2, RAY_ROWS, RAY_ANGLES)), is_wall, is_wall, valve,
        "truth", WallBounds(1.0, 2.0, 3.0, 4.0, 5.0),
    )  # fmt: skip


def test_a_tracing_on_the_grid_has_the_middle_where_the_shell_has_it(
    volume: SpectVolume, traced: TracedVentricle
) -> None:
    found, truth = surfaces_of_tracing(traced, volume), true_surfaces()

    muscle = truth.is_wall
    assert np.abs(found.middle_mm - truth.middle_mm)[muscle].mean() < 1.0
    assert found.valve.center_mm[2] == pytest.approx(SHELL.length_mm / 2, abs=2.0)
    assert found.reasons == ()


def test_surfaces_give_the_polar_map_that_the_tracing_gives(
    volume: SpectVolume, traced: TracedVentricle
) -> None:
    found = tracing_of_surfaces(true_surfaces(), volume)

    np.testing.assert_allclose(
        found.polar_map.uptake_percent, traced.polar_map.uptake_percent, atol=6.0
    )
    assert found.length_mm == pytest.approx(SHELL.length_mm, abs=1.0)
    assert found.volume_ml == pytest.approx(traced.volume_ml, rel=0.06)


def test_surfaces_seen_from_another_roll_are_the_same_wall(volume: SpectVolume) -> None:
    truth = true_surfaces()
    rolled = with_conventional_roll(POSE)

    seen = truth.seen_from(rolled)

    assert seen.cavity_ml == pytest.approx(truth.cavity_ml, rel=2e-3)
    assert seen.bounds == truth.bounds
    np.testing.assert_allclose(
        rolled.to_patient(seen.valve.center_mm), POSE.to_patient(truth.valve.center_mm)
    )


def test_the_network_looks_along_the_anatomical_roll_and_answers_in_the_asked_one(
    volume: SpectVolume, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[RigidPose] = []

    def draw(_: SpectVolume, pose: RigidPose, axis_bound_deg: float | None) -> VentricleSurfaces:
        assert axis_bound_deg == 4.0
        looked.append(pose)
        return replace(true_surfaces(pose), reasons=("a reason",))

    monkeypatch.setattr(wall_methods, "draw_wall", draw)
    asked = with_conventional_roll(POSE)

    found = find_wall(volume, asked, "network", anatomical=POSE, axis_bound_deg=4.0)

    np.testing.assert_allclose(looked[0].matrix, POSE.matrix, atol=1e-9)
    np.testing.assert_allclose(found.surfaces.pose.matrix, asked.matrix)
    assert found.traced.pose is asked
    assert found.surfaces.reasons == ("a reason",)


def test_another_long_axis_keeps_its_direction_and_takes_the_roll() -> None:
    other = pose_from_parameters(
        PoseParameters(x_m=0, y_m=0, z_m=0, alpha=25, beta=-20, theta=43), (0.0, 0.0, 0.0)
    )

    found = with_roll_of(POSE, other)

    np.testing.assert_allclose(found.apex_direction, POSE.apex_direction, atol=1e-12)
    # What is left between the two is the tilt alone: no turn about either axis.
    between = found.patient_from_cardiac.T @ other.patient_from_cardiac
    assert between[1, 0] == pytest.approx(between[0, 1], abs=1e-12)


def test_a_method_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(OptionError, match="unknown method for the wall") as caught:
        QuantifyOptions(wall="guessing")

    assert caught.value.expected == " or ".join(WALL_METHODS)


def test_the_record_gives_places_in_the_patient() -> None:
    truth = true_surfaces()

    record = wall_record(truth)

    center = np.array(record["valve_plane"]["center_mm"])
    np.testing.assert_allclose(POSE.to_cardiac(center), [0, 0, SHELL.length_mm / 2], atol=0.01)
    assert np.linalg.norm(record["valve_plane"]["normal"]) == pytest.approx(1, abs=1e-3)
    assert record["rays"]["tilt_from_apex_deg"][POLAR_ROWS] == 90.0
    assert record["bounds_90"]["cavity_ml"] == 4.0
    assert np.array(record["endocardium_mm"]).shape == (RAY_ROWS, RAY_ANGLES)
