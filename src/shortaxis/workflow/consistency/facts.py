"""The numbers on the picture: a small table and what the markers mean."""

from __future__ import annotations

from typing import Any

from matplotlib.lines import Line2D

from shortaxis.workflow.consistency.layout import FACTS_BOX
from shortaxis.workflow.consistency.plots import COLOURS
from shortaxis.workflow.drawing.canvas import INK, MUTED, Box, Sheet

__all__ = ["WAYS", "draw_numbers"]

WAYS = {"resampled": "Counts resampled", "affine_only": "Affine only"}
"""Both ways of moving, in words."""

ERRORS = {
    "long_axis_deg": "long axis (\N{DEGREE SIGN})",
    "roll_deg": "roll (\N{DEGREE SIGN})",
    "center_mm": "centre (mm)",
}
COLUMNS = {"median": 178, "p95": 262, "maximum": 346}
"""Right edge of the numbers, pixels from the left edge of the table."""

HEADINGS = {"median": "median", "p95": "95th", "maximum": "max"}
TEXT_PX, LINE_PX = 16, 24
RULE_COLOUR = "#cdd3dc"


def draw_numbers(sheet: Sheet, record: dict[str, Any]) -> None:
    """Draw the spread around the mean and the counts for both ways of moving."""
    top = FACTS_BOX.top
    sheet.text((FACTS_BOX.left, top), "Around the mean moved-back pose", 17, fontweight="bold")
    top += 28
    for column, right in COLUMNS.items():
        sheet.text((FACTS_BOX.left + right, top), HEADINGS[column], 15, color=MUTED, ha="right")
    top += LINE_PX - 4
    for name, words in WAYS.items():
        top = _draw_way(sheet, record, name, words, top) + 14
    _draw_legend(sheet, top)


def _draw_way(sheet: Sheet, record: dict[str, Any], name: str, words: str, top: float) -> float:
    left, way = FACTS_BOX.left, record[name]
    group = way["groups"]["all"]
    sheet.text((left, top), words, TEXT_PX, color=COLOURS[name], fontweight="bold")
    top += LINE_PX
    for key, label in ERRORS.items():
        values = group["around_mean"] and group["around_mean"][key]
        if values is None:
            continue
        sheet.text((left, top), label, TEXT_PX)
        for column, right in COLUMNS.items():
            sheet.text((left + right, top), f"{values[column]:.2f}", TEXT_PX, ha="right")
        top += LINE_PX
    for line in _counts(way, group):
        sheet.text((left, top), line, 15, color=MUTED)
        top += LINE_PX - 3
    return top


def _counts(way: dict[str, Any], group: dict[str, Any]) -> list[str]:
    cut = f", {way['excluded']} left out (would cut the heart)" if way["excluded"] else ""
    lines = [f"{way['used']} motions{cut}"]
    lines.append(f"not found {group['not_found']}, flagged for review {group['flagged']}")
    off = way["mean_from_unmoved"]
    if off is not None:
        words = f"unmoved to mean: {off['long_axis_deg']:.2f}\N{DEGREE SIGN}, "
        lines.append(f"{words}{off['center_mm']:.2f} mm")
    return lines


def _draw_legend(sheet: Sheet, top: float) -> None:
    """Name the markers; the star is the estimate of the input as it came."""
    sheet.fill(Box(FACTS_BOX.left, top - 6, FACTS_BOX.width, 1), RULE_COLOUR)
    blue, orange = COLOURS["resampled"], COLOURS["affine_only"]
    markers = {
        "counts resampled": Line2D([], [], marker="o", color="none", markerfacecolor=blue,
                                   markeredgecolor="white", markersize=8),
        "affine only": Line2D([], [], marker="o", color="none", markerfacecolor="none",
                              markeredgecolor=orange, markersize=7),
        "unmoved": Line2D([], [], marker="*", color="none", markerfacecolor=INK,
                          markeredgecolor="white", markersize=14),
        "heart not found": Line2D([], [], marker="x", color="none", markeredgecolor=blue,
                                  markersize=7, markeredgewidth=1.6),
    }  # fmt: skip
    axes = sheet.axes(Box(FACTS_BOX.left, top, FACTS_BOX.width, 56), "legend")
    axes.set(xlim=(0, FACTS_BOX.width), ylim=(56, 0))
    for number, (words, marker) in enumerate(markers.items()):
        x, y = 8 + 172 * (number % 2), 14 + 24 * (number // 2)
        marker.set_data([x], [y])
        axes.add_line(marker)
        sheet.text((FACTS_BOX.left + x + 14, top + y), words, 15, va="center")
