"""The picture of a reconstruction: its slices, and the views on which motion is seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from shortaxis.reconstruction.motion.displays import displays_of
from shortaxis.spect.reading_notes import doubts
from shortaxis.workflow.drawing.png import png_of
from shortaxis.workflow.studies.reconstructing import MadeStudy
from shortaxis.workflow.studies.record import NOTICE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from shortaxis.geometry.arrays import CountsArray
    from shortaxis.workflow.drawing.canvas import Sheet

__all__ = ["draw_reconstruction_sheet", "write_reconstruction_sheet"]

MARGIN, GAP = 28, 6
COLUMNS, ROWS, TILE = 8, 3, 186
SLICES_TOP = 150
VIEWS_TOP, VIEWS_HEIGHT, VIEWS_WIDTH = 790, 330, 480
NOTES_LEFT, NOTES_LINES = MARGIN + 2 * (VIEWS_WIDTH + 40), 15
NOTICE_BOTTOM = 1188
FLAG_WIDTH = 410

FLAG_WORDS = {
    "accept": "Reconstruction: accepted", "review": "Reconstruction: to be reviewed",
}  # fmt: skip
"""What is written large: of the reconstruction, never of the patient."""

FULL_PERCENTILE = 99.8
"""Of a slice's or a display's values, shown black."""

SHOWN_PART = 0.05
"""Slices whose counts reach this part of the fullest one's hold something."""


def write_reconstruction_sheet(path: Path, made: MadeStudy) -> None:
    """Draw the picture and write it as PNG.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path.write_bytes(png_of(draw_reconstruction_sheet(made)))


def draw_reconstruction_sheet(made: MadeStudy) -> Figure:
    """Draw the picture, 1600 x 1200 pixels: slices above, sinogram, linogram and notes below."""
    # Matplotlib takes longer to import than the slices to reconstruct.
    from shortaxis.workflow.drawing.canvas import new_sheet

    sheet = new_sheet()
    _draw_title(sheet, made)
    _draw_slices(sheet, made)
    _draw_views(sheet, made)
    _draw_notes(sheet, made)
    return sheet.figure


def _draw_title(sheet: Sheet, made: MadeStudy) -> None:
    from shortaxis.workflow.drawing.canvas import FLAG_COLOURS, MUTED, Box, clipped

    facts, width = made.study.facts, 1600 - 2 * MARGIN
    condition = "" if facts.condition.value == "unknown" else f"{facts.condition.value}, "
    title = f"ShortAxis reconstruction ({condition}{facts.camera or 'camera unknown'})"
    flag = "review" if doubts(made.study.notes) else "accept"
    title = clipped(title, width - FLAG_WIDTH - 20, 24, bold=True)
    sheet.text((MARGIN, 20), title, 24, fontweight="bold")
    left = 1600 - MARGIN - FLAG_WIDTH
    sheet.fill(Box(left, 18, FLAG_WIDTH, 40), FLAG_COLOURS[flag])
    sheet.text((left + 14, 38), FLAG_WORDS[flag], 21, va="center", color="#ffffff",
               fontweight="bold")  # fmt: skip
    sheet.text((MARGIN, 58), clipped(facts.reconstructed_here, width, 16), 16, color=MUTED)
    words = "Transaxial slices from head to feet, seen from the feet: the patient's right is left"
    sheet.text((MARGIN, 112), clipped(words, width, 16), 16)
    sheet.text((MARGIN, NOTICE_BOTTOM), NOTICE, 15, va="bottom", fontweight="bold")


def _shown_slices(counts: CountsArray) -> list[int]:
    """Numbers of the slices that are drawn, evenly spaced, from head to feet."""
    totals = counts.sum(axis=(1, 2), dtype=np.float64)
    filled = np.flatnonzero(totals > SHOWN_PART * totals.max())
    wanted = np.linspace(filled[-1], filled[0], min(COLUMNS * ROWS, filled[-1] - filled[0] + 1))
    return [int(number) for number in np.round(wanted)]


def _draw_slices(sheet: Sheet, made: MadeStudy) -> None:
    from shortaxis.workflow.drawing.canvas import Box

    volume = made.study.volume
    full = float(np.percentile(volume.counts, FULL_PERCENTILE)) or 1.0
    bottom_mm, step_mm = volume.patient_from_index[2, 3], volume.spacing_mm[0]
    for place, number in enumerate(_shown_slices(volume.counts)):
        row, column = divmod(place, COLUMNS)
        left = MARGIN + column * (TILE + GAP)
        top = SLICES_TOP + row * (TILE + GAP)
        axes = sheet.axes(Box(left, top, TILE, TILE), f"slice {number + 1}")
        axes.imshow(volume.counts[number], cmap="gray_r", vmin=0, vmax=full, aspect="equal")
        height = bottom_mm + number * step_mm
        sheet.text((left + 6, top + 4), f"{number + 1}, z {height:.0f} mm", 13)


def _draw_views(sheet: Sheet, made: MadeStudy) -> None:
    from shortaxis.workflow.drawing.canvas import MUTED, Box

    motion = made.motion
    shown = displays_of(made.raw.projections, motion) if motion is not None else None
    views = made.raw.projections.counts[0].sum(axis=0)
    sinogram = views.sum(axis=1) if shown is None else shown.sinogram
    linogram = views.sum(axis=2) if shown is None else shown.linogram
    pictures = (
        ("Sinogram: views down, bins across", sinogram),
        ("Linogram: views down, head to feet across", linogram),
    )
    for place, (title, picture) in enumerate(pictures):
        left = MARGIN + place * (VIEWS_WIDTH + 40)
        sheet.text((left, VIEWS_TOP - 44), title, 16, fontweight="bold")
        axes = sheet.axes(Box(left, VIEWS_TOP, VIEWS_WIDTH, VIEWS_HEIGHT), title.split(":")[0])
        full = float(np.percentile(picture, FULL_PERCENTILE)) or 1.0
        axes.imshow(picture, cmap="gray_r", vmin=0, vmax=full, aspect="auto")
        for view in () if shown is None else shown.marked_views:
            axes.axhline(view - 0.5, color="#b3261e", linewidth=1.5, linestyle=(0, (4, 3)))
    words = "as acquired" + (", before the correction of motion" * made.is_motion_corrected)
    sheet.text((MARGIN, VIEWS_TOP - 22), words, 14, color=MUTED)


def _draw_notes(sheet: Sheet, made: MadeStudy) -> None:
    from shortaxis.workflow.drawing.canvas import FLAG_COLOURS, INK, wrapped

    width = 1600 - MARGIN - NOTES_LEFT
    sheet.text((NOTES_LEFT, VIEWS_TOP - 44), "Notes", 16, fontweight="bold")
    lines = [
        (line, FLAG_COLOURS["review"] if note.is_doubtful else INK)
        for note in sorted(made.study.notes, key=lambda each: not each.is_doubtful)
        for line in wrapped(f"- {note.text}", width, 14)
    ]
    if len(lines) > NOTES_LINES:
        lines = [*lines[: NOTES_LINES - 1], ("more in reconstruction.json", INK)]
    for place, (line, colour) in enumerate(lines):
        sheet.text((NOTES_LEFT, VIEWS_TOP + 22 * place), line, 14, color=colour)
