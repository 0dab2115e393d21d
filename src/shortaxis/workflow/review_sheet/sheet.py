"""The review sheet: one picture on which an operator accepts or rejects a reorientation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shortaxis.workflow.drawing.png import png_of
from shortaxis.workflow.review_sheet.content import ReviewSheetContent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_review_sheet", "write_review_sheet"]


def draw_review_sheet(content: ReviewSheetContent) -> Figure:
    """Draw the sheet, 1600 x 1200 pixels: source cuts and facts above, slices below.

    The myocardial level is shown as 100 %, in the source cuts too.
    """
    # Matplotlib takes longer to import than a pose to estimate; who draws nothing never pays.
    from shortaxis.workflow.drawing.canvas import new_sheet
    from shortaxis.workflow.drawing.display_scale import myocardial_level
    from shortaxis.workflow.review_sheet.facts import draw_facts, draw_title
    from shortaxis.workflow.review_sheet.panels import draw_source_cuts
    from shortaxis.workflow.review_sheet.septum import draw_right_ventricle
    from shortaxis.workflow.review_sheet.tiles import draw_colour_bar, draw_slices

    sheet = new_sheet()
    extent = content.estimate.extent
    level = myocardial_level(content.volume, content.pose, extent)
    draw_title(sheet, content)
    draw_source_cuts(sheet, content, level)
    draw_facts(sheet, content)
    draw_slices(sheet, content, level)
    draw_right_ventricle(sheet, content, level)
    draw_colour_bar(sheet)
    return sheet.figure


def write_review_sheet(path: Path, content: ReviewSheetContent) -> None:
    """Draw the sheet and write it as PNG.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path.write_bytes(png_of(draw_review_sheet(content)))
