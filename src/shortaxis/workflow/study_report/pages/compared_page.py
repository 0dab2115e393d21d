"""The page of an earlier exam: its polar maps, those of now, what changed, and the numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from shortaxis.quantification.severity import segment_uptakes
from shortaxis.workflow.drawing.canvas import FLAG_COLOURS, INK, MUTED, Box, Sheet, wrapped
from shortaxis.workflow.drawing.colour_steps import DIFFERENCE_STEPS, stepped
from shortaxis.workflow.drawing.polar_map import UPTAKE_COLOURS, draw_polar_map, draw_polar_values
from shortaxis.workflow.quantify.wording import exam_words
from shortaxis.workflow.study_report.earlier.change import ChangeOverTime
from shortaxis.workflow.study_report.earlier.comparing import (
    ComparedExam,
    compared_exams,
    comparison_doubts,
)
from shortaxis.workflow.study_report.earlier.numbers import (
    BEYOND,
    BOTH_EXAMS,
    NUMBER_COLUMNS,
    ComparedNumber,
    beyond_words,
    compared_numbers,
    number_words,
)
from shortaxis.workflow.study_report.earlier.words import (
    CHANGE_MEASURE,
    compared_words,
    uncalled_words,
)
from shortaxis.workflow.study_report.exams.pairing import (
    EarlierExam,
    QuantifiedExam,
    QuantifiedPair,
)
from shortaxis.workflow.study_report.pages.sheets import MARGIN, TOP, WIDTH, new_page
from shortaxis.workflow.study_report.wording import signed

__all__ = ["draw_compared_page"]

MAP, MAP_STEP, BLOCK = 330, 342, 396
"""Size of a map, from map to map, and of one exam with what stands above its maps; pixels."""

TABLE = MARGIN + 3 * MAP_STEP + 8
"""Left edge of the numbers."""

COLUMNS = (TABLE, TABLE + 258, TABLE + 322, TABLE + 404, TABLE + 416)
"""Of the table: the first and the last are written from the left, the others end there."""

LINE, TEXT, SMALL = 23, 15, 13
BAR = 50
CHANGE_COLOURS, CHANGE_LIMITS = stepped("RdBu", DIFFERENCE_STEPS), (-50, 50)
"""Red where there is less uptake than before."""


def draw_compared_page(pair: QuantifiedPair, earlier: EarlierExam) -> Figure:
    """Draw every exam that is compared: earlier, now, and the change between them."""
    compared = compared_exams(pair)
    above = wrapped(compared_words(pair), WIDTH - 2 * MARGIN, 17)
    lines = _lines_below(pair, earlier)
    maps_top = TOP + (len(above) + 1) * LINE
    height = round(maps_top + len(compared) * BLOCK + BAR + len(lines) * LINE + 50)
    sheet = new_page(pair, "compared with the earlier exam", height)
    for number, line in enumerate(above):
        sheet.text((MARGIN, TOP + number * LINE), line, 17)
    top = float(maps_top)
    rows = compared_numbers(pair)
    for each in compared:
        _draw_maps(sheet, each, top)
        of_both = [row for row in rows if row.of == BOTH_EXAMS and each is compared[-1]]
        _draw_numbers(sheet, [row for row in rows if row.of == each.title], of_both, top)
        top += BLOCK
    _draw_bars(sheet, top)
    top += BAR
    for words, colour in lines:
        sheet.text((MARGIN, top), words, TEXT, color=colour)
        top += LINE
    return sheet.figure


def _lines_below(pair: QuantifiedPair, earlier: EarlierExam) -> list[tuple[str, str]]:
    """What the exams are, the measure, doubts and notes."""
    width = WIDTH - 2 * MARGIN
    told = [(words, INK) for words in uncalled_words(pair)]
    told += [
        (f"Reason to doubt: {each}.", FLAG_COLOURS["review"]) for each in comparison_doubts(pair)
    ]
    told += [(f"Note: {each}.", INK) for each in earlier.notes]
    told += [
        (f"{_title(each.earlier, EARLIER)}: {exam_words(each.earlier.quantified.study)}", MUTED)
        for each in compared_exams(pair)
    ]
    told += [(CHANGE_MEASURE, MUTED), (BEYOND, MUTED)]
    return [(line, colour) for words, colour in told for line in wrapped(words, width, TEXT)]


EARLIER = "Earlier"


def _title(each: QuantifiedExam, when: str) -> str:
    return when if each.title == "Study" else f"{when} {each.title.lower()}"


def _draw_maps(sheet: Sheet, each: ComparedExam, top: float) -> None:
    shown = ((each.earlier, _title(each.earlier, EARLIER)), (each.now, _title(each.now, "Present")))
    for number, (exam, title) in enumerate(shown):
        severity, polar_map = exam.quantified.severity, exam.quantified.traced.polar_map
        uptakes = {n: f"{value:.0f} %" for n, value in segment_uptakes(polar_map).items()}
        scores = None if severity is None else severity.segment_scores
        left = MARGIN + number * MAP_STEP
        words = "uptake in %" if scores is None else "score, uptake in %"
        sheet.text((left, top), f"{title}: {words}", 16, fontweight="bold")
        axes = sheet.axes(Box(left, top + 26, MAP, MAP), title)
        if scores is None:
            draw_polar_map(axes, polar_map, uptakes)
        else:
            draw_polar_map(axes, polar_map, {n: f"{score}" for n, score in scores.items()}, uptakes)
    _draw_change(sheet, each, top)


def _draw_change(sheet: Sheet, each: ComparedExam, top: float) -> None:
    left, change = MARGIN + 2 * MAP_STEP, each.change
    if change is None:
        sheet.text((left, top), "No map of the change", 16, fontweight="bold")
        return
    sheet.text((left, top), "Change, % of normal", 16, fontweight="bold")
    axes = sheet.axes(Box(left, top + 26, MAP, MAP), f"Change {each.title}")
    draw_polar_values(
        axes,
        100 * change.change_part,
        each.now.quantified.traced.polar_map.angles_deg,
        _change_labels(change),
        CHANGE_LIMITS,
        CHANGE_COLOURS,
    )


def _change_labels(change: ChangeOverTime) -> dict[int, str]:
    """Mean change of each segment; its score, too, where it is a change."""
    means, scores = change.segment_changes, change.segment_scores
    return {
        number: signed(100 * mean) + (f"\n({signed(scores[number])})" if scores[number] else "")
        for number, mean in means.items()
    }


def _draw_numbers(
    sheet: Sheet, rows: Sequence[ComparedNumber], of_both: Sequence[ComparedNumber], top: float
) -> None:
    _draw_row(sheet, top + 6, NUMBER_COLUMNS, MUTED, SMALL)
    top += 6 + LINE
    for row in rows:
        _draw_row(sheet, top, (*number_words(row), beyond_words(row)), _ink(row), TEXT)
        top += LINE
    if of_both:
        sheet.text((TABLE, top + 8), BOTH_EXAMS, SMALL, color=MUTED)
        top += LINE + 4
    for row in of_both:
        _draw_row(sheet, top, (*number_words(row), beyond_words(row)), _ink(row), TEXT)
        top += LINE


def _ink(row: ComparedNumber) -> str:
    return FLAG_COLOURS["review"] if row.is_beyond else INK


def _draw_row(sheet: Sheet, top: float, cells: Sequence[str], colour: str, size: float) -> None:
    for number, (place, words) in enumerate(zip(COLUMNS, cells, strict=True)):
        align = "right" if 0 < number < len(COLUMNS) - 1 else "left"
        sheet.text((place, top), words, size, color=colour, ha=align)


def _draw_bars(sheet: Sheet, top: float) -> None:
    bars = (
        (MARGIN, "uptake, % of the hottest twentieth of the wall", UPTAKE_COLOURS, (0, 100)),
        (
            MARGIN + 2 * MAP_STEP,
            "red less, blue more uptake than before; brackets: score of the change, + worse",
            CHANGE_COLOURS,
            CHANGE_LIMITS,
        ),
    )
    for left, words, colours, (low, high) in bars:
        sheet.text((left, top - 14), words, SMALL, color=MUTED)
        box = Box(left, top + 4, MAP, 12)
        axes = sheet.axes(box, words)
        axes.imshow(np.linspace(0, 1, 256)[None], cmap=colours, aspect="auto")
        for part, align in ((0.0, "left"), (0.5, "center"), (1.0, "right")):
            place = (box.left + part * box.width, box.bottom + 3)
            sheet.text(place, f"{low + part * (high - low):g}", SMALL, ha=align)
