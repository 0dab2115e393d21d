"""Scores of motion and thickening by normal limits."""

from __future__ import annotations

import numpy as np
import pytest

from shortaxis.function.regional import RegionalFunction
from shortaxis.function.regional_scores import (
    RegionalNormals,
    SegmentLimits,
    installed_regional_normals,
    regional_scores,
)

NORMALS = RegionalNormals(
    dict.fromkeys(range(1, 18), SegmentLimits(8.0, 1.0)),
    dict.fromkeys(range(1, 18), SegmentLimits(0.4, 0.05)),
    "a table",
)
NOTHING = np.zeros((1, 1))


def regional(motion_mm: float | None, thickening: float | None) -> RegionalFunction:
    return RegionalFunction(
        NOTHING, NOTHING, NOTHING, {1: motion_mm, 2: None}, {}, {1: thickening, 2: None}
    )


@pytest.mark.parametrize(("motion_mm", "score"), [
    (8.0, 0), (6.0, 0), (5.9, 1), (4.0, 1), (3.9, 2), (1.9, 3), (0.7, 4), (-0.9, 4), (-1.1, 5),
])  # fmt: skip
def test_motion_is_scored_from_normal_over_akinetic_to_dyskinetic(
    motion_mm: float, score: int
) -> None:
    assert regional_scores(regional(motion_mm, 0.4), NORMALS).motion[1] == score


@pytest.mark.parametrize(("thickening", "score"), [
    (0.4, 0), (0.31, 0), (0.29, 1), (0.2, 1), (0.19, 2), (0.07, 3), (-0.1, 3),
])  # fmt: skip
def test_thickening_is_scored_from_normal_to_none(thickening: float, score: int) -> None:
    assert regional_scores(regional(8.0, thickening), NORMALS).thickening[1] == score


def test_what_was_not_measured_is_not_scored() -> None:
    scores = regional_scores(regional(3.9, None), NORMALS)

    assert scores.motion == {1: 2, 2: None}
    assert scores.summed_motion == 2
    assert scores.summed_thickening is None


def test_the_installed_limits_say_what_they_are_valid_for() -> None:
    normals = installed_regional_normals()

    assert set(normals.motion) == set(normals.thickening) == set(range(1, 18))
    assert all(each.lowest < each.mean for each in normals.motion.values())
    assert "simulated" in normals.valid_for
    assert "no patients" in normals.valid_for
