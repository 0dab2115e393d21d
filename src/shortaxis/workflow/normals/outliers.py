"""Healthy exams that the others call abnormal, as a picture to look at before limits are used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shortaxis.workflow.normals.leaving_out import LeftOut

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MOST_SHOWN", "draw_outliers"]

MOST_SHOWN = 12
ACROSS, MAP, STEP, ROW, MARGIN, TOP = 4, 340, 386, 400, 28, 70


def draw_outliers(outliers: Sequence[LeftOut]) -> Figure:
    """Draw the worst of them, uptake and score of each segment; labels name no patient."""
    # Matplotlib takes longer to import than a map to make.
    from shortaxis.quantification.severity import segment_uptakes
    from shortaxis.workflow.drawing.canvas import Box, new_sheet
    from shortaxis.workflow.drawing.polar_map import draw_polar_map

    shown = outliers[:MOST_SHOWN]
    rows = max(1, -(-len(shown) // ACROSS))
    sheet = new_sheet(TOP + rows * ROW + MARGIN)
    title = f"{len(outliers)} healthy exams that the others call abnormal, the worst first"
    sheet.text((MARGIN, 22), title, 24, fontweight="bold")
    for place, each in enumerate(shown):
        left, top = MARGIN + place % ACROSS * STEP, TOP + place // ACROSS * ROW
        severity = each.severity
        deficit = 100 * severity.total_perfusion_deficit
        words = f"{each.exam.label}: score {severity.summed_score}, TPD {deficit:.1f} %"
        sheet.text((left, top), words, 16)
        uptakes = segment_uptakes(severity.polar_map)
        draw_polar_map(
            sheet.axes(Box(left, top + 24, MAP, MAP), each.exam.label),
            severity.polar_map,
            {number: str(score) for number, score in severity.segment_scores.items()},
            {number: f"{value:.0f} %" for number, value in uptakes.items()},
        )
    return sheet.figure
