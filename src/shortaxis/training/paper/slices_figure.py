"""Figures 4 and 7 of the paper: slices cut along the true and along predicted poses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.evaluation.figures.style import MUTED, new_blank_figure
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.training.paper.examples import Chosen, TestExam, extreme_exams, posed, slice_exams
from shortaxis.training.paper.methods import METHODS
from shortaxis.training.paper.predictions import Predictions
from shortaxis.workflow.drawing.display_scale import myocardial_level
from shortaxis.workflow.drawing.slice_tiles import slice_colours

__all__ = ["draw_extremes", "draw_slices"]

TILE_MM, PIXEL_MM = 160.0, 2.0
TRANSAXIAL_TILE_MM = 288.0
"""Of slices as they were acquired: the heart and what lies around it."""

TILE_INCH, GAP_INCH = 0.92, 0.2
LABEL_INCH, HEAD_INCH, FOOT_INCH, BLOCK_GAP_INCH, RIM_INCH = 1.55, 0.75, 0.22, 0.25, 0.12

VIEWS = (
    (CardiacView.SHORT_AXIS, "short axis", ("A", "I", "S", "L")),
    (CardiacView.VERTICAL_LONG_AXIS, "vertical long", ("A", "I", "B", "Ap")),
    (CardiacView.HORIZONTAL_LONG_AXIS, "horizontal long", ("Ap", "B", "S", "L")),
)
"""With what lies at the top, the bottom, the left and the right."""

ACQUIRED = (
    ("transaxial", ("A", "P", "R", "L"), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    ("sagittal", ("H", "F", "A", "P"), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
    ("coronal", ("H", "F", "R", "L"), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
)
"""Normal, direction of rows on screen (to the right) and of columns (down), LPS."""


def draw_slices(exams: Sequence[TestExam], methods: Sequence[Predictions]) -> Figure:
    """Figure 4: three patients, three orientations, all methods below each other.

    Parameters
    ----------
    exams : sequence of TestExam
        All of the test; three of them are shown.
    methods : sequence of Predictions
        On the test exams; the first fold of each is shown.
    """
    title = "Slices as acquired, by the true pose, and by what each method predicts"
    return _draw(slice_exams(exams), methods, title)


def draw_extremes(exams: Sequence[TestExam], method: Predictions) -> Figure:
    """Figure 7: the largest angle of the test, and the most heat beside the heart."""
    title = f"{METHODS[method.method].title}: a far turned heart, and a hot organ beside one"
    return _draw(extreme_exams(exams), [method], title)


def _draw(chosen: Sequence[Chosen], methods: Sequence[Predictions], title: str) -> Figure:
    rows = ["as acquired", "true pose", *(METHODS[each.method].title for each in methods)]
    columns = len(VIEWS) * len(chosen)
    gap = BLOCK_GAP_INCH
    width = LABEL_INCH + TILE_INCH * columns + gap * (len(chosen) - 1) + RIM_INCH
    pitch = TILE_INCH + GAP_INCH
    height = HEAD_INCH + pitch * len(rows) - GAP_INCH + FOOT_INCH
    figure = new_blank_figure((width, height), title)
    for number, one in enumerate(chosen):
        left = LABEL_INCH + number * (TILE_INCH * len(VIEWS) + gap)
        grid = GridSpec(
            len(rows),
            len(VIEWS),
            figure=figure,
            left=left / width,
            right=(left + TILE_INCH * len(VIEWS)) / width,
            top=1 - HEAD_INCH / height,
            bottom=FOOT_INCH / height,
            wspace=0.03,
            hspace=GAP_INCH / TILE_INCH,
        )
        _block(figure, grid, one, methods)
        middle = (left + TILE_INCH * len(VIEWS) / 2) / width
        words = f"{one.words} ({one.exam.stored.scenario.condition})"
        figure.text(middle, 1 - 0.45 / height, words, ha="center", fontweight="bold", fontsize=9)
    for number, words in enumerate(rows):
        y = 1 - (HEAD_INCH + pitch * number + TILE_INCH / 2) / height
        figure.text(0.1 / width, y, words.replace(", ", ",\n"), va="center", fontsize=8.5)
    return figure


def _block(figure: Figure, grid: GridSpec, chosen: Chosen, methods: Sequence[Predictions]) -> None:
    """All rows of one exam."""
    exam, truth = chosen.exam, chosen.exam.stored.pose
    level = myocardial_level(exam.stored.volume, truth, None)
    for column, (words, marks, *directions) in enumerate(ACQUIRED):
        axes = figure.add_subplot(grid[0, column])
        _tile(axes, _acquired(exam, directions), level, marks)
        axes.set_title(words, fontsize=7, fontweight="normal", loc="center", pad=2)
    poses = [truth, *(posed(each, exam) for each in methods)]
    for row, pose in enumerate(poses, start=1):
        for column, (view, words, marks) in enumerate(VIEWS):
            axes = figure.add_subplot(grid[row, column])
            if pose is None:
                _missing(axes, "no heart\nfound" if column == 1 else "")
                continue
            _tile(axes, _cut(exam, view, pose), level, marks if row == 1 else ())
            if row == 1:
                axes.set_title(words, fontsize=7, fontweight="normal", loc="center", pad=2)
            elif column == 0:
                _note(axes, pose, truth)


def _note(axes: Axes, pose: RigidPose, truth: RigidPose) -> None:
    """How far the pose is off, below the short axis."""
    errors = pose_errors(pose, truth)
    words = (
        f"axis {errors.long_axis_deg:.1f}°, roll {errors.roll_deg:.1f}°, "
        f"centre {errors.center_mm:.1f} mm"
    )
    axes.text(0.0, -0.03, words, transform=axes.transAxes, va="top", fontsize=6.5, color=MUTED)


def _acquired(exam: TestExam, directions: Sequence[tuple[float, ...]]) -> CountsArray:
    """One plane through the heart's centre, along the patient."""
    normal, right, down = (np.array(each) for each in directions)
    size = int(TRANSAXIAL_TILE_MM / PIXEL_MM)
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([normal, down, right]) * PIXEL_MM
    half = (size - 1) / 2 * PIXEL_MM
    affine[:3, 3] = exam.stored.pose.center_mm - half * (right + down)
    plane: CountsArray = exam.stored.volume.resampled(Grid((1, size, size), affine)).counts[0]
    return plane


def _cut(exam: TestExam, view: CardiacView, pose: RigidPose) -> CountsArray:
    """The middle slice of a view."""
    size = int(TILE_MM / PIXEL_MM)
    grid = view_grid(view, pose, (1, size, size), PIXEL_MM)
    plane: CountsArray = exam.stored.volume.resampled(grid).counts[0]
    return plane


def _tile(axes: Axes, counts: CountsArray, level: float, marks: Sequence[str]) -> None:
    axes.imshow(counts, cmap=slice_colours(), vmin=0, vmax=level, interpolation="bilinear")
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    half = counts.shape[0] / 2 - 0.5
    near, far = 0.12 * half, 1.88 * half
    places = ((half, near), (half, far), (near, half), (far, half))
    for (x, y), words in zip(places, marks, strict=False):
        axes.text(x, y, words, color="white", ha="center", va="center", fontsize=6)


def _missing(axes: Axes, words: str) -> None:
    axes.set(xticks=[], yticks=[], facecolor="white")
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.text(
        0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", color=MUTED, fontsize=7
    )
