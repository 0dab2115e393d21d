"""The numbers of a study in words, the same on every page, sheet and table."""

from __future__ import annotations

from shortaxis.anatomy.segments import territory_sums
from shortaxis.quantification.drawn_surfaces import TRACED_WALL
from shortaxis.quantification.normal_limits import NormalLimits
from shortaxis.quantification.scored_map import MOST
from shortaxis.quantification.severity import (
    ABSENT_PART,
    FIXED_BANDS_PERCENT,
    SCAR_PERCENT,
    Severity,
)
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy

__all__ = [
    "BY_BANDS",
    "NOT_SCORED",
    "RELATIVE_COUNTS",
    "SCAR_DEFINITION",
    "SCAR_NAMES",
    "lung_words",
    "perfusion_rows",
    "scar_percent",
    "score_scale",
    "scored_by",
    "size_rows",
    "summed_name",
    "wall_title",
    "wall_words",
]

BY_BANDS = "fixed bands"

NOT_SCORED = "not scored: no normal limits fit"

SCAR_DEFINITION = (
    f"wall that is abnormal by the normal limits and below {SCAR_PERCENT:g} % of its normal part; "
    "under stress it may be ischaemic"
)

RELATIVE_COUNTS = (
    "Counts are relative: a loss that is the same in all territories is not seen in them."
)

SCAR, BELOW_HALF = "Scar burden", "Below half"
SCAR_NAMES = (SCAR, BELOW_HALF)
"""What the same part is called; under stress it is not surely a scar."""


def perfusion_rows(quantified: QuantifiedStudy) -> list[tuple[str, str]]:
    """Name and value of every number of perfusion, in the order in which they are read."""
    severity, condition = quantified.severity, quantified.study.facts.condition
    by_bands = quantified.options.is_by_fixed_bands
    name = summed_name(condition)
    if severity is None:
        return [(name, NOT_SCORED)]
    sums = territory_sums(severity.segment_scores)
    territories = ", ".join(f"{label} {score}" for label, score in sums.items())
    most = MOST * len(severity.segment_scores)
    rows = [(name, f"{severity.summed_score} of {most:.0f} ({territories})")]
    scar = scar_percent(severity)
    if scar is not None:
        deficit, extent = 100 * severity.total_perfusion_deficit, 100 * severity.extent
        rows.append(("TPD", f"{deficit:.1f} %, extent {extent:.0f} %"))
        is_stress = condition is StudyCondition.STRESS
        rows.append((BELOW_HALF if is_stress else SCAR, f"{scar:.1f} % of the wall"))
    return [*rows, ("Scored by", scored_by(quantified.limits, by_bands=by_bands))]


def size_rows(quantified: QuantifiedStudy) -> list[tuple[str, str]]:
    """Name and value of the ventricle's size, and of the lung beside it."""
    traced = quantified.traced
    return [
        ("LV length", f"{traced.length_mm:.0f} mm, apex to valve plane"),
        ("Mid-wall", f"radius {traced.radius_mm:.0f} mm, volume {traced.volume_ml:.0f} ml"),
        ("Lung / heart", lung_words(quantified)),
    ]


def wall_title(quantified: QuantifiedStudy) -> str:
    """What pictures call the wall that numbers are of."""
    is_traced = quantified.options.wall == TRACED_WALL
    return "The traced wall" if is_traced else f"The wall by {quantified.options.wall}"


def wall_words(quantified: QuantifiedStudy) -> str:
    """What the wall on a picture is for, and whether it is that of review sheets."""
    if quantified.options.hand.what:
        return f"{NUMBERS_OF_THIS}, set by hand in part"
    if quantified.options.wall == TRACED_WALL:
        return f"{NUMBERS_OF_THIS}, review sheets show the network's"
    return f"{NUMBERS_OF_THIS}, as on review sheets"


NUMBERS_OF_THIS = "numbers are of this wall"


def score_scale(severity: Severity) -> str:
    """What the ends of the scores mean, or each of them where they are bands."""
    if severity.comparison is None:
        bands = (f"{score} below {band:g} %" for score, band in enumerate(FIXED_BANDS_PERCENT, 1))
        return ", ".join(bands)
    lost = f"{100 * ABSENT_PART:.0f} % of normal or more"
    return f"0 within the normal limits, {MOST:.0f} where {lost} is lost"


def lung_words(quantified: QuantifiedStudy) -> str:
    """The lung-heart ratio, or why there is none."""
    ratio = quantified.lung_heart_ratio
    return "the field ends before the lung" if ratio is None else f"{ratio:.2f}, in slices"


def scored_by(limits: NormalLimits | None, *, by_bands: bool) -> str:
    """What scores are by: the limits and their group, or the bands."""
    if by_bands:
        bands = ", ".join(f"{band:g}" for band in FIXED_BANDS_PERCENT)
        return f"{BY_BANDS} of uptake ({bands} %), as asked for"
    if limits is None:
        return NOT_SCORED
    return f"{limits.name}: {limits.exams} exams, {limits.group.words}"


def scar_percent(severity: Severity | None) -> float | None:
    """Scar burden in per cent of the wall; None where there is none to print."""
    burden = None if severity is None else severity.scar_burden
    return None if burden is None else 100 * burden


def summed_name(condition: StudyCondition) -> str:
    """What readers call the summed score: SSS under stress, SRS at rest."""
    names = {StudyCondition.STRESS: "SSS", StudyCondition.REST: "SRS"}
    return names.get(condition, "Summed score")
