"""The split of patients: nobody on two sides, everybody somewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortaxis.errors import OptionError
from shortaxis.training.paper.protocol import (
    FOLDS,
    PATIENTS,
    TEST_PATIENTS,
    split_patients,
)


@given(
    patients=st.sets(st.integers(0, 10**6), min_size=12, max_size=60),
    seed=st.integers(0, 2**32 - 1),
    folds=st.integers(2, 6),
    test=st.integers(1, 6),
)
def test_nobody_is_on_two_sides_and_everybody_on_one(
    patients: set[int], seed: int, folds: int, test: int
) -> None:
    split = split_patients(list(patients), seed, folds=folds, test=test)
    assert len(split.test) == test
    assert sorted([*split.test, *split.learning]) == sorted(patients)
    sizes = [len(part) for part in split.parts]
    assert max(sizes) - min(sizes) <= 1
    watched = [patient for fold in split.folds() for patient in fold.validation]
    assert sorted(watched) == list(split.learning)
    for fold in split.folds():
        assert not set(fold.training) & set(fold.validation)
        assert not set(fold.training) & set(split.test)
        assert sorted([*fold.training, *fold.validation]) == list(split.learning)


def test_the_split_follows_from_the_seed_and_not_from_the_order() -> None:
    names = list(range(PATIENTS))
    assert split_patients(names, 3) == split_patients(names[::-1], 3)
    assert split_patients(names, 3) != split_patients(names, 4)


def test_the_paper_has_five_folds_of_208_patients_and_a_test_of_46() -> None:
    split = split_patients(range(PATIENTS), 0)
    assert len(split.test) == TEST_PATIENTS
    assert sorted(len(part) for part in split.parts) == [41, 41, 42, 42, 42]
    assert len(list(split.folds())) == FOLDS


@pytest.mark.parametrize(
    ("patients", "folds", "test"), [([1, 1, 2, 3], 2, 1), ([1, 2, 3], 3, 1), ([1, 2, 3, 4], 1, 1)]
)
def test_what_cannot_be_split_is_refused(patients: list[int], folds: int, test: int) -> None:
    with pytest.raises(OptionError):
        split_patients(patients, 0, folds=folds, test=test)
