"""Sentences put together from the numbers: size, severity, place, reversibility, and function.

It is computed and says so. It is no reading: it knows neither the patient nor artefacts.
"""

from __future__ import annotations

from shortaxis.anatomy.segments import SEGMENTS, TERRITORIES, Ring
from shortaxis.quantification.scored_map import MOST, ScoredMap
from shortaxis.quantification.severity import Severity
from shortaxis.workflow.quantify.quantifying import SURE_DIRECTIONS
from shortaxis.workflow.quantify.wording import NOT_SCORED, RELATIVE_COUNTS, scored_by
from shortaxis.workflow.study_report.exams.pairing import QuantifiedExam, QuantifiedPair
from shortaxis.workflow.study_report.exams.positions import BothPositions

__all__ = ["COMPUTED", "REVIEW_FIRST", "impression_of"]

COMPUTED = "Computed from the numbers, not read by a physician"

REVIEW_FIRST = (
    "There are reasons to review first: where axes, wall or kind of study are wrong, so are the "
    "numbers."
)

SMALL_PART, MEDIUM_PART = 0.10, 0.20
"""Of the wall: small below a tenth, large above a fifth (1-2, 3-4, and 5 or more segments)."""

MILD, MODERATE = 2.0, 3.0
"""Mean score of the abnormal part."""

LEAST_DEFICIT = 0.03
"""Of the whole wall; less is called no defect."""

FIXED, FULL = 0.2, 0.8
"""Part of the deficit under stress that returns at rest."""

PLUS_MINUS = "\N{PLUS-MINUS SIGN}"

TERRITORY_DEFICIT = 0.05
"""Of a territory, from which it is named."""


def impression_of(pair: QuantifiedPair) -> str:
    """A few sentences: of the stress exam where there is one, and of the function of gated ones."""
    told = [REVIEW_FIRST] if pair.quality.reasons else []
    return " ".join([*told, _perfusion(pair), *map(_function, pair.exams)]).strip()


def _perfusion(pair: QuantifiedPair) -> str:
    """Of both positions of the patient together where there are two."""
    shown = pair.exams[0]
    if shown.quantified.severity is None:
        return f"Perfusion {NOT_SCORED}."
    if shown.quantified.severity.comparison is None:
        return _by_bands(shown.quantified.severity)
    scored, of_both = _scored(shown.quantified.severity, shown.positions)
    if scored.total_perfusion_deficit < LEAST_DEFICIT:
        return f"No perfusion defect by the limits{of_both}. {RELATIVE_COUNTS}"
    words = f"{_size(scored)}, {_depth(scored)} perfusion defect{_place(scored)}{of_both}"
    returns = _reversibility(pair, scored)
    deficit = f"total perfusion deficit {100 * scored.total_perfusion_deficit:.0f} %"
    return f"{words}{returns}; {deficit}.{_of_the_base(shown, scored)}"


def _by_bands(severity: Severity) -> str:
    return (
        f"Perfusion is scored by {scored_by(None, by_bands=True)}: summed score "
        f"{severity.summed_score} of {MOST * len(SEGMENTS):.0f}. They know no normal heart, so "
        f"neither a defect nor a total perfusion deficit is told. {RELATIVE_COUNTS}"
    )


def _scored(severity: Severity, positions: BothPositions | None) -> tuple[ScoredMap, str]:
    """What is told, and of which positions."""
    if positions is None or positions.together is None:
        return severity, ""
    return positions.together, f", {positions.title.lower()} together"


def _of_the_base(shown: QuantifiedExam, scored: ScoredMap) -> str:
    """How much of the score stands or falls with a valve plane that is not sure."""
    points = [scored.segment_scores[each.number] for each in SEGMENTS if each.ring is Ring.BASAL]
    apart = shown.quantified.valve_planes_apart
    is_sure = shown.quantified.traced.ends.directions_part >= SURE_DIRECTIONS
    if (is_sure and not (apart and apart.note)) or not any(points):
        return ""
    part = f"{sum(points)} of {scored.summed_score} points"
    return (
        f" {part} are of basal segments, which are not sure: a valve plane that is drawn too far "
        "from the apex looks like a defect there."
    )


def _function(each: QuantifiedExam) -> str:
    """Of a gated exam; nothing where nothing was measured."""
    function = each.quantified.function
    if function is None or function.measured is None:
        return ""
    curve, bounds = function.measured.curve, function.measured.bounds
    doubted = " (to be reviewed)" if function.reasons else ""
    return (
        f"{each.title}: ejection fraction {100 * curve.ejection_fraction:.0f} {PLUS_MINUS} "
        f"{100 * bounds['ejection_fraction']:.0f} %, end-diastolic volume "
        f"{curve.end_diastolic_ml:.0f} {PLUS_MINUS} {bounds['end_diastolic_ml']:.0f} ml{doubted}."
    )


def _size(severity: ScoredMap) -> str:
    if severity.extent < SMALL_PART:
        return "Small"
    return "Medium-sized" if severity.extent <= MEDIUM_PART else "Large"


def _depth(severity: ScoredMap) -> str:
    depth = severity.mean_severity
    return "mild" if depth < MILD else "moderate" if depth < MODERATE else "severe"


def _place(severity: ScoredMap) -> str:
    named = [
        each.label for each in TERRITORIES if severity.territory_deficit(each) >= TERRITORY_DEFICIT
    ]
    if not named:
        return ""
    if len(named) == len(TERRITORIES):
        return " in all three territories"
    return f" in the territory of {' and '.join(named)}"


def _reversibility(pair: QuantifiedPair, severity: ScoredMap) -> str:
    difference = pair.difference
    if difference is None or difference.reversibility is None:
        return ""
    change = difference.reversibility
    part = change.total_perfusion_deficit / severity.total_perfusion_deficit
    return ", fixed" if part < FIXED else ", reversible" if part > FULL else ", partly reversible"
