"""Which of several reconstructions of stress and of rest a report shows.

The rule, one step after the other: both with attenuation correction rather than both without; of
several energy windows that of Tc-99m, then of Tl-201; of a gated and an ungated series the gated
one, whose sum over the time slots is the ungated exam. What is left in doubt is not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from shortaxis.errors import OptionError
from shortaxis.spect.nuclides import nuclide_named_in
from shortaxis.workflow.studies.finding import FoundStudy

__all__ = ["ANY_EXAM", "ExamChoice", "Preferred", "preferred"]

CORRECTIONS = (True, False, None)
"""In the order of preference; None where a header does not say."""

WINDOW_ORDER = ("Tc-99m", "Tl-201")
"""Nuclides of energy windows in the order of preference, before all others."""

CORRECTION_WORDS = {
    True: "attenuation-corrected",
    False: "uncorrected",
    None: "series that does not name its correction",
}

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True)
class ExamChoice:
    """What the user chooses in place of the rule.

    Parameters
    ----------
    corrected : bool or None
        Only exams with, or without, attenuation correction.
    numbers : tuple of int
        The stress exam and the one at rest, or a single exam, by the numbers, from 1, with which
        ``shortaxis info`` lists them.

    Raises
    ------
    OptionError
        For more than two numbers, or numbers below 1.
    """

    corrected: bool | None = None
    numbers: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if len(self.numbers) > 2 or any(number < 1 for number in self.numbers):
            raise OptionError(
                "no numbers of exams",
                expected="one number, or those of stress and rest, from 1",
                found=", ".join(map(str, self.numbers)),
            )


ANY_EXAM = ExamChoice()


@dataclass(frozen=True, eq=False)
class Preferred:
    """What is left for each exam, in their order, and what the rule decided.

    `notes` tell what was left out, `reasons` what a reader should look at.
    """

    groups: tuple[tuple[FoundStudy, ...], ...]
    notes: tuple[str, ...] = field(default=())
    reasons: tuple[str, ...] = field(default=())


def preferred(groups: Sequence[Sequence[FoundStudy]], titles: Sequence[str]) -> Preferred:
    """Apply the rule to the candidates of one exam, or of stress and rest.

    Parameters
    ----------
    groups : sequence of sequences of FoundStudy
        Candidates of each exam.
    titles : sequence of str
        What the exams are called in notes.
    """
    kept = [tuple(group) for group in groups]
    kept, of_correction = _alike(kept, lambda each: each.facts.attenuation_corrected, CORRECTIONS)
    windows = sorted({_window(each) for group in kept for each in group}, key=_window_rank)
    kept, of_window = _alike(kept, _window, windows)
    notes = []
    if of_correction is not None:
        words = CORRECTION_WORDS[of_correction]
        notes.append(f"{' and '.join(titles)}: of several corrections the {words} is shown")
    reasons = []
    if of_window is not None:
        words = of_window or "without a name"
        reasons.append(f"of several energy windows that of {words} is shown")
    gated = []
    for title, group in zip(titles, kept, strict=True):
        one = _gated_one(group)
        if one is not group:
            notes.append(f"{title}: the gated series is shown, an ungated one left out")
        gated.append(one)
    return Preferred(tuple(gated), tuple(notes), tuple(reasons))


def _alike(
    groups: list[tuple[FoundStudy, ...]],
    value_of: Callable[[FoundStudy], Value],
    order: Sequence[Value],
) -> tuple[list[tuple[FoundStudy, ...]], Value | None]:
    """Candidates of the first value that all exams have; the value if it left something out."""
    if all(len(group) < 2 for group in groups):
        return groups, None
    for value in order:
        kept = [tuple(each for each in group if value_of(each) == value) for group in groups]
        if all(kept):
            return kept, None if kept == groups else value
    return [_first_kind(group, value_of, order) for group in groups], None


def _first_kind(
    group: tuple[FoundStudy, ...],
    value_of: Callable[[FoundStudy], Value],
    order: Sequence[Value],
) -> tuple[FoundStudy, ...]:
    kinds = (tuple(each for each in group if value_of(each) == value) for value in order)
    return next(filter(None, kinds), group)


def _gated_one(group: tuple[FoundStudy, ...]) -> tuple[FoundStudy, ...]:
    gated = tuple(each for each in group if each.n_time_slots > 1)
    return gated if len(group) == 2 and len(gated) == 1 else group


def _window(found: FoundStudy) -> str:
    return found.facts.energy_window


def _window_rank(name: str) -> tuple[int, str]:
    nuclide = nuclide_named_in(name)
    rank = WINDOW_ORDER.index(nuclide) if nuclide in WINDOW_ORDER else len(WINDOW_ORDER)
    return rank, name
