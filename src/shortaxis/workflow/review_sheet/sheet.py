"""The review sheet: one picture on which an operator accepts or rejects a reorientation."""

from __future__ import annotations

from pathlib import Path

from shortaxis.workflow.drawing.display_scale import myocardial_level
from shortaxis.workflow.drawing.painted_sheet import PaintedSheet
from shortaxis.workflow.review_sheet.content import ReviewSheetContent
from shortaxis.workflow.review_sheet.facts import draw_facts, draw_title
from shortaxis.workflow.review_sheet.panels import draw_source_cuts
from shortaxis.workflow.review_sheet.septum import draw_right_ventricle
from shortaxis.workflow.review_sheet.tiles import draw_colour_bar, draw_slices

__all__ = ["draw_review_sheet", "write_review_sheet"]


def draw_review_sheet(content: ReviewSheetContent) -> PaintedSheet:
    """Draw the sheet, 1600 x 1200 pixels: source cuts and facts above, slices below.

    The myocardial level is shown as 100 %, in the source cuts too.
    """
    sheet = PaintedSheet()
    extent = content.estimate.extent
    level = myocardial_level(content.volume, content.pose, extent)
    draw_title(sheet, content)
    draw_source_cuts(sheet, content, level)
    draw_facts(sheet, content)
    draw_slices(sheet, content, level)
    draw_right_ventricle(sheet, content, level)
    draw_colour_bar(sheet)
    return sheet


def write_review_sheet(path: Path, content: ReviewSheetContent) -> None:
    """Draw the sheet and write it as PNG.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    # Who draws nothing needs no Pillow.
    from shortaxis.workflow.drawing.painting import painted_png

    path.write_bytes(painted_png(draw_review_sheet(content)))
