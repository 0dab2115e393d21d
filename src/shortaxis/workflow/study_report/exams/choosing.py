"""Which of several reconstructions of stress and of rest a report shows.

The rule, one step after the other: both with attenuation correction rather than both without; of
several energy windows that of Tc-99m, then of Tl-201; of a gated and an ungated series the gated
one, whose sum over the time slots is the ungated exam. Of two positions of the patient the supine
exam is shown, and the other one is read together with it. What is left in doubt is not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from shortaxis.errors import OptionError
from shortaxis.spect.lying import LYING
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

    `notes` tell what was left out, `reasons` what a reader should look at; `beside` are exams of
    another position of the patient, None where there is none.
    """

    groups: tuple[tuple[FoundStudy, ...], ...]
    beside: tuple[FoundStudy | None, ...]
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
    kept, others = map(list, zip(*map(_by_position, groups), strict=True))
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
    beside = tuple(_beside(group, other) for group, other in zip(gated, others, strict=True))
    return Preferred(tuple(gated), beside, tuple(notes), tuple(reasons))


Group = tuple[FoundStudy, ...]


def _by_position(group: Sequence[FoundStudy]) -> tuple[Group, Group]:
    """Candidates of the position that is shown, and those of the others."""
    known = [lying for lying in LYING if any(each.facts.lying == lying for each in group)]
    if len(known) < 2:
        return tuple(group), ()
    others = tuple(each for each in group if each.facts.lying in known[1:])
    return tuple(each for each in group if each not in others), others


def _beside(shown: Group, others: Group) -> FoundStudy | None:
    """The exam of another position that was made like the one that is shown, if there is one."""
    if len(shown) != 1:
        return None
    for is_alike in (_is_like, lambda one, other: _kind(one)[:2] == _kind(other)[:2]):
        alike = [each for each in others if is_alike(shown[0], each)]
        if len(alike) == 1:
            return alike[0]
    return None


def _is_like(one: FoundStudy, other: FoundStudy) -> bool:
    return _kind(one) == _kind(other)


def _kind(found: FoundStudy) -> tuple[bool | None, str, bool]:
    return found.facts.attenuation_corrected, _window(found), found.n_time_slots > 1


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
