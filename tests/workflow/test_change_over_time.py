"""What changed between an earlier and a later exam of one heart, by numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from shortaxis.quantification.limits_comparison import LimitsComparison, compared_with_limits
from shortaxis.quantification.normal_group import NormalGroup
from shortaxis.quantification.normal_limits import NormalLimits
from shortaxis.quantification.polar_map import LEVELS, PolarMap
from shortaxis.workflow.study_report.earlier.change import change_over_time
from shortaxis.workflow.study_report.earlier.words import NONE_SEEN, change_words

SHAPE = (LEVELS, 48)


def exam(uptake: dict[int, float], mean: float = 80.0) -> LimitsComparison:
    """A wall at its normal mean but in segments that keep a part of it."""
    flat, ones = np.full(SHAPE, 100.0), np.ones(SHAPE)
    heights = np.linspace(0.06, 0.94, LEVELS)
    segments = PolarMap(heights, flat, ones, ones).segments
    counts = flat * np.vectorize(lambda number: uptake.get(number, 1.0))(segments)
    limits = NormalLimits("x", NormalGroup(), 99, np.full(SHAPE, mean), np.full(SHAPE, 6.0))
    return compared_with_limits(PolarMap(heights, counts, ones, ones), limits)


def scored(scores: dict[int, int]) -> dict[int, int]:
    return {number: score for number, score in scores.items() if score}


def test_what_is_lost_is_worse_and_what_has_returned_is_better() -> None:
    earlier, now = exam({10: 0.5, 16: 0.5}), exam({4: 0.5, 10: 0.5})

    found, turned_round = change_over_time(earlier, now), change_over_time(now, earlier)

    # Half of the uptake is 0.5 / 0.55 of the score of 4.
    assert scored(found.worse.segment_scores) == {4: 4}
    assert scored(found.better.segment_scores) == {16: 4}
    assert scored(found.segment_scores) == {4: 4, 16: -4}
    assert found.segment_changes[4] == pytest.approx(-0.5)
    assert found.segment_changes[16] == pytest.approx(0.5)
    assert found.segment_changes[10] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(turned_round.change_part, -found.change_part)


def test_the_words_name_segments_territories_and_direction() -> None:
    words = change_words(change_over_time(exam({16: 0.5}), exam({4: 0.5, 10: 0.5, 8: 0.5})))

    lost, gained = words.split(" and more uptake ")
    assert lost.startswith("less uptake in segments 4, 8 and 10, LAD and RCA (a change of ")
    assert gained.startswith("in segment 16, LCX (a change of ")


def test_a_change_of_less_than_two_exams_of_one_heart_differ_by_is_none() -> None:
    within, beyond = (change_over_time(exam({}), exam({4: 1 - loss})) for loss in (0.18, 0.22))

    assert not scored(within.segment_scores)
    assert within.segment_changes[4] == pytest.approx(-0.18, abs=0.01)
    assert change_words(within) == NONE_SEEN
    assert scored(beyond.segment_scores) == {4: 2}


def test_what_lies_above_normal_has_not_changed() -> None:
    found = change_over_time(exam({8: 1.3}), exam({8: 1.0}))

    assert not scored(found.segment_scores)
    assert found.worse.total_perfusion_deficit == 0


def test_each_exam_is_compared_with_what_is_normal_for_its_own_group() -> None:
    found = change_over_time(exam({4: 0.5}, mean=80.0), exam({4: 0.5}, mean=60.0))

    assert np.abs(found.change_part).max() < 1e-9
