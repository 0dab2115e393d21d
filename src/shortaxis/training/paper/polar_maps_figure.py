"""Figure 6 of the paper: polar maps by the true pose and by a method's."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shortaxis.evaluation.figures.style import MUTED, new_figure
from shortaxis.quantification.severity import Severity
from shortaxis.training.paper.examples import TestExam, map_exams, posed
from shortaxis.training.paper.methods import METHODS
from shortaxis.training.paper.predictions import Predictions
from shortaxis.workflow.drawing.polar_map import draw_polar_map

__all__ = ["draw_polar_maps"]

COLUMNS = 4
SIZE_INCH = (12.0, 9.8)


def draw_polar_maps(exams: Sequence[TestExam], found: Predictions) -> Figure:
    """Three stress exams to the left, three rest exams to the right, the truth beside the method.

    Scar burden stands at the left below each map, the summed score at the right, and the score of
    each segment in it.
    """
    title = METHODS[found.method].title
    chosen = map_exams(exams)
    figure, panels = new_figure(
        COLUMNS, 3, SIZE_INCH, f"Polar maps by the true pose, and by that of: {title}"
    )
    for axes in panels:
        axes.axis("off")
    for condition, left in (("stress", 0), ("rest", 2)):
        own = [each for each in chosen if each.exam.stored.scenario.condition == condition]
        for row, one in enumerate(own):
            pose = posed(found, one.exam)
            severities = (
                (one.words, one.exam.at_truth),
                (title, None if pose is None else one.exam.severity(pose)),
            )
            for column, (words, severity) in enumerate(severities):
                _panel(panels[row * COLUMNS + left + column], words, severity)
    return figure


def _panel(axes: Axes, words: str, severity: Severity | None) -> None:
    axes.set_title(words, fontsize=9.5, loc="center")
    if severity is None:
        axes.text(0.5, 0.5, "no wall to trace", transform=axes.transAxes, ha="center", color=MUTED)
        return
    scores = {number: str(score) for number, score in severity.segment_scores.items()}
    draw_polar_map(axes, severity.polar_map, scores)
    scar = f"{100 * (severity.scar_burden or 0.0):.1f} %"
    for x, text, align in ((0.02, scar, "left"), (0.98, str(severity.summed_score), "right")):
        axes.text(x, 0.0, text, transform=axes.transAxes, ha=align, fontsize=11, fontweight="bold")
