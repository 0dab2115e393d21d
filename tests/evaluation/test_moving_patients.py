"""Courses of patients who move, and what is counted of what is found in their exams."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

from scipy.spatial.distance import pdist

from drawn_heart import DrawnHeart, transaxial_grid
from drawn_study import study_pose, study_volume
from evidence.measuring.pose.exam_alterations import Exam
from evidence.measuring.robustness import calibration_exams
from evidence.measuring.robustness.attack import alter, counted, smear
from evidence.measuring.robustness.moving_exams import still_exam_at
from evidence.measuring.robustness.moving_patients import MOVING, STILL, curve, share, summary
from evidence.measuring.robustness.patient_courses import (
    DIRECTIONS,
    FARTHEST_MM,
    KINDS,
    sample_course,
    still_scenario,
)
from evidence.measuring.training import motion_rule
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.seed_ranges import CALIBRATION, SELECTION, TEST
from shortaxis.spect.volume import SpectVolume

SEEDS = range(6_400_000, 6_400_400)
STEPS = 32


def row(distance_mm: float, motion: float | None = -5.0, *reasons: str, failed: bool = False):
    errors = None if motion is None else [20.0 if failed else 2.0, 3.0]
    return {
        "distance_mm": distance_mm, "motion": motion, "reasons": list(reasons), "errors": errors,
        "is_failure": failed,
    }  # fmt: skip


# Courses.


def test_the_farthest_two_places_lie_as_far_apart_as_the_course_says() -> None:
    for seed in SEEDS[:60]:
        course = sample_course(seed, STEPS)
        assert pdist(course.shifts_mm).max() == pytest.approx(course.distance_mm, abs=0.02)


def test_distances_are_even_up_to_the_farthest() -> None:
    distances = [sample_course(seed, STEPS).distance_mm for seed in SEEDS]

    bins, _ = np.histogram(distances, np.arange(0, FARTHEST_MM + 1, 5))
    assert bins.tolist() == [len(SEEDS) // 8] * 8


def test_distances_are_the_same_in_stress_and_in_rest() -> None:
    means = [
        np.mean([sample_course(seed, STEPS).distance_mm for seed in SEEDS[half::2]])
        for half in (0, 1)
    ]

    assert means[0] == pytest.approx(means[1], abs=2)


def test_every_kind_and_direction_is_drawn() -> None:
    courses = [sample_course(seed, STEPS) for seed in SEEDS]

    assert {course.kind for course in courses} == set(KINDS)
    assert {course.direction for course in courses} == set(DIRECTIONS)


def test_the_same_seed_gives_the_same_course() -> None:
    first, second = (sample_course(SEEDS[7], STEPS).shifts_mm for _ in range(2))

    assert np.array_equal(first, second)


def test_patients_of_courses_have_no_other_motion() -> None:
    moved = [still_scenario("clinical", seed).acquisition.motion.shift_mm for seed in SEEDS]

    assert not any(moved)


def test_what_is_fitted_on_is_not_what_is_measured_on() -> None:
    SELECTION.require(range(motion_rule.MOVING.first_seed, motion_rule.MOVING.first_seed + 180))
    fitted: set[int] = set()
    for _, cohort, _ in motion_rule.STILL:
        seeds = range(cohort.first_seed, cohort.first_seed + cohort.count)
        CALIBRATION.require(seeds)
        fitted |= set(seeds)
    for cohort in MOVING.values():
        TEST.require(range(cohort.first_seed, cohort.first_seed + cohort.count))
    for cohort in STILL.values():
        assert not fitted & set(range(cohort.first_seed, cohort.first_seed + cohort.count))


@pytest.mark.parametrize(("asked", "version"), [((), 1), ((2,), 2)])
def test_still_exams_are_of_version_1_unless_another_is_asked_for(
    asked: tuple[int, ...], version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[ExamScenario] = []
    monkeypatch.setattr(calibration_exams, "simulate", drawn.append)
    monkeypatch.setattr(calibration_exams, "write_exam", lambda *_: None)

    still_exam_at(tmp_path, "still", "clinical", 7_980_000, *asked)

    assert drawn == [sample_scenario("clinical", 7_980_000, version=version)]


# Counting.


def test_shares_come_with_their_interval() -> None:
    # Wilson, 90 %: (p + z2/2n +- z sqrt(pq/n + z2/4n2)) / (1 + z2/n) with z = 1.645, n = 10.
    z2 = 1.6448536**2
    half = np.sqrt(z2) * np.sqrt(0.3 * 0.7 / 10 + z2 / 400)
    ends = [(0.3 + z2 / 20 + sign * half) / (1 + z2 / 10) for sign in (-1, 1)]

    assert share([True] * 3 + [False] * 7) == pytest.approx([0.3, *ends], abs=1e-3)


def test_exams_are_binned_by_how_far_the_patient_moved() -> None:
    rows = [row(1), row(4.9), row(5), row(39)]

    assert [(each["from_mm"], each["exams"]) for each in curve(rows)] == [(0, 2), (5, 1), (35, 1)]


def test_a_failure_that_is_not_flagged_is_counted_as_accepted() -> None:
    rows = [row(30, failed=True), row(30, 9.0, "moved", failed=True), row(30), row(30)]

    found = summary(rows)

    assert (found["failures"], found["failures_accepted"]) == (2, 1)
    assert found["says_motion"][0] == 0.25


# The fit.


def test_the_fit_finds_the_coefficients_that_drew_the_exams() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(4000, 2)) * (1.0, 5.0) + (2.0, 0.0)
    odds = -3 + 1.5 * values[:, 0] - 0.2 * values[:, 1]
    moved = rng.random(4000) < 1 / (1 + np.exp(-odds))

    intercept, coefficients = motion_rule.logistic(values, moved)

    # Groups weigh the same, which takes the log of the ratio of their sizes from the intercept.
    shift = np.log(moved.mean() / (1 - moved.mean()))
    assert intercept == pytest.approx(-3 - shift, abs=0.25)
    assert coefficients == pytest.approx([1.5, -0.2], abs=0.1)


def test_a_rule_takes_the_place_of_that_of_before() -> None:
    found = {"highest": 1.2, "intercept": 0.5, "coefficients": {"presence": 1.0}}

    once = motion_rule.with_rule({"limits": [{"measure": "presence"}]}, found)
    twice = motion_rule.with_rule(once, {**found, "highest": 2.0})

    assert [one["measure"] for one in twice["limits"]] == ["presence", "motion"]
    assert twice["limits"][1]["highest"] == 2.0


# The attack.


@pytest.mark.parametrize("number", range(4))
def test_the_truth_of_a_smeared_volume_is_the_mean_place(number: int) -> None:
    counts = np.zeros((41, 41, 41), dtype=np.float32)
    counts[20, 20, 20] = 1
    volume = SpectVolume(counts, transaxial_grid((41, 41, 41), 4.0).patient_from_index)
    exam = Exam(volume, RigidPose(np.eye(3), volume.center_mm), 80.0, 27.0)

    changed = smear(exam, np.random.default_rng(number))

    index = np.moveaxis(np.indices(counts.shape), 0, -1)
    places = apply_affine(volume.patient_from_index, index)
    seen = (places * changed.volume.counts[..., None]).sum(axis=(0, 1, 2))
    assert changed.pose.center_mm == pytest.approx(seen, abs=0.01)
    assert changed.changes == ("smear",)


@pytest.mark.parametrize("number", range(6))
def test_every_volume_is_changed_and_movers_are_not_smeared_again(number: int) -> None:
    exam = Exam(study_volume(), study_pose(), DrawnHeart().length_mm, DrawnHeart().radius_mm)

    changed = alter(exam, np.random.default_rng(number), may_smear=False)

    assert changed.changes
    assert "smear" not in changed.changes


def test_only_failures_without_a_flag_are_accepted_ones() -> None:
    rows = [
        {"is_failure": failed, "is_flagged": flagged, "errors": [1.0, 1.0]}
        for failed, flagged in ((True, True), (True, False), (False, False), (False, True))
    ]

    found = counted(rows)

    assert (found["volumes"], found["failures"], found["flagged"]) == (4, 2, 2)
    assert found["failures_accepted"] == 1
