"""What a patient who moved leaves in a reconstruction, and that the flag says so."""

from __future__ import annotations

import json

import numpy as np
import pytest

from drawn_heart import DrawnHeart, draw_study, transaxial_grid
from drawn_study import study_pose, study_volume
from shortaxis.anatomy.heart_sizes import HALF_WALL_MM
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.reorientation.judgement import (
    DEFAULT_FILE,
    default_judgement,
    judgement_from_record,
    record_from_judgement,
)
from shortaxis.reorientation.motion_evidence import MOTION_FEATURES, MotionRule, motion_features
from shortaxis.reorientation.myocardium_field import smoothed
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.reorientation.quality import Limit, Measure
from shortaxis.reorientation.wall_edges import WallEdges, wall_edges
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights
from shortaxis.spect.volume import SpectVolume
from smeared import JUMP_MM, smeared

HEART = DrawnHeart()
EXTENT = LeftVentricleExtent(HEART.length_mm, HEART.radius_mm - HALF_WALL_MM)

AXIAL, LATERAL = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)


def drawn(**heart: float) -> SpectVolume:
    return draw_study(
        transaxial_grid(), study_pose(), DrawnHeart(**heart), counts_per_voxel=400, seed=1
    )


def edges_of(volume: SpectVolume) -> WallEdges:
    return wall_edges(smoothed(volume), study_pose(), EXTENT)


def crept(
    volume: SpectVolume, direction: tuple[float, float, float], reach_mm: float
) -> SpectVolume:
    """Smeared evenly about the place where it is."""
    places = [np.array(direction) * part * reach_mm for part in np.linspace(-0.5, 0.5, 7)]
    return smeared(volume, places)


def limit() -> Limit:
    limits = default_judgement().limits
    return next(each for each in limits if each.measure is Measure.MOTION)


# Edges.


def test_a_wall_without_a_defect_is_bright_all_round() -> None:
    assert edges_of(drawn()).bright_part == pytest.approx(1)
    assert edges_of(drawn(defect_uptake=0.2)).bright_part < 0.97


@pytest.mark.parametrize("direction", [AXIAL, LATERAL], ids=["axial", "lateral"])
def test_the_farther_it_is_smeared_the_softer_the_edges(direction) -> None:
    still, near, far = (
        edges_of(crept(drawn(), direction, reach_mm)).softest_per_mm for reach_mm in (0, 12, 24)
    )

    assert still > near > far


def test_walls_that_face_the_way_of_the_motion_fade() -> None:
    still, smeared_ = (edges_of(volume) for volume in (drawn(), crept(drawn(), AXIAL, 24)))

    assert smeared_.faint_level < still.faint_level - 0.05


@pytest.mark.parametrize("factor", [1e-3, 50.0])
def test_edges_do_not_depend_on_the_scale_of_the_counts(factor: float) -> None:
    volume = drawn()
    scaled = SpectVolume(volume.counts * np.float32(factor), volume.patient_from_index)

    found, expected = edges_of(scaled), edges_of(volume)

    assert found.softest_per_mm == pytest.approx(expected.softest_per_mm, rel=1e-3)
    assert found.faint_level == pytest.approx(expected.faint_level, rel=1e-3)


def test_edges_do_not_depend_on_how_voxels_are_stored() -> None:
    volume = drawn()
    turned = SpectVolume(
        np.transpose(volume.counts, (2, 0, 1)), volume.patient_from_index[:, [2, 0, 1, 3]]
    )

    assert edges_of(turned).softest_per_mm == pytest.approx(edges_of(volume).softest_per_mm)


def test_an_empty_place_has_edges_that_are_numbers() -> None:
    volume = drawn()
    empty = SpectVolume(np.zeros(volume.shape) + np.float32(1e-9), volume.patient_from_index)

    found = wall_edges(empty, study_pose(), EXTENT)

    assert all(np.isfinite(list(motion_features(2.0, 5.0, 0.05, found).values())))


# The rule.


def test_log_odds_are_the_weighted_sum() -> None:
    weights = dict(zip(MOTION_FEATURES, (2.0, -0.5, 10.0, -3.0, 1.0, 5.0), strict=True))
    edges = WallEdges(np.exp(-0.1), softest_per_mm=np.exp(-2), faint_level=np.exp(-0.2))

    features = motion_features(np.e, 4.0, np.exp(-3), edges)

    # 1 + 2 * 1 - 0.5 * 4 - 10 * 0.1 + 3 * 0.2 - 1 * 2 - 5 * 3
    assert MotionRule(1.0, weights).log_odds(features) == pytest.approx(-16.4)


def test_noise_that_is_not_known_gives_log_odds_that_no_limit_accepts() -> None:
    rule = default_judgement().motion

    odds = rule.log_odds(motion_features(2.0, 8.0, float("nan"), WallEdges(1.0, 0.1, 0.8)))

    assert not limit().accepts(odds)


@pytest.mark.parametrize(
    ("intercept", "changes", "words"),
    [
        (float("nan"), {}, "intercept"),
        (True, {}, "intercept"),
        (0.0, {"presence": float("inf")}, "presence"),
        (0.0, {"presence": "1"}, "presence"),
        (0.0, {"other": 1.0}, "other"),
    ],
)
def test_a_rule_that_is_none_is_refused(intercept, changes, words: str) -> None:
    coefficients = {**dict.fromkeys(MOTION_FEATURES, 1.0), **changes}

    with pytest.raises(ValueError, match=words):
        MotionRule(intercept, coefficients)


def test_a_rule_without_a_feature_is_refused() -> None:
    with pytest.raises(ValueError, match="not of"):
        MotionRule(0.0, {"presence": 1.0})


# Records.


def test_the_installed_record_holds_the_rule_and_limit_of_the_package() -> None:
    installed = find_weights(DEFAULT_WEIGHTS).judgement

    assert installed.motion == default_judgement().motion
    assert limit() in installed.limits


def test_a_record_of_before_gets_the_usual_rule_and_limit() -> None:
    record = record_from_judgement(default_judgement())
    del record["motion"]
    record["limits"] = [each for each in record["limits"] if each["measure"] != "motion"]

    assert judgement_from_record(record) == default_judgement()


def test_a_record_keeps_its_own_rule() -> None:
    record = json.loads(DEFAULT_FILE.read_text(encoding="utf-8"))
    record["motion"]["intercept"] = -99.5

    assert judgement_from_record(record).motion.intercept == -99.5


@pytest.mark.parametrize(
    "motion", [None, {}, {"intercept": 1}, {"intercept": 1, "coefficients": 2}]
)
def test_a_damaged_rule_is_refused(motion: object) -> None:
    record = {**record_from_judgement(default_judgement()), "motion": motion}

    with pytest.raises((ValueError, TypeError)):
        judgement_from_record(record)


# The flag.


def test_a_patient_who_lay_still_is_not_said_to_have_moved() -> None:
    measures = measured_estimate(study_volume())[1]

    assert limit().accepts(measures[Measure.MOTION])


@pytest.mark.parametrize("direction", [AXIAL, LATERAL], ids=["axial", "lateral"])
def test_a_patient_who_moved_far_is_said_to_have_moved(direction) -> None:
    jump = smeared(drawn(), [(0, 0, 0), np.array(direction) * JUMP_MM])

    estimate, measures = measured_estimate(jump)

    assert not limit().accepts(measures[Measure.MOTION])
    assert any("did the patient move?" in reason for reason in estimate.quality.reasons)
