"""Patients who move while raw views are taken, and what is counted of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

from evidence.measuring.robustness.moving_views import KINDS, PIXELS, sample_course, still_scenario
from evidence.measuring.robustness.raw_motion import COHORT, accepts_failure
from shortaxis.simulation.seed_ranges import CALIBRATION, TEST

SEEDS = range(CALIBRATION.first, CALIBRATION.first + 40)
PIXEL_MM = 6.0
GOOD, BAD = [2.0, 1.0], [20.0, 3.0]


def test_patients_move_by_one_to_three_pixels_from_where_they_lay() -> None:
    courses = [sample_course(still_scenario(seed), PIXEL_MM) for seed in SEEDS]

    assert {kind for kind, _ in courses} == set(KINDS)
    for kind, course_mm in courses:
        far = np.linalg.norm(course_mm, axis=1) / PIXEL_MM
        # A creep is on its way to the last step.
        least = PIXELS[0] * (1 - 1 / len(far)) if kind == "creep" else PIXELS[0]
        assert far[0] == 0
        assert least <= far.max() <= PIXELS[1]
        assert (far[-1] > 0) == (kind != "there and back")


def test_measured_exams_are_test_exams() -> None:
    TEST.require(range(COHORT.first_seed, COHORT.first_seed + COHORT.count))


def seen(errors: list[float] | None, is_accepted: bool = True) -> dict[str, Any]:
    return {"errors": errors, "is_accepted": is_accepted}


@pytest.mark.parametrize(
    ("still", "moving", "corrected", "is_motion", "expected"),
    [
        (seen(GOOD), seen(BAD), seen(GOOD), False, True),
        (seen(GOOD), seen(BAD), seen(GOOD), True, False),
        (seen(GOOD), seen(BAD, False), seen(GOOD), False, False),
        (seen(GOOD), seen(GOOD), seen(BAD), True, True),
        (seen(GOOD), seen(GOOD), seen(BAD, False), True, False),
        (seen(BAD), seen(BAD), seen(BAD), False, False),
        (seen(GOOD), seen(GOOD), seen(GOOD), False, False),
    ],
)
def test_a_failure_is_accepted_if_motion_makes_it_and_nothing_says_so(
    still: dict[str, Any],
    moving: dict[str, Any],
    corrected: dict[str, Any],
    is_motion: bool,
    expected: bool,
) -> None:
    row = {"still": still, "moving": {**moving, "is_motion": is_motion, "corrected": corrected}}

    assert accepts_failure(row) is expected
