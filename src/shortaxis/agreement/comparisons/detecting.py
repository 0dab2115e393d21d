"""How well numbers tell patients with a stenosis from those without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from shortaxis.agreement.comparisons.pairings import GROUPS, in_group
from shortaxis.agreement.exams.compared_exam import (
    PATIENT,
    STRESS,
    ComparedExam,
    Source,
    territory_score,
)
from shortaxis.agreement.exams.quantities import ABNORMAL, SUMMED, TERRITORIES, TERRITORY, TPD
from shortaxis.agreement.measures.limits_of_agreement import Estimate
from shortaxis.agreement.measures.roc_area import BoolArray, IntArray, roc_area, roc_areas
from shortaxis.evaluation.scores.intervals import Proportion
from shortaxis.geometry.arrays import FloatArray

__all__ = [
    "ANY_TERRITORY",
    "Detection",
    "Normalcy",
    "TestedValue",
    "detections",
    "normalcies",
    "tested_values",
]

ANY_TERRITORY = "each territory"
"""Territories of all patients together; the interval knows that three are of one heart."""

TESTS = (TPD, SUMMED, ABNORMAL)

VERDICT_CUT = 1.0


@dataclass(frozen=True)
class TestedValue:
    """One value of a patient, or of one territory; None where the test came to nothing."""

    row: int
    patient: str
    value: float | None
    is_diseased: bool


@dataclass(frozen=True)
class Detection:
    """One test against angiography, in a group of patients.

    Parameters
    ----------
    place : str
        `PATIENT`, a territory, or `ANY_TERRITORY`.
    tested, diseased : int
        Patients, or territories, with a value, and how many of them have disease.
    without, without_diseased : int
        Those without a value.
    area : Estimate or None
        Under the ROC curve; None of a verdict, and of too few.
    cut : float
    sensitivity, specificity : Proportion
        From the cut on, of those with a value.
    worst_sensitivity, worst_specificity : Proportion
        The same with those without a value counted as wrong.
    differences : mapping of source to Estimate
        Area less that of the same test by other sources, on the patients whom both have.
    """

    place: str
    source: Source
    test: str
    group: str
    tested: int
    diseased: int
    without: int
    without_diseased: int
    area: Estimate | None
    cut: float
    sensitivity: Proportion
    specificity: Proportion
    worst_sensitivity: Proportion
    worst_specificity: Proportion
    differences: Mapping[Source, Estimate]


@dataclass(frozen=True)
class Normalcy:
    """Patients with a low likelihood of disease whom a test calls normal."""

    source: Source
    test: str
    cut: float
    normal: Proportion
    without: int


def detections(
    exams: Sequence[ComparedExam],
    sources: Sequence[Source],
    cuts: Mapping[str, float],
) -> Iterator[Detection]:
    """Every test of every source, on stress exams with angiography."""
    for place in (PATIENT, *TERRITORIES, ANY_TERRITORY):
        for test in TESTS if place == PATIENT else (SUMMED,):
            for group in GROUPS:
                chosen = [exam for exam in exams if in_group(exam, group)]
                by_source = {
                    source: found
                    for source in sources
                    if any(
                        each.value is not None for each in tested_values(exams, source, place, test)
                    )
                    and (found := tested_values(chosen, source, place, test))
                }
                cut = _cut(place, test, cuts)
                others = _differences(by_source) if test != ABNORMAL else {}
                for source, values in by_source.items():
                    asked = (place, source, test, group)
                    yield _detection(asked, cut, values, others.get(source, {}))


def tested_values(
    exams: Sequence[ComparedExam], source: Source, place: str, test: str
) -> list[TestedValue]:
    """Values at stress where angiography is known, in the order of the table."""
    found = []
    for exam in exams:
        if exam.condition != STRESS:
            continue
        for each in TERRITORIES if place == ANY_TERRITORY else (place,):
            if each not in exam.diseased:
                continue
            value = (
                exam.value(source, test) if each == PATIENT else territory_score(exam, source, each)
            )
            found.append(TestedValue(exam.row, exam.patient, value, exam.diseased[each]))
    return found


def normalcies(
    exams: Sequence[ComparedExam], sources: Sequence[Source], cuts: Mapping[str, float]
) -> Iterator[Normalcy]:
    """Parts of the patients with a low likelihood who are called normal at stress."""
    chosen = [exam for exam in exams if exam.is_low_likelihood and exam.condition == STRESS]
    for source in sources:
        for test in TESTS:
            values = [exam.value(source, test) for exam in chosen]
            known = [value for value in values if value is not None]
            if known:
                cut = _cut(PATIENT, test, cuts)
                normal = Proportion(sum(value < cut for value in known), len(known))
                yield Normalcy(source, test, cut, normal, len(values) - len(known))


def _cut(place: str, test: str, cuts: Mapping[str, float]) -> float:
    if test == ABNORMAL:
        return VERDICT_CUT
    return cuts[test if place == PATIENT else TERRITORY]


def _detection(
    asked: tuple[str, Source, str, str],
    cut: float,
    values: Sequence[TestedValue],
    differences: Mapping[Source, Estimate],
) -> Detection:
    known = [(each.value, each) for each in values if each.value is not None]
    sick = [value for value, each in known if each.is_diseased]
    well = [value for value, each in known if not each.is_diseased]
    without = [each.is_diseased for each in values if each.value is None]
    hit, passed = sum(value >= cut for value in sick), sum(value < cut for value in well)
    area = None
    if asked[2] != ABNORMAL and known:
        area = roc_area(*_arrays([each for _, each in known]))
    return Detection(
        *asked,
        tested=len(known),
        diseased=len(sick),
        without=len(without),
        without_diseased=sum(without),
        area=area,
        cut=cut,
        sensitivity=Proportion(hit, len(sick)),
        specificity=Proportion(passed, len(well)),
        worst_sensitivity=Proportion(hit, len(sick) + sum(without)),
        worst_specificity=Proportion(passed, len(well) + len(without) - sum(without)),
        differences=differences,
    )


def _arrays(values: Sequence[TestedValue]) -> tuple[FloatArray, BoolArray, IntArray]:
    _, patients = np.unique([each.patient for each in values], return_inverse=True)
    numbers = np.array([each.value for each in values], dtype=np.float64)
    return numbers, np.array([each.is_diseased for each in values]), patients


def _differences(
    by_source: Mapping[Source, Sequence[TestedValue]],
) -> dict[Source, dict[Source, Estimate]]:
    """Areas of every two sources, on what both have; kept with the first of them."""
    found: dict[Source, dict[Source, Estimate]] = {}
    for first, second in combinations(by_source, 2):
        both = [
            pair
            for pair in zip(by_source[first], by_source[second], strict=True)
            if pair[0].value is not None and pair[1].value is not None
        ]
        if not both:
            continue
        numbers, diseased, patients = _arrays([one for one, _ in both])
        others = np.array([other.value for _, other in both], dtype=np.float64)
        areas = roc_areas(np.array([numbers, others]), diseased, patients)
        if areas is not None:
            found.setdefault(first, {})[second] = areas.difference
    return found
