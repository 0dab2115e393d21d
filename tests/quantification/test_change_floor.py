"""How the floor of a change is chosen: patches of changed wall, and what a floor would call."""

from __future__ import annotations

import numpy as np
import pytest

from evidence.measuring.polar_maps.change_floor import at_floor, is_called
from evidence.measuring.polar_maps.prior_comparisons import largest_patch
from shortaxis.quantification.polar_map import LEVELS, PolarMap
from shortaxis.quantification.scored_map import MOST, ScoredMap

COLUMNS = 12


def scored(*places: tuple[int, int]) -> ScoredMap:
    """Places (level, angle) of an even wall that have the highest score."""
    shape = (LEVELS, COLUMNS)
    polar_map = PolarMap(np.linspace(0, 1, LEVELS), *(np.ones(shape) for _ in range(3)))
    scores = np.zeros(shape)
    for place in places:
        scores[place] = MOST
    return ScoredMap(polar_map, scores)


@pytest.mark.parametrize(
    ("places", "largest"),
    [
        ((), 0),
        (((3, 4),), 1),
        # Two that touch at a corner, and one apart.
        (((3, 4), (4, 5), (10, 5)), 2),
        # Across the seam, the last column beside the first.
        (((3, 0), (3, COLUMNS - 1), (4, COLUMNS - 2), (20, 5)), 3),
        # A ring all round is one patch, counted once.
        (tuple((7, angle) for angle in range(COLUMNS)), COLUMNS),
    ],
)
def test_the_largest_patch_is_whole_and_counted_once(
    places: tuple[tuple[int, int], ...], largest: int
) -> None:
    found = largest_patch(scored(*places))

    assert found == pytest.approx(largest / (LEVELS * COLUMNS))


CHANGED = {"percent": [2.0, 4.0], "patch_percent": [2.0, 1.0], "sums": [1, 0]}


@pytest.mark.parametrize(
    ("measure", "floor", "called"),
    [
        # Without a floor a scored segment is enough, and 3 % without one.
        ("percent", 0.0, (True, True)),
        ("percent", 2.0, (True, True)),
        ("percent", 2.5, (False, True)),
        ("percent", 4.5, (False, False)),
        ("patch_percent", 2.0, (True, False)),
    ],
)
def test_a_floor_is_held_against_each_way_of_a_change(
    measure: str, floor: float, called: tuple[bool, bool]
) -> None:
    assert is_called(CHANGED, measure, floor) == called


def test_only_what_could_be_compared_is_counted() -> None:
    sure = {**CHANGED, "territory": "LAD", "doubts": []}
    row = {"defect": {"territory": "LAD"}, "unchanged": {**sure, "doubts": ["another tracer"]},
           "added": sure, "another camera": None}  # fmt: skip

    found = at_floor([row], "percent", 1.0)

    assert (found["same"]["hits"], found["same"]["of"]) == (1, 1)
    assert found["same_not_doubted"]["of"] == 0
    assert found["another_camera"]["of"] == 0
    assert found["territory"]["hits"] == found["found"]["hits"] == 1
