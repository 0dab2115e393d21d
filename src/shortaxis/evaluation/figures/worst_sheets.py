"""Largest errors as pictures: where the heart is, where it was said to be, what that cuts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.evaluation.cohorts.stratum_words import stratum_words
from shortaxis.evaluation.figures.drawn_axes import ESTIMATED, TRUE, draw_key, draw_long_axes
from shortaxis.evaluation.scores.cohort_evaluation import VolumeOf
from shortaxis.evaluation.scores.exam_score import ERRORS, ExamScore
from shortaxis.evaluation.scores.method_evaluation import MethodEvaluation
from shortaxis.evaluation.scores.wording import ERROR_WORDS, error_words
from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.canvas import (
    INK,
    MUTED,
    Box,
    Sheet,
    clipped,
    new_sheet,
    wrapped,
)
from shortaxis.workflow.drawing.display_scale import myocardial_level
from shortaxis.workflow.drawing.slice_tiles import SLICE_COLOURS, SOURCE_COLOURS

__all__ = ["CASES_PER_SHEET", "draw_worst_sheets", "ranks_of_sheets"]

CASES_PER_SHEET = 5

MARGIN, TEXT_PX, TILE_PX, GAP_PX, GROUP_GAP_PX = 22, 262, 178, 4, 10
HEADER_PX, ROW_PX, BOTTOM_PX = 104, 218, 6

WARNING = "#b00020"

AROUND_MM = 110.0
"""Half of the transaxial picture: heart, liver dome and the wall of the chest."""

NEAR_MM = 70.0
"""Half of a cardiac view, the same for every heart."""

PIXELS = 120
LINE_PX = 15
MAX_LINES = 10
"""Of text beside a case, below its number."""

SCALES = (
    f"Transaxial {2 * AROUND_MM:.0f} mm wide, cardiac views {2 * NEAR_MM:.0f} mm; white and black "
    "are the level of the myocardium at the true pose; the cross is the pose's centre."
)
PROJECTED = (
    "Axes go from the base (bar) to the apex (arrow), projected into the slice of the true centre; "
    "how far the estimated centre is above or below it is told from 10 mm on."
)


@dataclass(frozen=True)
class Column:
    """One picture of a case; `pose` is "true" or "estimated"."""

    pose: str
    view: CardiacView
    left: float


def draw_worst_sheets(method: MethodEvaluation, volume_of: VolumeOf) -> list[Figure]:
    """Sheets 1600 pixels across and as high as their cases, five at most, the worst first."""
    return [
        _draw_sheet(method, ranks, number, volume_of)
        for number, ranks in enumerate(ranks_of_sheets(len(method.worst)))
    ]


def ranks_of_sheets(count: int) -> list[str]:
    """Which of `count` cases each sheet shows.

    Examples
    --------
    >>> ranks_of_sheets(6)
    ['1 to 5', '6']
    """
    return [
        str(first) if first == last else f"{first} to {last}"
        for first in range(1, count + 1, CASES_PER_SHEET)
        for last in [min(first + CASES_PER_SHEET - 1, count)]
    ]


def _draw_sheet(method: MethodEvaluation, ranks: str, number: int, volume_of: VolumeOf) -> Figure:
    start = number * CASES_PER_SHEET
    scores = method.worst[start : start + CASES_PER_SHEET]
    sheet = new_sheet(HEADER_PX + len(scores) * ROW_PX + BOTTOM_PX)
    _draw_header(sheet, f"{method.method}: largest errors, {ranks}")
    if not all(score.knows_roll for score in scores):
        place = (_columns()[3].left + 255, 59)
        sheet.text(place, "(conventional roll)", 14, color=MUTED)
    for row, score in enumerate(scores):
        top = HEADER_PX + row * ROW_PX
        _draw_case(sheet, score, start + row + 1, top, volume_of(score.truth.exam_seed))
    return sheet.figure


def _columns() -> list[Column]:
    left = MARGIN + TEXT_PX + TILE_PX + GROUP_GAP_PX
    columns = []
    for pose in ("true", "estimated"):
        for view in CardiacView:
            columns.append(Column(pose, view, left))
            left += TILE_PX + GAP_PX
        left += GROUP_GAP_PX - GAP_PX
    return columns


def _draw_header(sheet: Sheet, title: str) -> None:
    sheet.text((MARGIN, 16), clipped(title, 440, 24, bold=True), 24, fontweight="bold")
    left = MARGIN + TEXT_PX
    draw_key(sheet, MARGIN, 50)
    for top, words in ((14, SCALES), (32, PROJECTED)):
        sheet.text((_columns()[0].left, top), words, 13, color=MUTED)
    sheet.text((left, 80), "Transaxial", 14, fontweight="bold")
    for column in _columns():
        words = column.view.title.replace("Vertical long axis", "Vertical long").replace(
            "Horizontal long axis", "Horizontal long"
        )
        sheet.text((column.left, 80), words, 14, fontweight="bold")
    for columns, words, colour in (
        (_columns()[0], "cut at the true pose", TRUE),
        (_columns()[3], "cut at the estimated pose", ESTIMATED),
    ):
        sheet.text((columns.left, 56), words, 16, color=colour, fontweight="bold")


def _draw_case(sheet: Sheet, score: ExamScore, rank: int, top: float, volume: SpectVolume) -> None:
    if score.estimate is None:
        return
    poses = {"true": score.truth.pose, "estimated": score.estimate.pose}
    level = myocardial_level(volume, poses["true"], None)
    _draw_words(sheet, score, rank, top)
    box = Box(MARGIN + TEXT_PX, top, TILE_PX, TILE_PX)
    _draw_transaxial(sheet.axes(box, f"transaxial {rank}"), volume, poses, level)
    for column in _columns():
        box = Box(column.left, top, TILE_PX, TILE_PX)
        axes = sheet.axes(box, f"{column.pose} {column.view.value} {rank}")
        _draw_view(axes, volume, column.view, poses[column.pose], level)


def _draw_words(sheet: Sheet, score: ExamScore, rank: int, top: float) -> None:
    width = TEXT_PX - 14
    sheet.text((MARGIN, top - 2), f"{rank}. exam {score.truth.exam_seed}", 17, fontweight="bold")
    listed = ", ".join(
        f"{ERROR_WORDS[name][0].removeprefix('long ')} {error_words(value, name)}"
        for name in ERRORS
        if (value := getattr(score.errors, name)) is not None
    )
    lines = [(line, INK) for line in wrapped(listed, width, LINE_PX)]
    reasons = score.estimate.quality.reasons if score.estimate is not None else ()
    verdict = "failure, " if score.is_failure else ""
    flag = f"{verdict}review: {'; '.join(reasons)}" if reasons else f"{verdict}accepted"
    alarm = WARNING if score.is_failure and not reasons else INK
    kind = _limited(wrapped(stratum_words(score.truth.strata), width, LINE_PX), 4)
    room = MAX_LINES - len(lines) - len(kind)
    lines += [(line, alarm) for line in _limited(wrapped(flag, width, LINE_PX), room)]
    lines += [(line, MUTED) for line in kind]
    for number, (line, colour) in enumerate(lines):
        place = (MARGIN, top + 23 + number * (LINE_PX + 3))
        sheet.text(place, clipped(line, width, LINE_PX), LINE_PX, color=colour)


def _limited(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]} ..."]


def _draw_transaxial(
    axes: Axes, volume: SpectVolume, poses: dict[str, RigidPose], level: float
) -> None:
    center = poses["true"].center_mm
    step = 2 * AROUND_MM / PIXELS
    patient_from_index = affine_from_axes(((0, 0, 1), (0, 1, 0), (1, 0, 0)), step, (0, 0, 0))
    middle = np.array([0, PIXELS - 1, PIXELS - 1]) / 2
    patient_from_index[:3, 3] = center - patient_from_index[:3, :3] @ middle
    counts = volume.resampled(Grid((1, PIXELS, PIXELS), patient_from_index)).counts[0]
    _show(axes, counts / level, SOURCE_COLOURS, AROUND_MM)
    draw_long_axes(axes, poses, AROUND_MM)


def _draw_view(
    axes: Axes, volume: SpectVolume, view: CardiacView, pose: RigidPose, level: float
) -> None:
    grid = view_grid(view, pose, (1, PIXELS, PIXELS), 2 * NEAR_MM / PIXELS)
    counts = volume.resampled(grid).counts[0]
    colours = LinearSegmentedColormap.from_list("myocardium", SLICE_COLOURS)
    _show(axes, counts / level, colours, NEAR_MM)
    axes.plot(0, 0, marker="+", markersize=9, color="#7fd4ff", markeredgewidth=1.4)


def _show(
    axes: Axes, parts: np.ndarray, colours: str | LinearSegmentedColormap, half_mm: float
) -> None:
    axes.imshow(
        parts,
        cmap=colours,
        vmin=0,
        vmax=1,
        extent=(-half_mm, half_mm, half_mm, -half_mm),
        interpolation="bilinear",
        aspect="auto",
    )
    axes.set(xlim=(-half_mm, half_mm), ylim=(half_mm, -half_mm))
