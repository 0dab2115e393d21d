"""A study waits for whoever still sends of it, and for nobody else."""

from __future__ import annotations

from shortaxis.service.held_studies import HeldStudies


def test_a_study_is_held_until_the_last_association_that_sent_of_it_ends() -> None:
    held = HeldStudies(30.0)
    held.sends(1, "one")
    held.sends(2, "one")
    held.sends(2, "two")

    held.ended(2)
    assert held.now() == {"one"}

    held.ended(1)
    assert held.now() == set()


def test_an_association_that_sends_no_more_of_a_study_holds_it_for_four_silences() -> None:
    now_s = 0.0
    held = HeldStudies(30.0, lambda: now_s)
    held.sends(1, "first")

    now_s = 100.0
    held.sends(1, "second")
    now_s = 120.0
    assert held.now() == {"first", "second"}

    now_s = 121.0
    assert held.now() == {"second"}

    held.sends(1, "first")
    assert held.now() == {"first", "second"}
