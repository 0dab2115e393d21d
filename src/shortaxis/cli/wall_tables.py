"""Drawn walls as a table for people."""

from __future__ import annotations

from collections.abc import Mapping

from shortaxis.cli.study_outcomes import OutcomeTable, Table
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy
from shortaxis.workflow.wall_files.record import wall_files_record

__all__ = ["WALLS"]

COLUMNS = (
    "Study",
    "Flag",
    "Cavity (ml)",
    "Wall (ml)",
    "LV length (mm)",
    "Thickness (mm)",
    "Seen (%)",
)

EXPLANATION = (
    "Cavity inside the endocardium up to the valve plane, muscle between the surfaces, LV length "
    "from the epicardial apex to the valve plane. What is not seen follows its neighbours."
)


def _table(results: Mapping[int, QuantifiedStudy]) -> Table:
    return COLUMNS, [_row(number, each) for number, each in results.items()]


def _row(number: int, quantified: QuantifiedStudy) -> list[str]:
    surfaces, bounds = quantified.wall.surfaces, quantified.wall.surfaces.bounds
    cavity_within = "" if bounds is None else f" ± {bounds.cavity_ml:.0f}"
    length_within = "" if bounds is None else f" ± {bounds.length_mm:.0f}"
    return [
        str(number),
        quantified.estimate.quality.flag.value,
        f"{surfaces.cavity_ml:.0f}{cavity_within}",
        f"{surfaces.wall_ml:.0f}",
        f"{surfaces.length_mm:.0f}{length_within}",
        f"{surfaces.mean_thickness_mm:.1f}",
        f"{100 * surfaces.seen_part:.0f}",
    ]


def _warnings(quantified: QuantifiedStudy) -> list[str]:
    return [f"review: {reason}" for reason in quantified.estimate.quality.reasons]


WALLS = OutcomeTable(_table, wall_files_record, _warnings, EXPLANATION)
"""What ``shortaxis wall`` shows."""
