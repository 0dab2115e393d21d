"""The numbers of a study in words, the same on every page, sheet and table."""

from __future__ import annotations

import numpy as np

from shortaxis.anatomy.segments import SEGMENTS, Ring, territory_sums
from shortaxis.dicom.elements.uids import told_uid
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.drawn_surfaces import TRACED_WALL
from shortaxis.quantification.normal_limits import NormalLimits
from shortaxis.quantification.scored_map import MOST, ScoredMap
from shortaxis.quantification.severity import (
    ABSENT_PART,
    FIXED_BANDS_PERCENT,
    SCAR_PERCENT,
    Severity,
)
from shortaxis.spect.study import PerfusionStudy, StudyCondition
from shortaxis.workflow.drawing.header_words import tracer_words
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy

__all__ = [
    "BASAL",
    "BY_BANDS",
    "NOT_SCORED",
    "RELATIVE_COUNTS",
    "SCAR_DEFINITION",
    "SCAR_NAMES",
    "basal_deficit_part",
    "basal_scar_percent",
    "exam_words",
    "lung_words",
    "perfusion_rows",
    "scar_percent",
    "scar_words",
    "score_scale",
    "scored_by",
    "size_rows",
    "study_mark",
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
    basal = sum(severity.segment_scores[number] for number in BASAL)
    unsure = f"; {basal} basal, not sure" if basal and quantified.base_doubt else ""
    rows = [(name, f"{severity.summed_score} of {most:.0f} ({territories}){unsure}")]
    if scar_percent(severity) is not None:
        deficit, extent = 100 * severity.total_perfusion_deficit, 100 * severity.extent
        rows.append(("TPD", f"{deficit:.1f} %, extent {extent:.0f} %"))
        is_stress = condition is StudyCondition.STRESS
        rows.append((BELOW_HALF if is_stress else SCAR, scar_words(quantified, "% of the wall")))
    return [*rows, ("Scored by", scored_by(quantified.limits, by_bands=by_bands))]


BASAL = tuple(each.number for each in SEGMENTS if each.ring is Ring.BASAL)
"""Segments that stand or fall with the valve plane."""

ALL_BUT = 0.05
"""Of the wall's area, in per cent: what is left of it is printed as 0.0."""


def scar_words(quantified: QuantifiedStudy, unit: str = "") -> str:
    """The scar burden, and how much of it lies at a base that is not sure; a dash for none."""
    scar = scar_percent(quantified.severity)
    if scar is None:
        return "-"
    words = f"{scar:.1f} {unit}".strip()
    basal = basal_scar_percent(quantified.severity) or 0.0
    if not quantified.base_doubt or basal < ALL_BUT:
        return words
    part = "" if scar - basal < ALL_BUT else f"{basal:.1f} of it "
    return f"{words} ({part}basal, not sure)"


def basal_scar_percent(severity: Severity | None) -> float | None:
    """What of the scar burden lies in basal segments, in per cent of the wall; None without it."""
    if severity is None or severity.comparison is None:
        return None
    compared = severity.comparison
    is_scar = compared.is_abnormal & (compared.of_normal_part_percent < SCAR_PERCENT)
    return 100 * severity.polar_map.part_of_area(is_scar & _is_basal(severity))


def basal_deficit_part(scored: ScoredMap) -> float:
    """What of the perfusion deficit lies in basal segments, 0 to 1; 0 where there is none."""
    weighed: FloatArray = scored.scores * scored.polar_map.area_mm2
    whole = float(weighed.sum())
    return float(weighed[_is_basal(scored)].sum()) / whole if whole else 0.0


def _is_basal(scored: ScoredMap) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.isin(scored.polar_map.segments, BASAL)


def exam_words(study: PerfusionStudy) -> str:
    """Camera, tracer and correction of an exam; no patient, no date."""
    facts = study.facts
    corrected = {True: "attenuation corrected", False: "not corrected", None: ""}
    slots = 0 if study.gates is None else len(study.gates)
    parts = (
        facts.camera or "camera unknown",
        tracer_words(facts, study.notes),
        corrected[facts.attenuation_corrected],
        f"{slots} time slots" if slots else "",
    )
    return ", ".join(filter(None, parts))


def study_mark(study: PerfusionStudy) -> str:
    """The end of the Study Instance UID, by which a page is brought back to its study."""
    uid = study.facts.study_instance_uid
    return f"study ...{uid[-8:]}" if uid and told_uid(uid) == uid else ""


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
    if ratio is None:
        return "not told: the field ends before the lung"
    return f"{ratio:.2f}, left lung over wall, in slices"


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
