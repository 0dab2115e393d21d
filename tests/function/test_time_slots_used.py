"""Bad gating is told and never a silent number."""

from __future__ import annotations

import numpy as np
import pytest

from beating_scenes import beating_gates
from shortaxis.errors import OptionError
from shortaxis.function.time_slots_used import used_time_slots
from shortaxis.geometry.arrays import CountsArray

SPACING = np.full(3, 6.0)


@pytest.fixture(scope="module")
def gates() -> CountsArray:
    return beating_gates()[0]


def test_a_usual_beat_is_taken_as_it_is(gates: CountsArray) -> None:
    used = used_time_slots(gates, SPACING)

    assert used.is_used.all()
    assert (used.reasons, used.notes) == ((), ())


def test_an_empty_slot_and_a_copy_are_left_out_and_told(gates: CountsArray) -> None:
    bad = gates.copy()
    bad[2] = 0
    bad[6] = bad[5]

    used = used_time_slots(bad, SPACING)

    assert (np.flatnonzero(~used.is_used) + 1).tolist() == [3, 7]
    assert any("3 of 8 is empty" in reason for reason in used.reasons)
    assert any("7 of 8 is a copy of 6" in reason for reason in used.reasons)


def test_lost_beats_are_scaled_and_noted(gates: CountsArray) -> None:
    lost = gates.copy()
    lost[7] *= 0.7

    used = used_time_slots(lost, SPACING)

    assert used.is_used.all()
    assert used.reasons == ()
    assert "8 (" in used.notes[0]


def test_a_shifted_slot_is_left_out_and_told(gates: CountsArray) -> None:
    shifted = gates.copy()
    shifted[4] = np.roll(shifted[4], 5, axis=2)

    used = used_time_slots(shifted, SPACING)

    assert not used.is_used[4]
    assert "slot 5 of 8" in used.reasons[0]


@pytest.mark.parametrize("empty", [range(3), range(1, 8)])
def test_a_beat_that_is_mostly_missing_is_refused(gates: CountsArray, empty: range) -> None:
    missing = gates.copy()
    missing[list(empty)] = 0

    with pytest.raises(OptionError, match="do not tell how the heart beats"):
        used_time_slots(missing, SPACING)


@pytest.mark.parametrize("slots", [1, 2])
def test_one_or_two_slots_are_no_beat(gates: CountsArray, slots: int) -> None:
    with pytest.raises(OptionError, match="do not tell how the heart beats"):
        used_time_slots(gates[:slots], SPACING)
