"""Numbers of an evaluation against formulas written another way, and against known errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluation_scenes import CENTER_MM, estimate_of, not_found, truth_of
from geometry_strategies import poses
from shortaxis.errors import OptionError
from shortaxis.evaluation.scores.exam_estimate import Absence, ExamEstimate
from shortaxis.evaluation.scores.exam_score import score_exam
from shortaxis.evaluation.scores.groups import GROUPS, HARDNESS_GROUPS
from shortaxis.evaluation.scores.intervals import Proportion, correlate
from shortaxis.evaluation.scores.method_evaluation import evaluate_method
from shortaxis.evaluation.scores.summary import PARAMETERS, paired_parameters, summarise
from shortaxis.evaluation.scores.wording import DASH, proportion_words
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.reorientation.estimate import PoseEstimate, PoseUncertainty

LOOK = ("few counts",)


@given(st.integers(1, 400), st.data())
def test_intervals_of_proportions_are_wilsons(total: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, total))
    z, part = 1.959963984540054, hits / total
    middle = (part + z**2 / (2 * total)) / (1 + z**2 / total)
    reach = z * math.sqrt(part * (1 - part) / total + z**2 / (4 * total**2)) / (1 + z**2 / total)

    low, high = Proportion(hits, total).interval

    assert low == pytest.approx(middle - reach, abs=1e-9)
    assert high == pytest.approx(middle + reach, abs=1e-9)
    assert low <= part + 1e-12
    assert part <= high + 1e-12


def test_a_part_of_nothing_is_unknown() -> None:
    assert Proportion(0, 0).part is None
    assert Proportion(0, 0).interval is None
    with pytest.raises(OptionError):
        Proportion(3, 2)


@given(st.integers(0, 1000), st.integers(4, 80))
def test_correlations_have_the_interval_of_fishers_z(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    first = rng.normal(size=count)
    second = first + rng.normal(size=count)

    found = correlate(first, second)

    assert found.r == pytest.approx(np.corrcoef(first, second)[0, 1])
    reach = stats.norm.ppf(0.975) / math.sqrt(count - 3)
    for bound, sign in zip(found.interval, (-1, 1), strict=True):
        assert bound == pytest.approx(math.tanh(math.atanh(found.r) + sign * reach))


@pytest.mark.parametrize(
    ("first", "second"),
    [([1, 2, 3], [1, 2, 3]), ([1, 1, 1, 1, 1], [1, 2, 3, 4, 5]), ([], [])],
    ids=["three pairs", "constant", "none"],
)
def test_a_correlation_that_means_nothing_is_not_given(
    first: list[float], second: list[float]
) -> None:
    assert correlate(first, second) is None


@settings(deadline=None)
@given(poses, st.floats(0, 60), st.floats(0, 60), st.floats(0, 40))
def test_errors_of_a_pose_are_those_that_were_made(
    pose: object, axis_deg: float, roll_deg: float, center_mm: float
) -> None:
    truth = truth_of(1, pose)

    tilted = score_exam(truth, estimate_of(truth, axis_deg=axis_deg, center_mm=center_mm)).errors
    turned = score_exam(truth, estimate_of(truth, roll_deg=roll_deg)).errors

    assert tilted.long_axis_deg == pytest.approx(axis_deg, abs=1e-5)
    assert tilted.geodesic_deg == pytest.approx(axis_deg, abs=1e-5)
    assert tilted.roll_deg == pytest.approx(0, abs=1e-4)
    assert tilted.center_mm == pytest.approx(center_mm, abs=1e-9)
    assert turned.long_axis_deg == pytest.approx(0, abs=1e-5)
    assert turned.roll_deg == pytest.approx(roll_deg, abs=1e-4)


@pytest.mark.parametrize(
    ("errors", "is_failure"),
    [
        ({"axis_deg": 14.9}, False),
        ({"axis_deg": 15.1}, True),
        ({"center_mm": 14.9}, False),
        ({"center_mm": 15.1}, True),
        ({"roll_deg": 90.0}, False),
    ],
)
def test_a_failure_is_beyond_15_degrees_or_15_mm(
    errors: dict[str, float], is_failure: bool
) -> None:
    truth = truth_of(1)

    assert score_exam(truth, estimate_of(truth, **errors)).is_failure is is_failure


def test_a_heart_that_was_not_found_is_a_failure_that_was_told() -> None:
    score = score_exam(truth_of(1), not_found(truth_of(1)))

    assert score.is_failure
    assert score.is_flagged
    assert score.errors is None


def test_a_hand_made_cohort_gives_the_numbers_counted_by_hand() -> None:
    truths = [truth_of(seed) for seed in range(10)]
    estimates = [
        estimate_of(truths[0], axis_deg=1),
        estimate_of(truths[1], axis_deg=2),
        estimate_of(truths[2], axis_deg=3),
        estimate_of(truths[3], axis_deg=4, reasons=LOOK),
        estimate_of(truths[4], axis_deg=20),
        estimate_of(truths[5], axis_deg=30, reasons=LOOK),
        estimate_of(truths[6], center_mm=40, reasons=LOOK),
        estimate_of(truths[7], center_mm=5),
        not_found(truths[8]),
        ExamEstimate(9, absence=Absence.NO_POSE),
    ]

    evaluation = evaluate_method("test", truths, estimates)
    overall = evaluation.overall

    assert (overall.exams, overall.not_found, overall.no_pose) == (10, 1, 1)
    assert overall.failures == Proportion(5, 10)
    assert overall.unflagged_failures == Proportion(1, 10)
    assert overall.flagged == Proportion(5, 10)
    assert overall.sensitivity == Proportion(4, 5)
    assert overall.specificity == Proportion(4, 5)
    axis = overall.errors["long_axis_deg"]
    assert axis.exams == 8
    assert axis.median == pytest.approx(2.5, abs=1e-5)
    assert axis.maximum == pytest.approx(30, abs=1e-5)
    assert axis.p95 == pytest.approx(np.percentile([1, 2, 3, 4, 20, 30, 0, 0], 95), abs=1e-5)
    assert overall.accepted_errors["long_axis_deg"].maximum == pytest.approx(20, abs=1e-5)
    assert [score.truth.exam_seed for score in evaluation.worst[:3]] == [6, 5, 4]
    assert evaluation.reasons == (("few counts", 3),)
    assert evaluation.seeds_without(Absence.NOT_FOUND) == (8,)
    assert evaluation.seeds_without(Absence.NO_POSE) == (9,)


def test_reasons_are_counted_without_the_values_that_they_carry() -> None:
    truths = [truth_of(seed) for seed in range(3)]
    doubt = "the network doubts the long axis"
    estimates = [
        estimate_of(truths[0], reasons=(f"{doubt} (bound 7.0, limit 6.5)", "few counts")),
        estimate_of(truths[1], reasons=(f"{doubt} (bound 8.1, limit 6.5)",)),
        estimate_of(truths[2], reasons=(f"{doubt} (bound 9, limit 6.5)", f"{doubt} (roll)")),
    ]

    reasons = evaluate_method("test", truths, estimates).reasons

    assert reasons == ((doubt, 3), ("few counts", 1))


@pytest.mark.parametrize(
    ("proportion", "counts", "words"),
    [
        (Proportion(0, 300), True, "0 of 300 (at most 1.3 %)"),
        (Proportion(0, 300), False, "0 % (at most 1.3 %)"),
        (Proportion(9, 300), True, "9 of 300, 3.0 % (1.6 to 5.6)"),
        (Proportion(0, 0), True, DASH),
    ],
)
def test_a_zero_is_told_with_what_it_may_be_at_most(
    proportion: Proportion, counts: bool, words: str
) -> None:
    assert proportion_words(proportion, counts=counts) == words


def test_bias_and_limits_of_agreement_are_those_of_the_differences() -> None:
    truths = [truth_of(seed) for seed in range(12)]
    shifts = np.linspace(-3, 9, 12)
    estimates = [
        estimate_of(truth, center_mm=shift) for truth, shift in zip(truths, shifts, strict=True)
    ]

    agreement = evaluate_method("test", truths, estimates).overall.agreement

    sd = math.sqrt(sum((shift - 3) ** 2 for shift in shifts) / 11)
    assert agreement["x_m"].bias == pytest.approx(3)
    assert agreement["x_m"].sd == pytest.approx(sd)
    assert agreement["x_m"].upper == pytest.approx(3 + 1.96 * sd)
    assert agreement["y_m"].sd == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("beta", [-179.0, 178.0, 0.0])
def test_angles_are_compared_across_the_turn(beta: float) -> None:
    parameters = PoseParameters(0, 0, 0, alpha=20, beta=beta, theta=-178)
    found = PoseParameters(0, 0, 0, alpha=20, beta=beta - 4, theta=178)
    truth = truth_of(1, pose_from_parameters(parameters, CENTER_MM))
    estimate = ExamEstimate(1, PoseEstimate(pose_from_parameters(found, CENTER_MM), "test"))

    scores = [score_exam(truth, estimate)]

    for name, difference in (("theta", -4), ("beta", -4), ("alpha", 0)):
        true, estimated = paired_parameters(scores, name)
        assert estimated[0] - true[0] == pytest.approx(difference, abs=1e-6)


def test_a_method_without_roll_is_not_held_to_it() -> None:
    truths = [truth_of(seed) for seed in range(6)]
    estimates = [estimate_of(truth, roll_deg=40, knows_roll=False) for truth in truths]

    overall = evaluate_method("test", truths, estimates).overall

    assert overall.errors["roll_deg"] is None
    assert overall.errors["geodesic_deg"] is None
    assert overall.correlations["beta"] is None
    assert overall.agreement["beta"] is None
    assert all(overall.correlations[name] for name in PARAMETERS if name != "beta")


def test_coverage_counts_errors_within_the_uncertainty() -> None:
    truths = [truth_of(seed) for seed in range(4)]
    bounds = PoseUncertainty(long_axis_deg=5.0, center_mm=None, roll_deg=None)
    estimates = [
        estimate_of(truths[0], axis_deg=4, uncertainty=bounds),
        estimate_of(truths[1], axis_deg=6, uncertainty=bounds),
        estimate_of(truths[2], axis_deg=1),
        not_found(truths[3]),
    ]

    coverage = evaluate_method("test", truths, estimates).coverage

    assert coverage == {"long_axis_deg": Proportion(1, 2), "center_mm": None, "roll_deg": None}


def test_groups_without_exams_are_left_out_and_opposite_ones_add_up() -> None:
    truths = [truth_of(seed, moved_mm=float(seed % 3 == 0), defect_part=0.1 * seed)
              for seed in range(6)]  # fmt: skip

    groups = evaluate_method("test", truths, [estimate_of(each) for each in truths]).groups

    assert next(iter(groups)) == "all"
    assert "PET" not in groups
    assert groups["patient moved"].exams == 2
    assert groups["patient moved"].exams + groups["patient lay still"].exams == 6
    assert groups["large defect"].exams == 3
    assert set(HARDNESS_GROUPS) < set(GROUPS)


def test_an_empty_group_has_no_numbers() -> None:
    summary = summarise([])

    assert summary.failures.part is None
    assert not any(summary.errors.values())
    assert not any(summary.correlations.values())


def test_estimates_of_other_exams_are_refused() -> None:
    with pytest.raises(OptionError, match="pair up"):
        evaluate_method("test", [truth_of(1)], [estimate_of(truth_of(2))])
    with pytest.raises(OptionError, match="pair up"):
        evaluate_method("test", [truth_of(1)], [estimate_of(truth_of(1))] * 2)
    with pytest.raises(OptionError, match="clear outcome"):
        ExamEstimate(1)
