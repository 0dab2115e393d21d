"""A sentence on perfusion, put together from the numbers: size, severity, reversibility, place.

It is computed and says so. It is no reading: it knows neither the patient nor artefacts.
"""

from __future__ import annotations

from shortaxis.anatomy.segments import TERRITORIES
from shortaxis.quantification.severity import Severity
from shortaxis.workflow.quantify.wording import NOT_SCORED, RELATIVE_COUNTS
from shortaxis.workflow.study_report.exams.pairing import QuantifiedPair

__all__ = ["COMPUTED", "impression_of"]

COMPUTED = "Computed from the numbers, not read by a physician"

SMALL_PART, MEDIUM_PART = 0.10, 0.20
"""Of the wall: small below a tenth, large above a fifth (1-2, 3-4, and 5 or more segments)."""

MILD, MODERATE = 2.0, 3.0
"""Mean score of the abnormal part."""

LEAST_DEFICIT = 0.03
"""Of the whole wall; less is called no defect."""

FIXED, FULL = 0.2, 0.8
"""Part of the deficit under stress that returns at rest."""

TERRITORY_DEFICIT = 0.05
"""Of a territory, from which it is named."""


def impression_of(pair: QuantifiedPair) -> str:
    """One or two sentences, of the stress exam where there is one."""
    severity = pair.exams[0].quantified.severity
    if severity is None:
        return f"Perfusion {NOT_SCORED}."
    if severity.total_perfusion_deficit < LEAST_DEFICIT:
        return f"No perfusion defect by the limits. {RELATIVE_COUNTS}"
    words = f"{_size(severity)}, {_depth(severity)} perfusion defect{_place(severity)}"
    returns = _reversibility(pair, severity)
    deficit = f"total perfusion deficit {100 * severity.total_perfusion_deficit:.0f} %"
    return f"{words}{returns}; {deficit}."


def _size(severity: Severity) -> str:
    if severity.extent < SMALL_PART:
        return "Small"
    return "Medium-sized" if severity.extent <= MEDIUM_PART else "Large"


def _depth(severity: Severity) -> str:
    depth = severity.mean_severity
    return "mild" if depth < MILD else "moderate" if depth < MODERATE else "severe"


def _place(severity: Severity) -> str:
    named = [
        each.label for each in TERRITORIES if severity.territory_deficit(each) >= TERRITORY_DEFICIT
    ]
    if not named:
        return ""
    if len(named) == len(TERRITORIES):
        return " in all three territories"
    return f" in the territory of {' and '.join(named)}"


def _reversibility(pair: QuantifiedPair, severity: Severity) -> str:
    difference = pair.difference
    if difference is None or difference.reversibility is None:
        return ""
    change = difference.reversibility
    part = change.total_perfusion_deficit / severity.total_perfusion_deficit
    return ", fixed" if part < FIXED else ", reversible" if part > FULL else ", partly reversible"
