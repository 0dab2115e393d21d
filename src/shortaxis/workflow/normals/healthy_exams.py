"""Healthy exams with their polar maps, and the groups that are made of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from shortaxis.errors import OptionError
from shortaxis.quantification.normal_group import GROUP_FACTS, NormalGroup
from shortaxis.quantification.normal_limits import MIN_EXAMS, HealthyMaps, NormalLimits
from shortaxis.quantification.polar_map import PolarMap

__all__ = ["GROUPED_BY", "ExamGroup", "HealthyExam", "groups_of", "require_known_facts"]

GROUPED_BY = GROUP_FACTS
"""What exams can be told apart by."""


@dataclass(frozen=True, eq=False)
class HealthyExam:
    """One healthy exam.

    `label` names it in pictures and tables without naming the patient: its row of a list, or its
    number. `age` is in years, None where nobody says. `reconstructed_here` are the words of how its
    projections were reconstructed, empty where it came as slices.
    """

    label: str
    group: NormalGroup
    polar_map: PolarMap
    age: float | None = None
    reconstructed_here: str = ""


@dataclass(frozen=True, eq=False)
class ExamGroup:
    """Exams of one group, by their places among all."""

    group: NormalGroup
    places: tuple[int, ...]
    maps: HealthyMaps

    def limits(self, name: str, without: int | None = None) -> NormalLimits:
        """Limits of the group, or without the exam of one place."""
        left_out = None if without is None else self.places.index(without)
        return self.maps.limits(name, self.group, left_out)


def groups_of(exams: Sequence[HealthyExam], grouped_by: Sequence[str]) -> list[ExamGroup]:
    """All exams, and every value of each combination of facts that has at least `MIN_EXAMS`.

    Raises
    ------
    OptionError
        If there are too few exams in all, or a fact is not known.
    """
    require_known_facts(grouped_by)
    if len(exams) < MIN_EXAMS:
        raise OptionError(
            "too few healthy exams for normal limits",
            expected=f"at least {MIN_EXAMS}",
            found=str(len(exams)),
            cause="studies that could not be read, or whose axes or wall are in doubt; they are "
            "listed one by one",
            way_on="add patients to the list; the error of a standard deviation is a sixth with "
            "20 exams, a ninth with 40",
        )
    made = []
    for count in range(len(grouped_by) + 1):
        for fields in itertools.combinations(grouped_by, count):
            wanted = {
                NormalGroup(**{field: getattr(exam.group, field) for field in fields})
                for exam in exams
            }
            # What an exam does not say makes no group of its own.
            full = [each for each in wanted if all(getattr(each, field) for field in fields)]
            made += [_group(exams, each) for each in sorted(full, key=str)]
    return [each for each in made if len(each.places) >= MIN_EXAMS]


def _group(exams: Sequence[HealthyExam], group: NormalGroup) -> ExamGroup:
    places = [place for place, exam in enumerate(exams) if group.holds(exam.group)]
    return ExamGroup(
        group, tuple(places), HealthyMaps.of([exams[place].polar_map for place in places])
    )


def require_known_facts(grouped_by: Sequence[str]) -> None:
    """Raise `OptionError` for a fact that exams cannot be told apart by."""
    unknown = [each for each in grouped_by if each not in GROUPED_BY]
    if unknown:
        raise OptionError(
            "unknown fact to tell exams apart by",
            expected=", ".join(GROUPED_BY),
            found=", ".join(unknown),
        )
