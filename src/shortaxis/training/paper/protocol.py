"""Who is learnt from, who is watched, and who is tested on in the paper's experiment.

Zhu et al. (arXiv 2208.03752) have 254 patients, hold out 46 stress and 46 rest exams as a test, and
cross-validate on the others in five parts. Patients are split, not images: stress and rest of one
heart, and all images made from them, are on the same side. Here the test is 46 patients with both
exams each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from shortaxis.errors import OptionError

__all__ = ["FOLDS", "PATIENTS", "TEST_PATIENTS", "Fold", "PatientSplit", "split_patients"]

PATIENTS, TEST_PATIENTS, FOLDS = 254, 46, 5


@dataclass(frozen=True)
class Fold:
    """Patients of one turn of the cross-validation."""

    number: int
    training: tuple[int, ...]
    validation: tuple[int, ...]


@dataclass(frozen=True)
class PatientSplit:
    """Patients by their numbers: parts that take turns, and those that nothing is learnt from."""

    parts: tuple[tuple[int, ...], ...]
    test: tuple[int, ...]

    def folds(self) -> Iterator[Fold]:
        """One fold a part, which is its validation."""
        for number, validation in enumerate(self.parts, start=1):
            others = [part for part in self.parts if part is not validation]
            yield Fold(number, tuple(sorted(sum(others, ()))), validation)

    @property
    def learning(self) -> tuple[int, ...]:
        """All patients but those of the test."""
        return tuple(sorted(sum(self.parts, ())))


def split_patients(
    patients: Sequence[int],
    seed: int,
    *,
    folds: int = FOLDS,
    test: int = TEST_PATIENTS,
) -> PatientSplit:
    """Split patients at random into a test and parts of nearly equal size.

    Without patients for a `test` all take turns: a test may come from elsewhere.

    Raises
    ------
    OptionError
        If a patient is named twice, or there are too few.
    """
    names = sorted(patients)
    if len(set(names)) != len(names):
        raise OptionError("a patient is named twice", expected="every patient once", found="more")
    if folds < 2 or test < 0 or len(names) < test + folds:
        raise OptionError(
            "too few patients",
            expected=f"more than a test of {test} and {folds} parts",
            found=f"{len(names)} patients",
        )
    shuffled = np.random.default_rng(seed).permutation(names).tolist()
    held_out, rest = shuffled[:test], shuffled[test:]
    parts = tuple(tuple(sorted(rest[first::folds])) for first in range(folds))
    return PatientSplit(parts, tuple(sorted(held_out)))
