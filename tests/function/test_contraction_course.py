"""One course of contraction, and what follows it."""

from __future__ import annotations

import numpy as np
import pytest

from beating_scenes import SLOTS, contraction
from shortaxis.function.contraction_course import ContractionCourse, contraction_course
from shortaxis.function.harmonics import BeatFit
from shortaxis.geometry.arrays import FloatArray

FIT = BeatFit(np.ones(SLOTS, dtype=bool))


def known_course() -> FloatArray:
    """From 0 to 1, wherever between two slots the ends lie."""
    fine = FIT.fine(contraction())
    course: FloatArray = (contraction() - fine.min()) / np.ptp(fine)
    return course


def test_the_common_course_of_profile_and_volumes_is_found() -> None:
    profiles = 10 + contraction()[:, None] * np.array([-1.0, 0.5, 2.0])
    volumes = 120 - 50 * contraction()

    found = contraction_course(profiles, volumes, FIT)

    np.testing.assert_allclose(found.part, known_course(), atol=1e-9)


def test_both_ends_of_what_follows_the_course_are_read() -> None:
    course = ContractionCourse(known_course())

    assert course.ends(120 - 70 * known_course()) == pytest.approx((120, 50))
    np.testing.assert_allclose(
        course.change(known_course()[:, None] * np.array([2.0, -3.0])), [2.0, -3.0]
    )


def test_noise_makes_no_ejection_of_a_heart_that_stands_still() -> None:
    rng = np.random.default_rng(5)
    course = ContractionCourse(known_course())
    still = [100 + FIT.smoothed(rng.normal(0, 5, SLOTS)) for _ in range(300)]

    by_course = np.mean([one - other for one, other in map(course.ends, still)])
    by_extremes = np.mean([np.ptp(FIT.fine(each)) for each in still])

    # Of the extremes noise alone makes a stroke of twice its own size.
    assert abs(by_course) < 1
    assert by_extremes > 8
