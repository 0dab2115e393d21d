"""The picture of a wall beside the mask of an expert."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.evaluation.walls.masks.score import BoolArray, MaskScore
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_mask_sheet"]

TOP, CUT, GAP, LEFT = 64, 300, 12, 28

CUTS = (
    ("short axis, apical", CardiacView.SHORT_AXIS, 0.25),
    ("short axis, mid", CardiacView.SHORT_AXIS, 0.55),
    ("short axis, basal", CardiacView.SHORT_AXIS, 0.85),
    ("horizontal long axis", CardiacView.HORIZONTAL_LONG_AXIS, 0.0),
    ("vertical long axis", CardiacView.VERTICAL_LONG_AXIS, 0.0),
)

MASK_COLOUR = "#ff9d00"


def draw_mask_sheet(
    drawn: Mapping[str, QuantifiedStudy], wall: BoolArray, scores: Mapping[str, MaskScore]
) -> Figure:
    """Draw five cuts for every method, with its lines and the edge of the mask."""
    from shortaxis.workflow.drawing.canvas import MUTED, Box, new_sheet
    from shortaxis.workflow.drawing.wall_lines import lines_legend
    from shortaxis.workflow.quantify.traced_cuts import draw_traced_cut, traced_cut_grid

    sheet = new_sheet(TOP + len(drawn) * (CUT + 44))
    sheet.text((LEFT, 18), "Wall and mask of an expert (orange)", 22, fontweight="bold")
    top = float(TOP)
    for name, each in drawn.items():
        score = scores[name]
        words = (
            f"{name}: Dice {score.dice:.2f}, middles {score.middle_mm:.1f} mm apart, "
            f"{lines_legend(each.wall.outlines.surfaces)}"
        )
        sheet.text((LEFT, top), words, 16, color=MUTED)
        mask = SpectVolume(wall.astype(np.float32), each.study.volume.patient_from_index)
        for number, (title, view, height) in enumerate(CUTS):
            place = Box(LEFT + number * (CUT + GAP), top + 26, CUT, CUT)
            axes = sheet.axes(place, f"{name} {title}")
            draw_traced_cut(axes, each, view, height)
            held = mask.resampled(traced_cut_grid(each, view, height)).counts[0]
            if held.max() > 0.5:
                axes.contour(held, levels=[0.5], colors=MASK_COLOUR, linewidths=1.2)
            sheet.text((place.left + 6, place.top + 6), title, 14)
        top += CUT + 44
    return sheet.figure
