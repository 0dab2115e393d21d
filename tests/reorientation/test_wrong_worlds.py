"""Worlds that are wrong under a header that was kept, and the measures that tell them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drawn_study import study_pose, study_volume
from evidence.measuring.robustness.worlds import (
    DIRECTIONS,
    EXCHANGES,
    SECOND_HEART_MM,
    WORLDS,
    cut_along,
    exchanged,
    reversed_along,
    stretched,
    with_second_heart,
)
from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.pose import RigidPose
from shortaxis.inference.onnx_session import BlockPrediction
from shortaxis.reorientation.judgement import (
    LATER_MEASURES,
    NETWORK_MEASURES,
    default_judgement,
    judgement_from_record,
    record_from_judgement,
)
from shortaxis.reorientation.network_estimate import measured_estimate, scaled_for_network
from shortaxis.reorientation.orientation_evidence import orientation_measures
from shortaxis.reorientation.quality import Limit, Measure
from shortaxis.reorientation.second_heart import NONE_ELSEWHERE, second_presence
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, load_cascade


def pose_at(alpha: float = 20, beta: float = 0, theta: float = 45) -> RigidPose:
    return pose_from_parameters(PoseParameters(0, 0, 0, alpha, beta, theta), np.zeros(3))


def limit_of(measure: Measure) -> Limit:
    return next(each for each in default_judgement().limits if each.measure is measure)


# Measures of the pose.


@pytest.mark.parametrize(("alpha", "theta", "angle"), [(0, 0, 0), (0, 45, 45), (-30, 0, 30)])
def test_the_angle_to_straight_forward_is_that_of_the_long_axis(alpha, theta, angle) -> None:
    measures = orientation_measures(pose_at(alpha=alpha, theta=theta), 0.4)

    assert measures[Measure.FORWARD_DEG] == pytest.approx(angle, abs=1e-4)


@pytest.mark.parametrize(("alpha", "above"), [(20, 0.4), (-5, 0.3), (3, 0.5)])
def test_upside_down_the_measure_of_uprightness_changes_its_sign(alpha, above) -> None:
    upright = orientation_measures(pose_at(alpha=alpha), above)[Measure.UPRIGHT_DEG]
    reversed_ = orientation_measures(pose_at(alpha=-alpha), 1 - above)[Measure.UPRIGHT_DEG]

    assert reversed_ == pytest.approx(-upright)
    assert limit_of(Measure.UPRIGHT_DEG).accepts(upright)
    assert limit_of(Measure.UPRIGHT_DEG).accepts(reversed_) is (upright <= 16)


def test_where_the_field_ends_the_elevation_alone_tells_what_is_upright() -> None:
    assert orientation_measures(pose_at(alpha=12), None)[Measure.UPRIGHT_DEG] == pytest.approx(12)


@pytest.mark.parametrize(
    ("beta", "above", "tipped_deg", "accepted"),
    [
        (10, 0.5, 30, True),
        (-30, 0.5, 70, False),
        # A steep heart that is rolled to the right, with the liver below it, is a patient's.
        (-22, 0.3, 45, True),
    ],
)
def test_a_heart_is_tipped_by_its_fall_its_roll_and_the_counts_together(
    beta: float, above: float, tipped_deg: float, accepted: bool
) -> None:
    found = orientation_measures(pose_at(alpha=40, beta=beta), above)[Measure.TIPPED_DEG]

    assert found == pytest.approx(tipped_deg)
    assert limit_of(Measure.TIPPED_DEG).accepts(found) is accepted


def test_where_the_field_ends_fall_and_roll_alone_tell_what_is_tipped() -> None:
    measures = orientation_measures(pose_at(alpha=40, beta=10), None)

    assert measures[Measure.TIPPED_DEG] == pytest.approx(30)


# A second heart.


def test_one_heart_has_no_second() -> None:
    _, cascade = load_cascade(DEFAULT_WEIGHTS)

    found = second_presence(cascade, scaled_for_network(study_volume()), study_pose())

    assert found < limit_of(Measure.SECOND_PRESENCE).highest


def test_the_search_ends_where_it_is_led_back_to_the_first() -> None:
    _, cascade = load_cascade(DEFAULT_WEIGHTS)
    asked = []

    def counted(crops: CountsArray) -> BlockPrediction:
        asked.append(len(crops))
        return cascade.refiner.predict(crops)

    counting = replace(cascade, refiner=replace(cascade.refiner, predict=counted))
    volume = scaled_for_network(study_volume())
    two = with_second_heart(SECOND_HEART_MM["to the right"], volume, study_pose())

    second_presence(counting, two, study_pose())
    of_two = len(asked)
    found = second_presence(counting, volume, study_pose())

    assert (of_two, len(asked)) == (2, 2)
    assert found == NONE_ELSEWHERE


@pytest.mark.parametrize("offset_mm", SECOND_HEART_MM.values(), ids=list(SECOND_HEART_MM))
def test_a_second_heart_is_found_and_is_a_reason(offset_mm: tuple[float, float, float]) -> None:
    two = with_second_heart(offset_mm, study_volume(), study_pose())

    estimate, measures = measured_estimate(two)

    assert measures[Measure.SECOND_PRESENCE] > limit_of(Measure.SECOND_PRESENCE).highest
    assert any("elsewhere too" in reason for reason in estimate.quality.reasons)


def test_what_is_left_of_the_first_heart_is_no_second() -> None:
    _, cascade = load_cascade(DEFAULT_WEIGHTS)
    near = with_second_heart((-30.0, 0.0, 0.0), study_volume(), study_pose())

    assert second_presence(cascade, scaled_for_network(near), study_pose()) <= max(
        NONE_ELSEWHERE, limit_of(Measure.SECOND_PRESENCE).highest
    )


# What a user is told.


def test_a_heart_that_points_to_the_right_is_for_review() -> None:
    limit = limit_of(Measure.AZIMUTH_DEG)

    assert [limit.accepts(each) for each in (-8, -0.5, 0.5, 8)] == [False, False, True, True]


def test_slices_cut_along_the_heart_are_told_from_transaxial_ones() -> None:
    cut = cut_along(CardiacView.HORIZONTAL_LONG_AXIS, study_volume(), study_pose())

    reasons = measured_estimate(cut)[0].quality.reasons

    assert any("cut along the heart already?" in reason for reason in reasons)


def test_pixels_that_are_not_square_are_a_reason_and_thick_slices_are_none() -> None:
    volume = study_volume()
    wide = stretched(DIRECTIONS["left-right"], 1.2, volume, study_pose())
    thick = stretched(DIRECTIONS["head-feet"], 1.2, volume, study_pose())

    told = [
        any("not square" in reason for reason in measured_estimate(each)[0].quality.reasons)
        for each in (volume, wide, thick)
    ]

    assert told == [False, True, False]


def test_the_right_world_gives_none_of_these_reasons() -> None:
    reasons = measured_estimate(study_volume())[0].quality.reasons

    assert not [
        each for each in LATER_MEASURES if any(limit_of(each).reason in one for one in reasons)
    ]


# Records of before.


def test_a_record_without_the_later_measures_gets_their_usual_limits() -> None:
    record = record_from_judgement(default_judgement())
    later = {measure.key for measure in LATER_MEASURES}
    record["limits"] = [each for each in record["limits"] if each["measure"] not in later]

    assert judgement_from_record(record) == default_judgement()


def test_a_record_that_limits_a_later_measure_keeps_its_own_limit() -> None:
    record = record_from_judgement(default_judgement())
    row = next(each for each in record["limits"] if each["measure"] == "forward_deg")
    row["lowest"] = 9.0
    last = Measure.SECOND_PRESENCE.key
    record["limits"] = [each for each in record["limits"] if each["measure"] != last]

    limits = {each.measure: each for each in judgement_from_record(record).limits}

    assert limits[Measure.FORWARD_DEG].lowest == 9.0
    assert set(limits) == set(NETWORK_MEASURES)


# The worlds themselves.


def test_worlds_have_different_names() -> None:
    names = [(world.group, world.name) for world in WORLDS]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("direction", DIRECTIONS.values(), ids=list(DIRECTIONS))
def test_what_is_reversed_twice_is_as_it_was(direction: int) -> None:
    volume, pose = study_volume(), study_pose()

    once = reversed_along([direction], volume, pose)
    twice = reversed_along([direction], once, pose)

    assert not np.array_equal(once.counts, volume.counts)
    assert np.array_equal(twice.counts, volume.counts)
    assert np.array_equal(once.patient_from_index, volume.patient_from_index)


@pytest.mark.parametrize("axes", EXCHANGES.values(), ids=list(EXCHANGES))
def test_exchanged_axes_keep_directions_and_spacing_of_the_header(axes: tuple[int, int]) -> None:
    volume, pose = study_volume(), study_pose()

    changed = exchanged(*axes, volume, pose)

    assert np.array_equal(changed.patient_from_index[:3, :3], volume.patient_from_index[:3, :3])
    assert changed.center_mm == pytest.approx(volume.center_mm)
    assert np.array_equal(changed.counts.swapaxes(*axes), volume.counts)
