"""Bounds and reasons of a drawn wall."""

from __future__ import annotations

import numpy as np
import pytest

from shortaxis.ventricle.ray_counts import DEPTHS_MM
from shortaxis.ventricle.trust import (
    BOUNDED_WALL_ERRORS,
    WallLimits,
    WallMeasures,
    axis_reasons,
    neighbour_part,
    trust_from_record,
    trust_to_record,
)
from wall_scenes import GRID, TRUST


@pytest.mark.parametrize(
    ("measures", "words"),
    [
        (WallMeasures(1.0, 1.0, 0.0), ()),
        (WallMeasures(3.5, 1.0, 0.0), ("the wall is not followed",)),
        (WallMeasures(1.0, 9.0, 0.0), ("the valve plane is not seen",)),
        (WallMeasures(1.0, 1.0, 0.2), ("a neighbour may have been taken",)),
        (WallMeasures(3.5, 9.0, 0.2), ("the wall is", "the valve plane", "a neighbour")),
    ],
)
def test_every_limit_has_its_own_words(measures: WallMeasures, words: tuple[str, ...]) -> None:
    reasons = TRUST.limits.reasons(measures)

    assert len(reasons) == len(words)
    assert all(reason.startswith(start) for reason, start in zip(reasons, words, strict=True))


def test_bounds_follow_the_expected_errors_and_the_volume() -> None:
    spread = dict(zip(BOUNDED_WALL_ERRORS, (1.0, 2.0, 3.0, 0.1, 4.0), strict=True))

    bounds = TRUST.bounds(spread, cavity_ml=80.0)

    assert (bounds.wall_mm, bounds.valve_mm, bounds.valve_deg) == (2.0, 4.0, 6.0)
    assert bounds.cavity_ml == pytest.approx(2 * 0.1 * 80)
    assert bounds.length_mm == 8.0


def test_a_record_gives_the_trust_back() -> None:
    assert trust_from_record(trust_to_record(TRUST)) == TRUST


@pytest.mark.parametrize("value", [0.0, -1.0, float("inf"), float("nan")])
def test_a_limit_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="a limit wall_mm"):
        WallLimits(value, 8.0, 0.1)


def peaks(*places_mm: float) -> np.ndarray:
    """Counts of 1 at some depths of every ray, falling off within some millimetres."""
    away = np.abs(DEPTHS_MM[:, None] - np.array(places_mm))
    one = np.exp(-((away / 3.0) ** 2)).max(axis=1)
    return np.broadcast_to(one[:, None, None], (DEPTHS_MM.size, *GRID)).astype(np.float32)


@pytest.mark.parametrize(
    ("counts", "spread_mm", "expected"),
    [
        (peaks(27.5), 5.0, 0.0),
        (peaks(27.5, 50.0), 5.0, 1.0),
        (peaks(27.5, 50.0), 1.0, 0.0),
        (peaks(12.5, 27.5), 5.0, 1.0),
    ],
    ids=["one peak", "an organ outside", "an organ outside, and sure", "a wall inside"],
)
def test_a_second_peak_matters_where_the_wall_is_not_sure(
    counts: np.ndarray, spread_mm: float, expected: float
) -> None:
    everywhere = np.ones(GRID, dtype=bool)

    found = neighbour_part(counts, np.full(GRID, 27.5), np.full((2, *GRID), spread_mm), everywhere)

    assert found == expected


def test_without_muscle_no_neighbour_is_taken_for_it() -> None:
    nowhere = np.zeros(GRID, dtype=bool)

    assert (
        neighbour_part(peaks(20, 40), np.full(GRID, 20.0), np.full((2, *GRID), 9.0), nowhere) == 0
    )


@pytest.mark.parametrize(("bound_deg", "count"), [(None, 0), (10.0, 0), (11.0, 1)])
def test_a_wall_along_an_axis_that_is_not_sure_is_doubted(
    bound_deg: float | None, count: int
) -> None:
    assert len(axis_reasons(bound_deg)) == count
