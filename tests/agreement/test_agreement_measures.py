"""Measures of agreement against published examples, other formulas, and drawing again."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from shortaxis.agreement.measures.intraclass import intraclass_correlation
from shortaxis.agreement.measures.kappa import weighted_kappa
from shortaxis.agreement.measures.limits_of_agreement import limit_error, limits_of_agreement
from shortaxis.agreement.measures.roc_area import roc_area, roc_areas, roc_curve
from shortaxis.agreement.measures.sample_size import (
    area_error,
    pairs_for_limits,
    patients_for_area,
)
from shortaxis.errors import OptionError

LARGE_METER = [
    494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427,
]  # fmt: skip
MINI_METER = [
    512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451,
]  # fmt: skip
"""Peak flow of 17 people, l/min, first readings: Bland and Altman 1986, table 1."""

JUDGED = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]],
    dtype=float,
)
"""Six targets by four judges: Shrout and Fleiss 1979, table 2."""

SEEDS = st.integers(0, 10_000)


def test_limits_of_agreement_are_those_of_the_paper() -> None:
    found = limits_of_agreement(np.array(LARGE_METER, float), np.array(MINI_METER, float))

    assert found is not None
    assert found.bias.value == pytest.approx(-2.1, abs=0.05)
    assert found.sd == pytest.approx(38.8, abs=0.05)
    assert found.bias.interval == pytest.approx((-22.0, 17.8), abs=0.1)
    # The paper's limits are 2 SD away: -79.7 and 75.5; ours 1.96.
    assert found.lower.value == pytest.approx(-79.7 + 0.04 * 38.8, abs=0.1)
    assert found.upper.value == pytest.approx(75.5 - 0.04 * 38.8, abs=0.1)
    # Its standard error of a limit is sqrt(3 / n) SD, 9.4 l/min times 1.7.
    assert limit_error(17) == pytest.approx(2.12 * math.sqrt(3 / 17), rel=0.02)


def test_the_slope_of_differences_that_grow_with_size_is_found() -> None:
    true = np.array([10.0, 20, 30, 40, 50])

    found = limits_of_agreement(1.1 * true, 0.9 * true)

    assert found is not None
    assert found.slope is not None
    assert found.slope.value == pytest.approx(0.2)
    assert found.slope.interval == pytest.approx((0.2, 0.2), abs=1e-6)


def test_fewer_than_four_pairs_tell_nothing() -> None:
    three = np.array([1.0, 2, 3])

    assert limits_of_agreement(three, three) is None
    assert intraclass_correlation(np.column_stack([three, three])) is None


def test_the_intraclass_correlation_is_that_of_the_paper() -> None:
    found = intraclass_correlation(JUDGED)

    assert found is not None
    assert found.value == pytest.approx(0.29, abs=0.005)
    # By the R package psych on the same data.
    assert found.interval == pytest.approx((0.019, 0.761), abs=0.001)


def test_raters_who_differ_by_a_constant_do_not_agree_in_full() -> None:
    first = np.array([1.0, 2, 3, 4, 5])

    found = intraclass_correlation(np.column_stack([first, first + 1]))

    # Exams 5, raters 2.5, rest 0: 5 / (5 + 2 x 2.5 / 5).
    assert found is not None
    assert found.value == pytest.approx(5 / 6)
    assert found.interval is None


def test_kappa_of_two_grades_is_cohens() -> None:
    first = np.repeat([0.0, 0, 1, 1], [20, 5, 10, 15])[:, np.newaxis]
    second = np.repeat([0.0, 1, 0, 1], [20, 5, 10, 15])[:, np.newaxis]

    found = weighted_kappa(first, second, 2, np.random.default_rng(1))

    # Same in 35 of 50, by chance (25 x 30 + 25 x 20) / 2500 = .5.
    assert found is not None
    assert (found.equal, found.kappa.value) == pytest.approx((0.7, 0.4))
    # Fleiss 1969: a standard error of .128 at large numbers.
    assert found.kappa.interval == pytest.approx((0.4 - 0.25, 0.4 + 0.25), abs=0.03)


def test_a_grade_that_nobody_gave_keeps_the_others_apart() -> None:
    first = np.array([0.0, 0, 0, 1, 1, 4, 4, 0, 1, 4, 0, 0])[:, np.newaxis]
    second = np.array([0.0, 0, 1, 1, 4, 4, 4, 0, 1, 1, 0, 0])[:, np.newaxis]

    found = weighted_kappa(first, second, 5, np.random.default_rng(1))

    # One pair is 1 apart, two are 3 apart: 19 of 12. By chance, with 6, 3, 3 and 5, 4, 3 of the
    # grades 0, 1, 4: (6 x 4 + 3 x 5 + 9 x (3 x 3 + 3 x 4) + 16 x (6 x 3 + 3 x 5)) / 12 = 63.
    assert found is not None
    assert found.kappa.value == pytest.approx(1 - 19 / 63)


@settings(max_examples=20)
@given(SEEDS)
def test_weights_are_squares_of_the_distance_of_grades(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 5, (12, 17))
    second = np.clip(first + rng.integers(-1, 2, first.shape), 0, 4)

    found = weighted_kappa(first.astype(float), second.astype(float), 5, rng)

    pairs = list(zip(first.ravel().tolist(), second.ravel().tolist(), strict=True))
    apart = sum((one - other) ** 2 for one, other in pairs) / len(pairs)
    chance = sum(
        (one - other) ** 2 for (one, _), (_, other) in product(pairs, pairs)
    ) / len(pairs) ** 2  # fmt: skip
    assert found is not None
    assert found.kappa.value == pytest.approx(1 - apart / chance)


def test_raters_who_give_one_grade_alone_have_no_kappa() -> None:
    grades = np.zeros((6, 17))

    assert weighted_kappa(grades, grades, 5, np.random.default_rng(1)) is None


@settings(max_examples=25)
@given(SEEDS)
def test_areas_are_those_of_mann_whitney_with_delongs_variance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    diseased = np.arange(30) < 11
    # Rounded, so that some are equal.
    values = np.round(rng.normal(size=30) + diseased)

    found = roc_areas(values[np.newaxis], diseased, np.arange(30))

    sick, well = values[diseased], values[~diseased]
    area = stats.mannwhitneyu(sick, well).statistic / (len(sick) * len(well))
    of_sick = [np.mean((each > well) + 0.5 * (each == well)) for each in sick]
    of_well = [np.mean((sick > each) + 0.5 * (sick == each)) for each in well]
    variance = np.var(of_sick, ddof=1) / len(sick) + np.var(of_well, ddof=1) / len(well)
    assert found is not None
    assert found.areas[0] == pytest.approx(area)
    assert found.covariance[0, 0] == pytest.approx(variance)


def test_a_patient_who_counts_twice_makes_no_interval_narrower() -> None:
    rng = np.random.default_rng(2)
    diseased = np.arange(40) < 15
    values = rng.normal(size=40) + diseased

    once = roc_area(values, diseased, np.arange(40))
    twice = roc_area(np.tile(values, 2), np.tile(diseased, 2), np.tile(np.arange(40), 2))

    assert once is not None
    assert twice is not None
    assert twice.value == pytest.approx(once.value)
    assert twice.interval == pytest.approx(once.interval)


def test_areas_of_territories_vary_as_drawing_patients_again_says() -> None:
    rng = np.random.default_rng(5)
    diseased = rng.random((80, 3)) < 0.4
    # What is of the patient makes territories of one heart alike, sick and well.
    values = rng.normal(size=(80, 1)) + 0.5 * rng.normal(size=(80, 3)) + 0.8 * diseased
    patients = np.repeat(np.arange(80), 3)

    found = roc_areas(values.reshape(1, -1), diseased.ravel(), patients)

    drawn = []
    for _ in range(400):
        chosen = rng.integers(0, 80, 80)
        sick, well = values[chosen][diseased[chosen]], values[chosen][~diseased[chosen]]
        drawn.append((sick[:, np.newaxis] > well).mean())
    assert found is not None
    assert math.sqrt(found.covariance[0, 0]) == pytest.approx(np.std(drawn), rel=0.12)


def test_a_test_does_not_differ_from_itself_and_differs_from_its_opposite() -> None:
    rng = np.random.default_rng(4)
    diseased = np.arange(60) < 30
    values = rng.normal(size=60) + diseased

    same = roc_areas(np.array([values, 2 * values]), diseased, np.arange(60))
    turned = roc_areas(np.array([values, -values]), diseased, np.arange(60))

    assert same is not None
    assert same.difference.value == 0
    assert same.difference.interval == pytest.approx((0, 0), abs=1e-6)
    # The area of the opposite is one less it: twice the error of one.
    assert turned is not None
    reach = 2 * 1.959964 * math.sqrt(turned.covariance[0, 0])
    assert turned.difference.interval == pytest.approx(
        (turned.difference.value - reach, turned.difference.value + reach)
    )


def test_groups_that_are_told_apart_without_an_error_have_no_interval() -> None:
    diseased = np.array([False, False, True, True])

    found = roc_area(np.array([1.0, 2, 3, 4]), diseased, np.arange(4))

    assert found is not None
    assert (found.value, found.interval) == (1, None)
    assert roc_area(np.array([1.0, 2, 3]), diseased[1:], np.arange(3)) is None


def test_the_curve_holds_the_area() -> None:
    rng = np.random.default_rng(6)
    diseased = np.arange(50) < 20
    values = np.round(rng.normal(size=50) + diseased, 1)

    false, true = roc_curve(values, diseased)

    area = roc_area(values, diseased, np.arange(50))
    assert area is not None
    assert np.trapezoid(true, false) == pytest.approx(area.value)
    assert (false[-1], true[-1]) == (1, 1)


def test_sizes_are_the_smallest_that_do() -> None:
    pairs = pairs_for_limits(0.3)
    planned = patients_for_area(0.85, 0.05, healthy_each=2)

    assert limit_error(pairs) <= 0.3 < limit_error(pairs - 1)
    assert planned.healthy == 2 * planned.diseased
    assert area_error(0.85, planned.diseased, planned.healthy) <= 0.05
    assert area_error(0.85, planned.diseased - 1, planned.healthy - 2) > 0.05


def test_the_error_of_a_planned_area_is_that_of_hanley_and_mcneil() -> None:
    # By hand: Q1 = .85 / 1.15, Q2 = 1.445 / 1.85; (.1275 + 99 x .01663 + 99 x .05858) / 1e4.
    assert area_error(0.85, 100, 100) == pytest.approx(1.96 * math.sqrt(7.574e-4), rel=1e-3)


@pytest.mark.parametrize(
    ("area", "within", "each"), [(0.4, 0.05, 1), (0.85, 0, 1), (0.85, 1e-9, 1), (0.85, 0.05, 0)]
)
def test_a_plan_that_cannot_be_is_refused(area: float, within: float, each: float) -> None:
    with pytest.raises(OptionError, match="cannot be"):
        patients_for_area(area, within, each)
