"""The picture of a consistency measurement: errors, directions, and the slices themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shortaxis.workflow.consistency.measuring import Consistency
from shortaxis.workflow.consistency.record import build_consistency_record
from shortaxis.workflow.drawing.png import png_of
from shortaxis.workflow.studies.record import NOTICE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from shortaxis.workflow.drawing.canvas import Sheet

__all__ = ["draw_consistency_sheet", "write_consistency_sheet"]


def draw_consistency_sheet(consistency: Consistency) -> Figure:
    """Draw the picture, 1600 x 1200 pixels: plots and numbers above, slices below."""
    # Matplotlib takes longer to import than a pose to estimate; who draws nothing never pays.
    from shortaxis.workflow.consistency.facts import draw_numbers
    from shortaxis.workflow.consistency.plots import draw_plots
    from shortaxis.workflow.consistency.tiles import draw_tiles
    from shortaxis.workflow.drawing.canvas import new_sheet

    sheet = new_sheet()
    record = build_consistency_record(consistency)
    _draw_title(sheet, consistency)
    draw_plots(sheet, consistency, record)
    draw_numbers(sheet, record)
    draw_tiles(sheet, consistency)
    return sheet.figure


def write_consistency_sheet(path: Path, consistency: Consistency) -> None:
    """Draw the picture and write it as PNG.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path.write_bytes(png_of(draw_consistency_sheet(consistency)))


def _draw_title(sheet: Sheet, consistency: Consistency) -> None:
    from shortaxis.workflow.consistency.layout import MARGIN, NOTICE_BOTTOM, TITLE_TOP
    from shortaxis.workflow.drawing.canvas import MUTED, clipped

    facts, options = consistency.study.facts, consistency.options
    condition = "" if facts.condition.value == "unknown" else f"{facts.condition.value}, "
    camera = facts.camera or "camera unknown"
    title = f"ShortAxis consistency: method {options.method} ({condition}{camera})"
    words = (
        f"The input was turned and shifted by {options.motions} known motions (seed {options.seed})"
        " and estimated again; every pose was moved back. All of them should be one."
    )
    width = 1600 - 2 * MARGIN
    sheet.text((MARGIN, TITLE_TOP), clipped(title, width, 24, bold=True), 24, fontweight="bold")
    sheet.text((MARGIN, TITLE_TOP + 38), clipped(words, width, 16), 16, color=MUTED)
    sheet.text((MARGIN, NOTICE_BOTTOM), NOTICE, 15, va="bottom", fontweight="bold")
