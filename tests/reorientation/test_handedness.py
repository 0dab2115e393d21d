"""Which way round a volume lies: what energies mean, how much must be seen, what a user is told."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.cube_symmetries import AS_IT_IS, FLIPS, ORDERS, WayRound
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.handedness import Handedness, HandednessRule, judged
from shortaxis.reorientation.handedness_check import HandednessCheck
from shortaxis.reorientation.handedness_words import handedness_reasons
from shortaxis.reorientation.network_grid import NetworkGrid, SmoothedVolume
from shortaxis.reorientation.pose_record import record_from_estimate
from shortaxis.reorientation.seen_shell import seen_shell_part
from shortaxis.spect.volume import SpectVolume

RULE = HandednessRule(1.0, 1.0, 0.0, 0.0, 0.6)

GRIDS = (NetworkGrid(8, 12.8, 60.0), NetworkGrid(8, 6.4, 60.0))


def energies_for(order: int, flip: int, height: float = 9.0) -> np.ndarray:
    energies = np.zeros((len(ORDERS), len(FLIPS)), dtype=np.float32)
    energies[order, flip] = height
    return energies


def full_volume(shape: tuple[int, int, int] = (64, 64, 64), voxel_mm: float = 4.0) -> SpectVolume:
    """Counts everywhere; slices to the feet, the middle at the origin."""
    axes = np.array([(0, 0, -1.0), (0, 1.0, 0), (1.0, 0, 0)])
    origin = -(axes.T * voxel_mm) @ ((np.array(shape) - 1) / 2)
    counts = np.ones(shape, dtype=np.float32)
    return SpectVolume(counts, affine_from_axes(axes, voxel_mm, origin))


def looking(energies: np.ndarray, rule: HandednessRule = RULE) -> HandednessCheck:
    return HandednessCheck(GRIDS, lambda crops: np.stack([energies] * len(crops)), rule)


# What energies mean.


def test_odds_are_differences_of_energies() -> None:
    found = judged(energies_for(0, 0, height=5.0), RULE, 1.0)

    assert found.log_odds == pytest.approx(5.0 - math.log(7))
    # e to the 5 and seven ones in the right order, five times eight in the others.
    assert found.order_log_odds == pytest.approx(math.log((math.e**5 + 7) / 40))
    assert found.likeliest == AS_IT_IS
    assert found.verdict == "as it is"


@pytest.mark.parametrize("flip", range(1, len(FLIPS)))
def test_the_likeliest_flip_is_named(flip: int) -> None:
    found = judged(energies_for(0, flip), RULE, 1.0)

    assert found.likeliest == WayRound(ORDERS[0], FLIPS[flip])
    assert found.verdict == "mirrored"


@pytest.mark.parametrize(("order", "flip"), [(1, 0), (3, 5), (5, 7)])
def test_the_likeliest_order_is_named_with_its_flip(order: int, flip: int) -> None:
    found = judged(energies_for(order, flip), RULE, 1.0)

    assert found.likeliest == WayRound(ORDERS[order], FLIPS[flip])
    assert found.verdict == "exchanged"


def test_a_higher_temperature_makes_odds_smaller() -> None:
    surer = judged(energies_for(0, 1), RULE, 1.0)
    milder = judged(energies_for(0, 1), replace(RULE, temperature=3.0), 1.0)

    assert surer.log_odds is not None
    assert milder.log_odds is not None
    assert surer.log_odds < milder.log_odds < 0


def test_what_the_limit_lets_pass_is_as_it_is() -> None:
    lenient = replace(RULE, mirrored_below=-20.0)

    assert judged(energies_for(0, 1), lenient, 1.0).likeliest == AS_IT_IS


@pytest.mark.parametrize(
    ("height", "limit", "is_sure"),
    [(9.0, 3.0, True), (9.0, 8.0, False), (0.0, 3.0, False), (9.0, None, False)],
)
def test_the_way_round_is_sure_where_both_odds_reach_the_limit(
    height: float, limit: float | None, is_sure: bool
) -> None:
    # Of nine among seven ones: log odds of 7.1 between flips, 5.3 between orders.
    found = judged(energies_for(0, 0, height), replace(RULE, sure_above=limit), 1.0)

    assert found.is_sure is is_sure


@pytest.mark.parametrize(("order", "flip"), [(0, 1), (1, 0)])
def test_another_way_round_is_never_sure_to_be_right(order: int, flip: int) -> None:
    assert not judged(energies_for(order, flip), replace(RULE, sure_above=3.0), 1.0).is_sure


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sure_above", float("nan")),
        ("sure_above", "3"),
        ("temperature", 0.0),
        ("order_temperature", -1.0),
        ("temperature", float("nan")),
        ("mirrored_below", float("inf")),
        ("exchanged_below", "0"),
        ("seen_part", 1.1),
        ("seen_part", True),
    ],
)
def test_a_rule_out_of_range_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match="handedness"):
        replace(RULE, **{name: value})


# How much is seen.


def test_in_a_large_field_all_of_the_shell_is_seen() -> None:
    assert seen_shell_part(full_volume(), np.zeros(3)) == 1.0


@pytest.mark.parametrize("half_mm", [30.0, 60.0])
def test_between_two_planes_the_part_is_that_of_a_shell(half_mm: float) -> None:
    """Of a sphere of radius r between planes at +-h the part h / r is seen, so of the shell
    3 h (R2^2 - R1^2) / (2 (R2^3 - R1^3)) where h is below the inner radius."""
    volume = SpectVolume(
        np.ones((round(2 * half_mm / 2), 128, 128), np.float32),
        affine_from_axes(
            np.array([(0, 0, 1.0), (0, 1.0, 0), (1.0, 0, 0)]), 2.0, (-127, -127, 1 - half_mm)
        ),
    )
    expected = 3 * half_mm * (100**2 - 60**2) / (2 * (100**3 - 60**3))

    assert seen_shell_part(volume, np.zeros(3)) == pytest.approx(expected, abs=0.05)


def test_what_is_zero_outside_a_round_field_is_not_seen_and_single_zeros_are() -> None:
    volume = full_volume()
    indices = np.indices(volume.shape) - 31.5
    near = (indices**2).sum(axis=0) * 16 < 80**2
    holes = np.random.default_rng(2).random(volume.shape) < 0.4
    round_field = SpectVolume(np.where(near, volume.counts, 0), volume.patient_from_index)
    with_holes = SpectVolume(
        np.where(near & ~holes, 1, 0).astype(np.float32), volume.patient_from_index
    )

    found = seen_shell_part(round_field, np.zeros(3))

    # The shell from 60 to 80 mm, and at most a voxel more at the rim.
    lowest, highest = ((far**3 - 60**3) / (100**3 - 60**3) for far in (80, 84))
    assert lowest - 0.03 < found < highest + 0.03
    assert seen_shell_part(with_holes, np.zeros(3)) == pytest.approx(found, abs=0.03)


def test_with_too_little_seen_nothing_is_said() -> None:
    check = looking(energies_for(0, 1))
    cut = SpectVolume(full_volume().counts[:12], full_volume().patient_from_index)

    found = check.look(SmoothedVolume(cut), cut.center_mm)

    assert not found.can_tell
    assert not found.is_doubted
    assert found.verdict == "cannot tell"
    assert handedness_reasons(found, RULE) == ()


# What a user is told.


def reason_of(energies: np.ndarray) -> str:
    found = looking(energies).look(SmoothedVolume(full_volume()), np.zeros(3))
    (reason,) = handedness_reasons(found, RULE)
    return reason


@pytest.mark.parametrize(
    ("flip", "words"),
    [
        (1, "head and feet look exchanged: state --flip slices, or take it back ("),
        (2, "front and back look exchanged: state --flip rows, or take it back ("),
        (3, "left and right look exchanged: state --flip columns, or take it back, unless the "),
        (5, "head and feet, left and right look exchanged: state --flip slices --flip columns,"),
    ],
)
def test_the_reason_names_the_sides_and_the_option(flip: int, words: str) -> None:
    assert reason_of(energies_for(0, flip)).startswith(words)


def test_a_patient_whose_organs_lie_mirrored_is_thought_of() -> None:
    assert "situs inversus" in reason_of(energies_for(0, 3))
    assert "situs inversus" not in reason_of(energies_for(0, 1))


def test_exchanged_axes_are_stated_by_three_letters() -> None:
    # Rows and columns exchanged: what the file takes for columns runs to the back.
    assert reason_of(energies_for(ORDERS.index((0, 2, 1)), 0)).startswith(
        "axes look exchanged: state --orientation PLI ("
    )


def test_the_reason_gives_odds_and_limit() -> None:
    assert reason_of(energies_for(0, 1)).endswith(
        "(log odds of the file's way round -9.0, at least 0)"
    )


def test_the_right_world_gives_no_reason() -> None:
    found = looking(energies_for(0, 0)).look(SmoothedVolume(full_volume()), np.zeros(3))

    assert handedness_reasons(found, RULE) == ()


# What pose.json holds.


def record_with(handedness: Handedness | None) -> dict:
    estimate = PoseEstimate(RigidPose(np.eye(3), np.zeros(3)), "network", handedness=handedness)
    return record_from_estimate(estimate, np.zeros(3))


@pytest.mark.parametrize("handedness", [None, judged(energies_for(0, 0), RULE, 0.9)])
def test_a_right_world_adds_nothing_to_the_record(handedness: Handedness | None) -> None:
    assert "handedness" not in record_with(handedness)


def test_a_mirrored_world_is_in_the_record_with_what_to_state() -> None:
    found = looking(energies_for(0, 1)).look(SmoothedVolume(full_volume()), np.zeros(3))

    record = record_with(found)["handedness"]

    assert record["verdict"] == "mirrored"
    assert record["stated"] == {"flips": ["slices"]}
    assert record["log_odds"] == pytest.approx(-9.0, abs=0.01)


def test_a_field_that_is_too_small_is_in_the_record() -> None:
    assert record_with(Handedness(0.41))["handedness"] == {
        "verdict": "cannot tell",
        "seen_part": 0.41,
    }


def test_the_network_sees_the_surroundings_in_the_axes_of_the_patient() -> None:
    shown: list[np.ndarray] = []

    def keep(crops: np.ndarray) -> np.ndarray:
        shown.append(crops)
        return energies_for(0, 0)[np.newaxis]

    volume = full_volume()
    counts = volume.counts.copy()
    # Nearer to the head than the middle: slices run to the feet.
    counts[:20] = 5.0
    check: Callable[..., Handedness] = HandednessCheck(GRIDS, keep, RULE).look
    check(SmoothedVolume(SpectVolume(counts, volume.patient_from_index)), np.zeros(3))

    ((coarse, _),) = shown[0][np.newaxis, 0]
    assert coarse[-1].mean() > coarse[0].mean()
