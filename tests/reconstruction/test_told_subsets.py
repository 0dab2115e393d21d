"""The subsets that are told are those that were used."""

from __future__ import annotations

import pytest

from reconstruction_scenes import Ball, angles_of, views_of
from shortaxis.reconstruction.post_filters import PostFilter
from shortaxis.reconstruction.reconstructing import Reconstructed, reconstruct
from shortaxis.reconstruction.settings import ReconstructionSettings

VIEWS = 12
BALL = Ball((55.0, -38.0, 21.0), 9.0, 5e5)


def made_with(subsets: int, method: str = "osem") -> Reconstructed:
    settings = ReconstructionSettings(
        method=method, iterations=1, subsets=subsets, post_filter=PostFilter("none")
    )
    return reconstruct(views_of((BALL,), angles_of(180, VIEWS)), settings)


def said_of_subsets(made: Reconstructed) -> list[str]:
    return [note.text for note in made.notes if "subsets" in note.text]


def test_more_subsets_than_two_views_each_allow_are_told_as_those_that_were_used() -> None:
    made = made_with(31)

    assert made.settings.subsets == VIEWS // 2
    assert made.settings.words == "OSEM 1i6s"
    assert said_of_subsets(made) == ["31 subsets were asked for; 12 views allow 6, which were used"]


@pytest.mark.parametrize(("subsets", "method"), [(6, "osem"), (1, "osem"), (31, "fbp")])
def test_nothing_is_said_of_subsets_that_fit_or_that_are_not_used(
    subsets: int, method: str
) -> None:
    made = made_with(subsets, method)

    assert made.settings.subsets == subsets
    assert not said_of_subsets(made)
