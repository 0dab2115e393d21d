"""Parts of the ellipsoid method against shells whose surface is known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geometry_strategies import rotations
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.reorientation.ellipsoid_ends import find_ends
from shortaxis.reorientation.ellipsoid_fit import fit_wall, jackknife
from shortaxis.reorientation.ellipsoid_surface import WallEllipsoid, perpendicular_axes
from shortaxis.reorientation.ellipsoid_wall import read_wall
from shortaxis.reorientation.myocardium_candidates import find_candidates
from shortaxis.reorientation.myocardium_field import (
    FIELD_RADIUS_MM,
    WallField,
    coarse_field,
    edge_distances,
    field_around,
    smoothed,
)
from shortaxis.spect.volume import SpectVolume

SPACING_MM = 4.0
SHAPE = (56, 56, 56)
AXIAL_MM, RADIAL_MM, VALVE_MM = 50.0, 26.0, 28.0
WALL_SIGMA_MM = 4.5
APEX_DIRECTION = -rotation_from_angles(alpha_deg=22, beta_deg=0, theta_deg=38)[:, 2]
ORIGIN_MM = np.array([6.0, -9.0, 4.0])
TRUTH = WallEllipsoid(ORIGIN_MM, APEX_DIRECTION, AXIAL_MM, RADIAL_MM)


def shell(*, lid: bool = False, gap: tuple[float, float] | None = None) -> SpectVolume:
    """A soft wall about `TRUTH`, open behind the valve plane unless it has a lid.

    `gap` is a range of azimuths (degrees about the axis) without wall: a defect.
    """
    patient_from_index = np.diag([SPACING_MM] * 3 + [1.0])[[2, 1, 0, 3]]
    patient_from_index[:3, 3] = -SPACING_MM * (np.array(SHAPE) - 1) / 2
    indices = np.moveaxis(np.indices(SHAPE), 0, -1)
    offset = apply_affine(patient_from_index, indices) - ORIGIN_MM
    along = offset @ APEX_DIRECTION
    first, second = perpendicular_axes(APEX_DIRECTION)
    across = np.hypot(offset @ first, offset @ second)
    level = np.hypot(along / AXIAL_MM, across / RADIAL_MM)
    slope = np.hypot(along / AXIAL_MM**2, across / RADIAL_MM**2)
    distance = (level - 1) * level / np.maximum(slope, 1e-9)
    wall = np.exp(-0.5 * (distance / WALL_SIGMA_MM) ** 2)
    if not lid:
        wall *= 1 / (1 + np.exp(-(along + VALVE_MM) / 2.5))
    if gap is not None:
        azimuth = np.rad2deg(np.arctan2(offset @ second, offset @ first)) % 360
        wall *= ~((azimuth > gap[0]) & (azimuth < gap[1]))
    return SpectVolume(5 + 100 * wall, patient_from_index)


def field_of(volume: SpectVolume) -> WallField:
    smooth = smoothed(volume)
    return field_around(smooth, edge_distances(volume), ORIGIN_MM)


def angle_deg(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.rad2deg(np.arctan2(np.linalg.norm(np.cross(first, second)), first @ second)))


@given(rotation=rotations, axial=st.floats(30, 70), radial=st.floats(15, 40))
@settings(max_examples=30)
def test_nodes_lie_on_the_ellipsoid_with_normals_across_it(
    rotation: np.ndarray, axial: float, radial: float
) -> None:
    surface = WallEllipsoid(np.zeros(3), rotation[:, 0], axial, radial)
    eta, phi, step = np.linspace(0.2, 2.0, 7), np.linspace(0.0, 5.0, 6), 1e-5

    nodes = surface.nodes(eta, phi)

    along = nodes.from_origin @ surface.apex_direction
    across = np.linalg.norm(nodes.from_origin - along[..., None] * surface.apex_direction, axis=-1)
    np.testing.assert_allclose((along / axial) ** 2 + (across / radial) ** 2, 1, atol=1e-9)
    for d_eta, d_phi in ((step, 0), (0, step)):
        tangent = surface.nodes(eta + d_eta, phi + d_phi).from_origin - nodes.from_origin
        lean = np.einsum("nmk,nmk->nm", tangent, nodes.normals) / step
        np.testing.assert_allclose(lean, 0, atol=1e-2)
    assert (np.einsum("nmk,nmk->nm", nodes.normals, nodes.from_origin) > 0).all()


@given(rotation=rotations)
@settings(max_examples=20)
def test_perpendicular_axes_make_a_right_handed_frame(rotation: np.ndarray) -> None:
    direction = rotation[:, 2]

    frame = np.stack([*perpendicular_axes(direction), direction], axis=1)

    np.testing.assert_allclose(frame.T @ frame, np.eye(3), atol=1e-12)
    assert np.linalg.det(frame) == pytest.approx(1)


def test_the_wall_is_read_where_it_is() -> None:
    field = field_of(shell())
    outside = WallEllipsoid(ORIGIN_MM, APEX_DIRECTION, AXIAL_MM + 5, RADIAL_MM + 5)

    reading = read_wall(field, outside, reach_mm=10.0)

    # Every node before the valve plane is 5 mm outside the wall; voxels are 4 mm.
    departure = np.abs(reading.offset_mm[:8] + 5)
    assert np.median(departure) < 1
    assert departure.max() < 4
    assert reading.clearness[:8].min() > 0.9


@pytest.mark.parametrize("turn_deg", [-25, 0, 25])
@pytest.mark.parametrize("gap", [None, (40.0, 130.0)], ids=["whole", "defect"])
def test_a_known_shell_is_fitted_from_far_off(
    turn_deg: float, gap: tuple[float, float] | None
) -> None:
    field = field_of(shell(gap=gap))
    first, _ = perpendicular_axes(APEX_DIRECTION)
    turn = np.deg2rad(turn_deg)
    direction = np.cos(turn) * APEX_DIRECTION + np.sin(turn) * first
    start = WallEllipsoid(ORIGIN_MM + np.array([7.0, -6.0, 5.0]), direction, 58.0, 31.0)

    fit = fit_wall(field, start)

    limit_deg = 1.0 if gap is None else 2.0
    assert angle_deg(fit.surface.apex_direction, APEX_DIRECTION) < limit_deg
    np.testing.assert_allclose(fit.surface.origin_mm, ORIGIN_MM, atol=2)
    assert fit.surface.radial_mm == pytest.approx(RADIAL_MM, abs=1.5)
    assert fit.roughness_mm < 1


def test_the_jackknife_spreads_more_where_less_wall_is_seen() -> None:
    def spread_deg(volume: SpectVolume) -> float:
        fit = fit_wall(field_of(volume), TRUTH)
        axes = [surface.apex_direction for surface in jackknife(fit)]
        return max(angle_deg(axis, fit.surface.apex_direction) for axis in axes)

    assert spread_deg(shell()) < 0.5
    assert spread_deg(shell(gap=(40, 160))) > 1.5 * spread_deg(shell())


def test_the_valve_plane_and_the_apex_are_found_where_the_shell_ends() -> None:
    field = field_of(shell())

    ends = find_ends(field, fit_wall(field, TRUTH))

    assert ends.valve_mm == pytest.approx(VALVE_MM, abs=2)
    assert AXIAL_MM + 4 <= ends.apex_mm <= AXIAL_MM + 9
    assert ends.valve_directions == 1
    assert ends.cap > 0.8
    assert ends.lid < 0.4


def test_a_shell_with_a_lid_shows_no_open_end() -> None:
    field = field_of(shell(lid=True))

    ends = find_ends(field, fit_wall(field, TRUTH))

    assert ends.cap - ends.lid < 0.3


def test_the_best_candidate_is_the_shell_and_scores_like_one() -> None:
    volume = shell()

    best = find_candidates(coarse_field(volume, smoothed(volume)), count=2)[0]

    assert best.score > 1
    assert np.linalg.norm(best.surface.origin_mm - ORIGIN_MM) < 16
    assert angle_deg(best.surface.apex_direction, APEX_DIRECTION) < 30


def test_the_ridge_does_not_know_the_unit_of_the_counts() -> None:
    volume = shell()
    brighter = SpectVolume(volume.counts * 1000, volume.patient_from_index)

    np.testing.assert_allclose(
        field_of(brighter).ridge, field_of(volume).ridge, rtol=1e-3, atol=1e-4
    )


def test_the_field_reaches_as_far_as_it_says_and_knows_the_edge() -> None:
    volume = shell()

    field = field_of(volume)

    assert (field.grid.spacing_mm * (np.array(field.grid.shape) - 1) >= 2 * FIELD_RADIUS_MM).all()
    # The volume ends 112 mm from its centre: at 100 mm the edge is 12 mm away, and a voxel.
    distance = field.sample(field.edge_distance_mm, np.array([[0.0, -88.0, 0.0]]))
    assert distance[0] == pytest.approx(112 - 88, abs=8)
