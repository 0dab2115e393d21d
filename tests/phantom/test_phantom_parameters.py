"""Parameters are checked once, say what is wrong, and survive JSON."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import assume, given, settings

from phantom_strategies import phantoms
from shortaxis.errors import GeometryError, OptionError
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom import defects, heart, organs
from shortaxis.phantom.heart import (
    ApicalAneurysm,
    Heart,
    HeartMotion,
    LeftVentricle,
    PerfusionDefect,
    RightVentricle,
)
from shortaxis.phantom.organs import Body, BowelLoop, EllipsoidOrgan, Stomach
from shortaxis.phantom.phantom import Phantom, usual_pose
from shortaxis.phantom.ranges import RANGE
from shortaxis.phantom.record import phantom_from_record, phantom_to_record
from shortaxis.phantom.torso import Torso

REQUIRED = {
    BowelLoop: {"waypoints_mm": ((0, 0, 0), (1, 0, 0))},
    EllipsoidOrgan: {"center_mm": (0, 0, 0), "semi_axes_mm": (9, 9, 9)},
}

BOUNDED = sorted(
    {
        (kind, each.name)
        for room in (heart, organs, defects)
        for kind in vars(room).values()
        if isinstance(kind, type) and is_dataclass(kind)
        for each in fields(kind)
        if RANGE in each.metadata
    },
    key=str,
)


def rich_phantom() -> Phantom:
    ventricle = LeftVentricle(aneurysm=ApicalAneurysm(height=0.2), valve_tilt_deg=7.25)
    return Phantom(
        heart=Heart(
            left_ventricle=ventricle,
            defects=(PerfusionDefect(angle_deg=33.3), PerfusionDefect(severity=0.123)),
        ),
        torso=Torso(bowel=(BowelLoop(((0, 0, -10), (5, 5, -20)), uptake=3.0),)),
    )


def test_a_phantom_survives_json() -> None:
    phantom = rich_phantom()

    text = json.dumps(phantom_to_record(phantom))
    read = phantom_from_record(json.loads(text))

    assert read == phantom
    assert hash(read) == hash(phantom)


@settings(max_examples=20, deadline=None)
@given(phantoms())
def test_any_phantom_survives_json(phantom: Phantom | None) -> None:
    assume(phantom is not None)

    assert phantom_from_record(json.loads(json.dumps(phantom_to_record(phantom)))) == phantom


def test_phantoms_with_another_pose_or_heart_are_not_equal() -> None:
    moved = RigidPose(usual_pose().patient_from_cardiac, (40, -40, 0))

    assert Phantom() == Phantom()
    assert Phantom() != Phantom(pose=moved)
    assert Phantom() != rich_phantom()
    assert Phantom() != "a phantom"


def test_a_record_without_a_part_is_refused() -> None:
    record = phantom_to_record(Phantom())
    del record["torso"]

    with pytest.raises(OptionError, match="phantom record"):
        phantom_from_record(record)


def test_a_record_with_an_unknown_parameter_is_refused() -> None:
    record = phantom_to_record(Phantom())
    record["heart"]["motion"]["swing_mm"] = 3.0

    with pytest.raises(OptionError, match="HeartMotion"):
        phantom_from_record(record)


@pytest.mark.parametrize(("kind", "name"), BOUNDED)
def test_every_bounded_parameter_is_checked_on_both_sides(kind: type, name: str) -> None:
    (lowest, highest) = next(e.metadata[RANGE] for e in fields(kind) if e.name == name)

    for value in (lowest - 1, highest + 1, float("nan")):
        with pytest.raises(OptionError, match=name):
            kind(**REQUIRED.get(kind, {}), **{name: value})


def test_a_ventricle_without_a_cavity_is_refused() -> None:
    with pytest.raises(GeometryError, match="no cavity"):
        LeftVentricle(radius_mm=18, wall_mm=14)


def test_a_right_ventricle_that_begins_above_the_widest_height_is_refused() -> None:
    with pytest.raises(GeometryError, match="begins too high"):
        Heart(
            left_ventricle=LeftVentricle(widest_height=0.5),
            right_ventricle=RightVentricle(apex_height=0.5),
        )


def test_a_base_that_moves_further_than_the_heart_allows_is_refused() -> None:
    with pytest.raises(GeometryError, match="base moves too far"):
        Heart(left_ventricle=LeftVentricle(length_mm=60), motion=HeartMotion(base_excursion_mm=18))


def test_a_heart_outside_the_body_is_refused() -> None:
    pose = RigidPose(usual_pose().patient_from_cardiac, (54, -110, 0))

    with pytest.raises(GeometryError, match="outside the body"):
        Phantom(pose=pose)


def test_a_chest_wall_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(GeometryError, match="no room"):
        Torso(body=Body(half_depth_mm=100, fat_mm=60))


def test_points_are_three_finite_numbers() -> None:
    with pytest.raises(OptionError, match="center_mm"):
        Stomach(center_mm=(1, 2))
    with pytest.raises(OptionError, match="waypoint"):
        BowelLoop(((0, 0, 0), (0, 0, float("nan"))))
    with pytest.raises(OptionError, match="two waypoints"):
        BowelLoop(((0, 0, 0),))
    with pytest.raises(OptionError, match="semi-axes"):
        EllipsoidOrgan((0, 0, 0), (1, 20, 20))


def test_the_apex_lies_two_or_three_centimetres_inside_the_skin_of_a_normal_adult() -> None:
    phantom = Phantom()

    assert 20 <= phantom.depth_mm(phantom.apex_mm) <= 30


def test_depth_below_the_skin_is_that_of_a_circle_where_the_body_is_one() -> None:
    round_body = Body(half_width_mm=150, half_depth_mm=150, squareness=2, taper_per_m=0)
    phantom = Phantom(torso=Torso(body=round_body))

    assert phantom.depth_mm((60, -80, 5)) == pytest.approx(50)
    assert phantom.depth_mm((0, 0, 0)) == pytest.approx(150)
    assert phantom.depth_mm((0, 170, 0)) == pytest.approx(-20)
