"""Sentences put together from the numbers: size, severity, place, reversibility, and function.

It is computed and says so. It is no reading: it knows neither the patient nor artefacts.
"""

from __future__ import annotations

from shortaxis.anatomy.segments import SEGMENTS, TERRITORIES
from shortaxis.quantification.scored_map import MOST, ScoredMap
from shortaxis.quantification.severity import Severity
from shortaxis.workflow.beat_view.printed_volumes import printed_volumes
from shortaxis.workflow.quantify.limits_choice import unlike_reconstruction
from shortaxis.workflow.quantify.wording import (
    BASAL,
    NOT_SCORED,
    RELATIVE_COUNTS,
    basal_deficit_part,
    scored_by,
)
from shortaxis.workflow.study_report.earlier.words import compared_words
from shortaxis.workflow.study_report.exams.pairing import QuantifiedExam, QuantifiedPair
from shortaxis.workflow.study_report.exams.positions import BothPositions

__all__ = ["COMPUTED", "OTHER_RECONSTRUCTION", "REVIEW_FIRST", "impression_of"]

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

SOME, MOST_OF, ALL = 0.05, 0.5, 0.95
"""Parts of a deficit that are called partly, mostly and wholly basal."""

NORMAL_SUM, ABNORMAL_DEFICIT = 3, 0.05
"""A summed score below 4 is called normal (Hachamovitch et al., Circulation 1998;97:535), and a
deficit from 5 % on commonly abnormal. Where both hold, a reader is told why."""

OTHER_RECONSTRUCTION = (
    "The normal limits were made from other reconstructions than this one, so scores may be off."
)


def impression_of(pair: QuantifiedPair) -> str:
    """A few sentences: of the stress exam where there is one, and of the function of gated ones."""
    told = [REVIEW_FIRST] if pair.quality.reasons else []
    told += [_perfusion(pair), *map(_function, pair.exams), compared_words(pair)]
    return " ".join(filter(None, told))


def _perfusion(pair: QuantifiedPair) -> str:
    """Of both positions of the patient together where there are two."""
    shown = pair.exams[0]
    if shown.quantified.severity is None:
        return f"Perfusion {NOT_SCORED}."
    if shown.quantified.severity.comparison is None:
        return _by_bands(shown.quantified.severity)
    scored, of_both = _scored(shown.quantified.severity, shown.positions)
    base, basal = _of_the_base(shown, scored)
    # Whoever reads the sentence on a defect has read what there is to doubt.
    doubts = [*_of_the_limits(pair), *base]
    if scored.total_perfusion_deficit < LEAST_DEFICIT:
        return " ".join([*doubts, f"No perfusion defect by the limits{of_both}.", RELATIVE_COUNTS])
    words = f"{_size(scored)}, {_depth(scored)} perfusion defect{_place(scored)}{of_both}"
    returns = _reversibility(pair, scored)
    deficit = f"total perfusion deficit {100 * scored.total_perfusion_deficit:.1f} %"
    return " ".join([*doubts, f"{words}{returns}{basal}; {deficit}{_rounded_away(scored)}."])


def _of_the_limits(pair: QuantifiedPair) -> list[str]:
    """That limits are of other reconstructions than an exam, if they are."""
    exams = [each.quantified for each in pair.exams if each.quantified.limits is not None]
    unlike = [
        unlike_reconstruction(each.study.facts, each.options.normals, each.options.wall)
        for each in exams
    ]
    return [OTHER_RECONSTRUCTION] if any(unlike) else []


def _rounded_away(scored: ScoredMap) -> str:
    """Why the summed score is that of a normal heart beside a deficit that is not."""
    is_small = scored.summed_score <= NORMAL_SUM
    if not is_small or scored.total_perfusion_deficit < ABNORMAL_DEFICIT:
        return ""
    return (
        f", beside a summed score of {scored.summed_score}, which leaves out what is less than "
        "half a point of a segment"
    )


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


def _of_the_base(shown: QuantifiedExam, scored: ScoredMap) -> tuple[list[str], str]:
    """What stands or falls with a valve plane that is not sure: sentences, and words of a defect.

    Nothing where the plane is sure, or nothing of the defect lies at the base.
    """
    doubt, part = shown.quantified.base_doubt, basal_deficit_part(scored)
    if not doubt:
        return [], ""
    if shown.quantified.is_base_cut:
        return [f"The base is not sure: {doubt}. Wall beyond the plane is not scored."], ""
    if part < SOME or scored.total_perfusion_deficit < LEAST_DEFICIT:
        return [], ""
    points = sum(scored.segment_scores[number] for number in BASAL)
    told = f"basal segments hold {points} of {scored.summed_score} points"
    if not points:
        told = f"{100 * part:.0f} % of the deficit is basal"
    words = "all" if part > ALL else "most" if part >= MOST_OF else "part"
    return [
        f"The base is not sure: {doubt}. A plane that is drawn too far from the apex looks like a "
        f"defect there, and {told}."
    ], f", {words} of it basal and not sure"


def _function(each: QuantifiedExam) -> str:
    """Of a gated exam; nothing where nothing was measured."""
    function = each.quantified.function
    if function is None or function.measured is None:
        return ""
    curve, bounds = function.measured.curve, function.measured.bounds
    doubted = " (to be reviewed)" if function.reasons else ""
    volumes = printed_volumes(curve)
    return (
        f"{each.title}: ejection fraction {100 * curve.ejection_fraction:.0f} {PLUS_MINUS} "
        f"{100 * bounds['ejection_fraction']:.0f} %, end-diastolic volume "
        f"{volumes.end_diastolic} {volumes.bound(bounds['end_diastolic_ml'])} ml{doubted}."
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
