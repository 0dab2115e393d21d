"""Tasks by processes that are killed: the others are done, the killer is known, nothing hangs."""

from __future__ import annotations

from functools import partial

import pytest

from deadly_work import ENDINGS, double_or_die
from shortaxis.processes.pool import Pool

GIVEN = [*range(6), 7, *range(8, 12)]
INNOCENT = sorted(2 * each for each in GIVEN if each != 7)


def lost(given: int, reason: str) -> tuple[int, str]:
    return given, reason


@pytest.mark.parametrize("ending", ENDINGS)
def test_whatever_ends_a_worker_is_named_and_the_others_are_done(ending: str) -> None:
    pieces = [GIVEN[:3], GIVEN[3:8], GIVEN[8:]]

    with Pool(2) as pool:
        made = [
            each for piece in pool.done(partial(double_or_die, ending=ending), pieces, lost)
            for each in piece
        ]  # fmt: skip

    (killer,) = [each for each in made if isinstance(each, tuple)]
    assert killer[0] == 7
    assert ending in killer[1]
    assert sorted(each for each in made if isinstance(each, int)) == INNOCENT
