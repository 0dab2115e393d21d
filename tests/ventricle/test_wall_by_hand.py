"""What an operator sets of a wall is kept, marked, and changes every number."""

from __future__ import annotations

import numpy as np
import pytest

from shortaxis.errors import GeometryError, OptionError
from shortaxis.ventricle.by_hand import (
    Neighbour,
    PushedPlace,
    WallByHand,
    with_hand,
    without_neighbours,
)
from shortaxis.ventricle.by_hand_record import by_hand_from_record, by_hand_to_record
from wall_scenes import POSE, bullet_surfaces, hot_bullet

SURFACES = bullet_surfaces(20.0, 30.0, 31.0)


def lps(*cardiac: float) -> tuple[float, float, float]:
    x, y, z = POSE.to_patient(np.array(cardiac)).tolist()
    return x, y, z


def radius_at(radius_mm: np.ndarray, z: float, angle: int) -> float:
    return float(np.interp(z, -12 + 5 * np.arange(20), radius_mm[8:, angle]))


def test_nothing_set_changes_nothing() -> None:
    assert with_hand(SURFACES, WallByHand()) is SURFACES


def test_a_valve_plane_that_is_set_cuts_the_cavity_there() -> None:
    hand = WallByHand(valve_center_mm=lps(0, 0, 21), valve_normal=(0, 0, 1))

    made = with_hand(SURFACES, hand)

    assert made.valve.on_axis_mm == pytest.approx(21)
    assert SURFACES.cavity_ml - made.cavity_ml == pytest.approx(np.pi * 20**2 * 10 / 1000, rel=0.01)
    assert made.set_by_hand == ("valve plane",)
    assert made.bounds is None
    assert not made.is_wall[8 + 7 :].any()


def test_a_valve_plane_further_out_finds_wall_that_was_beyond_the_old_one() -> None:
    hand = WallByHand(valve_center_mm=lps(0, 0, 41), valve_normal=(0.1, 0, 1))

    made = with_hand(SURFACES, hand)

    assert made.is_wall.sum() > SURFACES.is_wall.sum()
    assert made.is_seen.sum() == SURFACES.is_seen.sum()
    assert made.wall_ml > SURFACES.wall_ml


def test_an_apex_that_is_set_takes_the_wall_along() -> None:
    made = with_hand(SURFACES, WallByHand(apex_mm=lps(0, 0, -48)))

    assert made.apex_z_mm == pytest.approx(-48, abs=0.6)
    assert made.thickness_mm[0] == pytest.approx(SURFACES.thickness_mm[0])
    assert made.length_mm == pytest.approx(SURFACES.length_mm + 6, abs=0.6)
    np.testing.assert_allclose(made.epicardium_mm[16:], SURFACES.epicardium_mm[16:], atol=0.1)


@pytest.mark.parametrize("angle", [0.0, 52.5])
def test_a_surface_that_is_pushed_passes_the_point_and_stays_elsewhere(angle: float) -> None:
    turn = np.deg2rad(angle)
    point = lps(25 * np.cos(turn), 25 * np.sin(turn), 5.5)

    made = with_hand(SURFACES, WallByHand(pushed=(PushedPlace("endocardium", point),)))

    near = round(angle / 15) % 24
    assert radius_at(made.endocardium_mm, 5.5, near) == pytest.approx(25, abs=0.6)
    assert radius_at(made.endocardium_mm, 5.5, (near + 12) % 24) == pytest.approx(20, abs=0.1)
    np.testing.assert_allclose(made.epicardium_mm, SURFACES.epicardium_mm)
    assert made.cavity_ml > SURFACES.cavity_ml


def test_the_middle_takes_both_surfaces_along() -> None:
    made = with_hand(SURFACES, WallByHand(pushed=(PushedPlace("middle", lps(31, 0, 3)),)))

    assert radius_at(made.middle_mm, 3, 0) == pytest.approx(31, abs=0.3)
    np.testing.assert_allclose(made.thickness_mm, SURFACES.thickness_mm)


@pytest.mark.parametrize(("surface", "to"), [("endocardium", 36.0), ("epicardium", 15.0)])
def test_a_surface_pushed_through_the_other_one_takes_it_along(surface: str, to: float) -> None:
    made = with_hand(SURFACES, WallByHand(pushed=(PushedPlace(surface, lps(to, 0, 3)),)))

    pushed = {"endocardium": made.endocardium_mm, "epicardium": made.epicardium_mm}[surface]
    assert radius_at(pushed, 3, 0) == pytest.approx(to, abs=0.3)
    assert made.thickness_mm.min() >= 1 - 1e-9


def test_a_valve_plane_has_no_sense_and_does_not_lie_along_the_axis() -> None:
    here, there = (
        with_hand(SURFACES, WallByHand(valve_center_mm=lps(0, 0, 20), valve_normal=(0.1, 0, sign)))
        for sign in (1, -1)
    )

    assert here.valve.normal[2] > 0
    assert there.valve.normal[2] > 0
    with pytest.raises(GeometryError, match="does not face the base"):
        with_hand(SURFACES, WallByHand(valve_center_mm=lps(0, 0, 20), valve_normal=(1, 0, 0)))


@pytest.mark.parametrize(
    "offset", [(0, 0, -150), (160, 0, 0), (-67_919.0, 2.0, 8_751.0), (0, 0, 9e4)]
)
@pytest.mark.parametrize("what", ["apex", "pushed", "valve plane"])
def test_what_lies_far_from_the_wall_is_refused(
    what: str, offset: tuple[float, float, float]
) -> None:
    point = lps(*offset)
    hand = {
        "apex": WallByHand(apex_mm=point),
        "pushed": WallByHand(pushed=(PushedPlace("endocardium", point),)),
        "valve plane": WallByHand(valve_center_mm=point, valve_normal=(0, 0, 1)),
    }[what]

    with pytest.raises(GeometryError, match="far from the wall"):
        with_hand(SURFACES, hand)


def test_a_neighbour_that_is_masked_is_as_cold_as_what_surrounds_it() -> None:
    volume = hot_bullet()
    hot = volume.counts.copy()
    away = np.linalg.norm(np.moveaxis(np.indices(hot.shape), 0, -1) - [24, 24, 42], axis=-1)
    hot[away < 3] = 500
    center = volume.patient_from_index @ np.array([24, 24, 42, 1.0])
    hand = WallByHand(neighbours=(Neighbour(tuple(center[:3].tolist()), 14.0),))

    masked = without_neighbours(type(volume)(hot, volume.patient_from_index), hand)

    assert masked.counts.max() == 100
    assert masked.counts[24, 24, 42] == 10
    np.testing.assert_array_equal(masked.counts[:, :, :30], hot[:, :, :30])
    assert with_hand(SURFACES, hand).set_by_hand == ("neighbours masked",)


def test_what_was_set_comes_back_from_its_record() -> None:
    hand = WallByHand(
        lps(0, 0, 20),
        (0.1, 0.2, 0.9),
        lps(0, 0, -40),
        (PushedPlace("epicardium", lps(30, 0, 0)),),
        (Neighbour(lps(60, 0, 0), 12.0),),
    )

    assert by_hand_from_record(by_hand_to_record(hand)) == hand
    assert by_hand_from_record({}) == WallByHand()


@pytest.mark.parametrize(
    "values",
    [
        {"apex_mm": [1, 2]},
        {"apex_mm": [1, 2, float("nan")]},
        {"valve_plane": {"center_mm": [0, 0, 0], "normal": [0, 0, 0]}},
        {"valve_plane": {"center_mm": [0, 0, 0]}},
        {"pushed": [{"surface": "atrium", "point_mm": [0, 0, 0]}]},
        {"neighbours": [{"center_mm": [0, 0, 0], "radius_mm": 1e9}]},
        {"pushed": [{"surface": "middle", "point_mm": [0, 0, 0]}] * 201},
        {"pushed": 3},
    ],
)
def test_what_no_page_sets_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(OptionError, match="not what a review page sets"):
        by_hand_from_record(values)
