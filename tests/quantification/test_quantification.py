"""The wall is found where it was drawn, and laid flat the right way round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.anatomy.segments import SEGMENTS, Ring, Territory, segment_numbers
from shortaxis.errors import GeometryError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.quantification.polar_map import LEVELS, PolarMap
from shortaxis.quantification.severity import (
    fixed_band_severity,
    part_below,
    segment_uptakes,
)
from shortaxis.quantification.tracing import TracedVentricle, trace_ventricle
from shortaxis.quantification.trust import reasons_to_review
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.polar_map import draw_polar_map
from ventricle_scenes import WALL_MM, Shell, draw_shell, patient_grid

USUAL = PoseParameters(x_m=4, y_m=-6, z_m=3, alpha=22, beta=8, theta=40)
POSE = pose_from_parameters(USUAL, (0.0, 0.0, 0.0))


@pytest.fixture(scope="module")
def healthy() -> SpectVolume:
    return draw_shell(patient_grid(), POSE)


@pytest.fixture(scope="module")
def traced(healthy: SpectVolume) -> TracedVentricle:
    return trace_ventricle(healthy, POSE)


def in_segments(*numbers: int, left: float = 0.1):
    """Uptake that is lost in these segments."""

    def uptake(heights: FloatArray, angles: FloatArray) -> FloatArray:
        inside = np.isin(segment_numbers(np.clip(heights, 0, 1), angles), numbers)
        return np.where(inside, left, 1.0)

    return uptake


# Where the wall lies


@pytest.mark.parametrize("bluntness", [1.8, 2.0, 2.6, 3.2])
def test_the_surface_is_the_middle_of_the_wall_whatever_its_shape(bluntness: float) -> None:
    shell = Shell(bluntness=bluntness)
    found = trace_ventricle(draw_shell(patient_grid(), POSE, shell), POSE)
    points = found.surface.points_mm
    inside = found.ends.heights(points) < 0.9
    off = shell.off_mm(np.hypot(points[..., 0], points[..., 1]), points[..., 2])[inside]
    assert abs(np.mean(off)) < 1.0
    assert np.percentile(np.abs(off), 95) < 2.5


@settings(max_examples=12, deadline=None)
@given(
    length=st.floats(66, 112),
    radius=st.floats(20, 38),
    spacing=st.sampled_from([2.8, 4.0, 6.6]),
)
def test_ends_and_size_are_found_whatever_the_voxels(
    length: float, radius: float, spacing: float
) -> None:
    shell = Shell(length, min(radius, 0.42 * length))
    found = trace_ventricle(draw_shell(patient_grid(spacing), POSE, shell), POSE)
    assert found.ends.apex_z_mm == pytest.approx(-length / 2, abs=3.5)
    assert found.ends.valve_z_mm == pytest.approx(length / 2, abs=3.5)
    assert found.radius_mm == pytest.approx(shell.radius_mm, abs=1.5)


def test_the_volume_is_that_of_the_ellipsoid(traced: TracedVentricle) -> None:
    shell = Shell()
    half = 2 / 3 * np.pi * shell.radius_mm**2 * shell.axial_mm
    tube = np.pi * shell.radius_mm**2 * shell.axial_mm / 2
    assert traced.volume_ml == pytest.approx((half + tube) / 1000, rel=0.08)


def test_an_oblique_valve_plane_takes_no_volume_and_adds_none(traced: TracedVentricle) -> None:
    """A plane tilted about its middle cuts off on one side what it adds on the other."""
    tilted = replace(traced, ends=replace(traced.ends, valve_slope_x=0.35))
    assert tilted.volume_ml == pytest.approx(traced.volume_ml, rel=0.02)


@pytest.mark.parametrize(
    ("motion", "words"),
    [
        (RigidPose(np.eye(3), (0, 10, 0)), "beside the axis"),
        (RigidPose(Rotation.from_euler("x", 20, degrees=True).as_matrix(), (0, 0, 0)), "leans"),
        (RigidPose(np.eye(3), (0, 0, 12)), "along the axis"),
    ],
)
def test_a_wrong_pose_is_told_by_the_wall(
    healthy: SpectVolume, motion: RigidPose, words: str
) -> None:
    found = trace_ventricle(healthy, compose(POSE, motion))
    assert any(words in reason for reason in reasons_to_review(found, healthy))
    assert reasons_to_review(trace_ventricle(healthy, POSE), healthy) == ()


def test_the_area_of_the_map_is_that_of_the_wall(traced: TracedVentricle) -> None:
    shell = Shell()
    turn = np.linspace(0, np.pi / 2, 2000)
    radius = shell.radius_mm * np.sin(turn)
    z = -shell.axial_mm * np.cos(turn)
    steps = np.hypot(np.diff(radius), np.diff(z))
    cap = (2 * np.pi * (radius[1:] + radius[:-1]) / 2 * steps).sum()
    # The map ends where the wall begins to fade.
    tube = 2 * np.pi * shell.radius_mm * (shell.axial_mm / 2 - WALL_MM / 2)
    assert traced.polar_map.area_mm2.sum() == pytest.approx(cap + tube, rel=0.06)


def test_a_hot_organ_beside_the_heart_is_not_taken_for_wall(
    healthy: SpectVolume, traced: TracedVentricle
) -> None:
    cardiac = POSE.to_cardiac(_points(healthy))
    organ = np.linalg.norm(cardiac - np.array([0.0, 62.0, 0.0]), axis=-1) < 22
    hot = SpectVolume(healthy.counts + 250.0 * organ, healthy.patient_from_index)
    found = trace_ventricle(hot, POSE)
    apart = np.abs(found.surface.distance_mm - traced.surface.distance_mm)
    assert np.percentile(apart, 95) < 2.0
    assert found.ends.valve_z_mm == pytest.approx(traced.ends.valve_z_mm, abs=2.0)


def test_the_surface_goes_on_through_a_wall_that_is_not_seen(traced: TracedVentricle) -> None:
    gone = in_segments(*Territory.RIGHT_CORONARY.value, left=0.0)
    found = trace_ventricle(draw_shell(patient_grid(), POSE, uptake=gone), POSE)
    apart = np.abs(found.surface.distance_mm - traced.surface.distance_mm)
    assert np.percentile(apart, 95) < 4.0
    assert found.surface.clearness.min() < 0.1
    assert found.ends.valve_z_mm == pytest.approx(traced.ends.valve_z_mm, abs=3.0)


@pytest.mark.parametrize("counts", [0.0, 7.0])
def test_a_volume_without_a_wall_gives_a_map_and_no_error(counts: float) -> None:
    grid = patient_grid(8.0)
    flat = SpectVolume(np.full(grid.shape, counts), grid.patient_from_index)
    found = trace_ventricle(flat, POSE)
    assert np.isfinite(found.polar_map.uptake_percent).all()
    assert found.surface.clearness.max() < 0.4


# The map, the right way round


@pytest.mark.parametrize("number", [each.number for each in SEGMENTS])
def test_a_defect_appears_in_its_segment(number: int) -> None:
    volume = draw_shell(patient_grid(), POSE, uptake=in_segments(number))
    uptakes = segment_uptakes(trace_ventricle(volume, POSE).polar_map)
    assert min(uptakes, key=uptakes.__getitem__) == number
    # Blur fills a defect the more, the smaller its segment is.
    assert uptakes[number] < {Ring.APEX: 82, Ring.APICAL: 55}.get(SEGMENTS[number - 1].ring, 45)


def test_short_axis_slices_give_the_map_of_the_transaxial_study() -> None:
    volume = draw_shell(patient_grid(), POSE, uptake=in_segments(5, 11))
    slices = volume.resampled(view_grid(CardiacView.SHORT_AXIS, POSE, (44, 48, 48), 4.0))
    from_slices = trace_ventricle(slices, POSE).polar_map.uptake_percent
    from_study = trace_ventricle(volume, POSE).polar_map.uptake_percent
    assert np.abs(from_slices - from_study).mean() < 3


@settings(max_examples=10, deadline=None)
@given(turn=st.tuples(*[st.floats(-60, 60)] * 3), shift=st.tuples(*[st.floats(-12, 12)] * 3))
def test_the_map_does_not_depend_on_how_the_patient_lies(
    turn: tuple[float, ...], shift: tuple[float, ...]
) -> None:
    pose = RigidPose(
        Rotation.from_rotvec(turn, degrees=True).as_matrix() @ POSE.patient_from_cardiac,
        POSE.center_mm + np.array(shift),
    )
    uptake = in_segments(8, 9, left=0.4)
    maps = [
        trace_ventricle(draw_shell(patient_grid(), each, uptake=uptake), each).polar_map
        for each in (POSE, pose)
    ]
    first, second = (each.uptake_percent for each in maps)
    assert np.abs(first - second).mean() < 2.5


def test_a_pose_rolled_by_a_quarter_rolls_the_map_by_a_quarter(healthy: SpectVolume) -> None:
    volume = draw_shell(patient_grid(), POSE, uptake=in_segments(7, 13))
    quarter = Rotation.from_euler("z", 90, degrees=True).as_matrix()
    rolled = RigidPose(POSE.patient_from_cardiac @ quarter, POSE.center_mm)
    straight = trace_ventricle(volume, POSE).polar_map.uptake_percent
    turned = trace_ventricle(volume, rolled).polar_map.uptake_percent
    np.testing.assert_allclose(np.roll(turned, straight.shape[1] // 4, axis=1), straight, atol=2)


def test_counts_times_a_factor_change_nothing_but_counts(traced: TracedVentricle) -> None:
    volume = draw_shell(patient_grid(), POSE)
    brighter = SpectVolume(volume.counts * 1000, volume.patient_from_index)
    found = trace_ventricle(brighter, POSE).polar_map
    np.testing.assert_allclose(
        found.uptake_percent, traced.polar_map.uptake_percent, rtol=1e-4, atol=1e-3
    )


def test_a_mirrored_wall_gives_mirrored_segments(healthy: SpectVolume) -> None:
    """No segment has more of a border than its mirror image has."""

    def uptake(heights: FloatArray, angles: FloatArray) -> FloatArray:
        return np.where(np.abs((angles + 90 + 180) % 360 - 180) < 60, 0.4, 1.0)

    volume = draw_shell(patient_grid(), POSE, uptake=uptake)
    found = segment_uptakes(trace_ventricle(volume, POSE).polar_map)
    for one, other in ((2, 6), (3, 5), (8, 12), (9, 11), (14, 16)):
        assert found[one] == pytest.approx(found[other], abs=2.5), (one, other)


def test_the_drawing_has_anterior_up_and_the_septum_left() -> None:
    from matplotlib.figure import Figure

    polar_map = a_map(np.full((LEVELS, 48), 100.0))
    for number, (x, y) in {7: (0, -0.6), 10: (0, 0.6), 8: (-0.5, -0.3), 11: (0.5, 0.3)}.items():
        counts = np.where(polar_map.segments == number, 20.0, 100.0)
        mesh = draw_polar_map(Figure().subplots(), a_map(counts))
        values = np.asarray(mesh.get_array()).reshape(LEVELS, 48)
        corners = mesh.get_coordinates()
        np.testing.assert_allclose(corners[:, 0], corners[:, -1], atol=1e-9)
        middles = (corners[1:, 1:] + corners[:-1, :-1]) / 2
        nearest = np.hypot(middles[..., 0] - x, middles[..., 1] - y).argmin()
        assert values.ravel()[nearest] == values.min(), number


# What is read off a map


def a_map(uptake: FloatArray) -> PolarMap:
    """A map in which every sample stands for the same area, and 100 is 100 per cent."""
    return PolarMap(
        np.linspace(0.06, 0.94, LEVELS), uptake, np.ones_like(uptake), np.ones_like(uptake)
    )


@given(part=st.integers(0, LEVELS * 48 // 2))
def test_the_part_below_half_is_one_of_the_area(part: int) -> None:
    counts = np.full((LEVELS, 48), 100.0)
    counts.ravel()[:part] = 49.0
    assert part_below(a_map(counts)) == pytest.approx(part / counts.size)


def test_scores_by_fixed_bands_add_up() -> None:
    counts = np.full((LEVELS, 48), 100.0)
    healthy = a_map(counts)
    assert fixed_band_severity(healthy).summed_score == 0
    lost = counts.copy()
    lost[np.isin(healthy.segments, (1, 7))] = 40.0
    found = fixed_band_severity(a_map(lost))
    scores = found.segment_scores
    assert {number: score for number, score in scores.items() if score} == {1: 2, 7: 2}
    assert found.summed_score == 4
    assert found.percent_myocardium == pytest.approx(100 * 4 / 68)
    assert found.territory_deficit(Territory.LEFT_ANTERIOR_DESCENDING) > 0
    assert found.territory_deficit(Territory.LEFT_CIRCUMFLEX) == 0


def test_every_sample_of_a_map_lies_in_one_segment() -> None:
    numbers = a_map(np.ones((LEVELS, 48))).segments
    assert set(numbers.ravel()) == set(range(1, 18))


def test_segments_stand_where_the_statement_puts_them() -> None:
    """Anterior up, septum left: segment 1 above, 3 lower left, 5 lower right."""
    angles = {each.number: each.angle_deg for each in SEGMENTS}
    on_screen = {
        number: (np.cos(np.deg2rad(a)), np.sin(np.deg2rad(a))) for number, a in angles.items()
    }
    assert on_screen[1][1] < -0.9
    assert on_screen[4][1] > 0.9
    assert on_screen[3][0] < -0.5 < 0.4 < on_screen[3][1]
    assert on_screen[5][0] > 0.5
    assert on_screen[14][0] < -0.9
    assert {each.ring for each in SEGMENTS if each.number <= 6} == {Ring.BASAL}


def test_codes_are_those_of_the_dictionary_of_dicom() -> None:
    from pydicom.sr._cid_dict import cid_concepts
    from pydicom.sr.codedict import codes

    names = cid_concepts[3717]["SCT"]
    known = {getattr(codes.SCT, name).value: getattr(codes.SCT, name).meaning for name in names}
    for each in SEGMENTS:
        words = known[each.sct].lower()
        assert all(word in words for word in each.name.split()), (each.name, words)


def test_a_map_without_its_shape_is_refused() -> None:
    good = a_map(np.ones((LEVELS, 48)))
    with pytest.raises(GeometryError):
        replace(good, counts=np.ones((3, 48)))
    with pytest.raises(GeometryError):
        replace(good, area_mm2=np.zeros((LEVELS, 48)))


def _points(volume: SpectVolume) -> FloatArray:
    index = np.moveaxis(np.indices(volume.shape).astype(float), 0, -1)
    return apply_affine(volume.patient_from_index, index)
