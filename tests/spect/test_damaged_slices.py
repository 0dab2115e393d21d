"""Slices that were lost, or stored twice."""

from __future__ import annotations

import numpy as np
import pytest

from shortaxis.spect.damaged_slices import damaged_slice_notes

SLICES = 20


def gates_of(slots: int = 1) -> np.ndarray:
    """Counts (time_slot, slice, row, column) of a body whose ends hold few."""
    rng = np.random.default_rng(5)
    level = 40 * np.hanning(SLICES + 2)[1:-1, None, None]
    return rng.poisson(np.broadcast_to(level, (slots, SLICES, 12, 12))).astype(np.float32)


def told(gates: np.ndarray) -> list[str]:
    notes = damaged_slice_notes(gates)
    assert all(note.is_doubtful for note in notes)
    return [note.text for note in notes]


@pytest.mark.parametrize("slots", [1, 8])
def test_nothing_is_said_of_slices_as_they_should_be(slots: int) -> None:
    assert not told(gates_of(slots))


def test_an_empty_slice_between_others_is_told() -> None:
    gates = gates_of()
    gates[:, 9] = 0

    (words,) = told(gates)

    assert words.startswith("slice 10 of 20 is empty")


def test_empty_slices_at_the_ends_are_none_that_were_lost() -> None:
    gates = gates_of()
    gates[:, :3] = gates[:, -2:] = 0

    assert not told(gates)


def test_a_slice_that_one_time_slot_lost_is_told_with_its_slot() -> None:
    gates = gates_of(8)
    gates[2, 9] = 0

    (words,) = told(gates)

    assert words.startswith("slice 10 of 20 of time slot 3 is empty")


def test_a_slice_that_every_time_slot_lost_is_told_once() -> None:
    gates = gates_of(8)
    gates[:, 9] = 0

    assert [each.split(" is ")[0] for each in told(gates)] == ["slice 10 of 20"]


def test_a_time_slot_that_is_empty_altogether_is_told_elsewhere() -> None:
    gates = gates_of(8)
    gates[2] = 0

    assert not told(gates)


def test_a_slice_that_was_stored_twice_is_told() -> None:
    gates = gates_of()
    gates[:, 10] = gates[:, 9]

    (words,) = told(gates)

    assert words.startswith("slice 11 of 20 holds the very counts of slice 10")


def test_thick_slices_that_were_repeated_to_make_thin_ones_are_no_copies() -> None:
    gates = gates_of()

    assert not told(np.repeat(gates[:, ::2], 2, axis=1))


def test_slices_beyond_the_body_may_be_alike() -> None:
    gates = gates_of()
    gates[:, 0] = gates[:, 1] = 0
    gates[:, :2, 3, 3] = 1

    assert not told(gates)
