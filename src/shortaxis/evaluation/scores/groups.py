"""Groups of exams, with results of each as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shortaxis.evaluation.cohorts.exam_truth import Stratum

__all__ = ["ALL", "GROUPS", "HARDNESS_GROUPS", "LARGE_DEFECT"]

LARGE_DEFECT = 0.25
"""Part of the wall."""

SPECIAL = ("hot_organ", "small_heart", "low_counts", "extreme_pose", "truncated")
"""Strata that make an exam hard, besides large defects."""

ALL = "all"

Strata = Mapping[str, Stratum]
Belongs = Callable[[Strata], bool]


def _is(name: str, value: Stratum = True) -> Belongs:
    return lambda strata: strata.get(name) == value


def _defect(belongs: Callable[[float], bool]) -> Belongs:
    return lambda strata: "defect_part" in strata and belongs(float(strata["defect_part"]))


def _moved(belongs: Callable[[float], bool]) -> Belongs:
    return lambda strata: "moved_mm" in strata and belongs(float(strata["moved_mm"]))


_has_large_defect = _defect(lambda part: part >= LARGE_DEFECT)
_has_no_large_defect = _defect(lambda part: part < LARGE_DEFECT)


HARDNESS_GROUPS: dict[str, Belongs] = {
    ALL: lambda strata: True,
    "parallel holes": _is("technique", "PARALLEL_HOLES"),
    "multi-pinhole": _is("technique", "MULTI_PINHOLE"),
    "PET": _is("technique", "PET"),
    "no or small defect": _has_no_large_defect,
    "large defect": _has_large_defect,
    "hot organ at the heart": _is("hot_organ"),
    "small heart": _is("small_heart"),
    "few counts": _is("low_counts"),
    "extreme pose": _is("extreme_pose"),
    "cut by the field": _is("truncated"),
    "none of these": lambda strata: (
        _has_no_large_defect(strata) and not any(strata.get(name) for name in SPECIAL)
    ),
}
"""By camera, and by what makes an exam hard; an exam can be in several."""

GROUPS: dict[str, Belongs] = {
    **HARDNESS_GROUPS,
    # Extreme is an angle outside two standard deviations of the clinical prior.
    "pose within 2 sd of the clinical prior": _is("extreme_pose", False),
    "patient moved": _moved(lambda mm: mm > 0),
    "patient lay still": _moved(lambda mm: mm <= 0),
    "attenuation corrected": _is("correction", "AC"),
    "not corrected": _is("correction", "none"),
    "Tc-99m sestamibi": _is("tracer", "TC99M_SESTAMIBI"),
    "Tc-99m tetrofosmin": _is("tracer", "TC99M_TETROFOSMIN"),
    "Tl-201": _is("tracer", "TL201_CHLORIDE"),
    "Rb-82": _is("tracer", "RB82_CHLORIDE"),
    "N-13 ammonia": _is("tracer", "N13_AMMONIA"),
    "accepted by the reviewer": _is("review", "accepted"),
    "corrected by the reviewer": _is("review", "corrected"),
}
"""All rows of an evaluation. What is not known of an exam puts it into no group."""
