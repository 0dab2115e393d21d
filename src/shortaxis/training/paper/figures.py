"""Figures 4 to 7 of the paper, of the methods that have predicted the test exams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shortaxis.evaluation.figures.style import house_style
from shortaxis.reorientation.methods import NETWORK
from shortaxis.training.paper.examples import TestExam
from shortaxis.training.paper.experiment import PaperExperiment
from shortaxis.training.paper.pictures import write_pictures
from shortaxis.training.paper.polar_maps_figure import draw_polar_maps
from shortaxis.training.paper.predictions import Predictions
from shortaxis.training.paper.scores_figure import draw_scores, score_rows, scores_csv
from shortaxis.training.paper.slices_figure import draw_extremes, draw_slices

__all__ = ["read_test_exams", "write_figures"]

SHOWN = ("cnn-stn-three-stages", "cascade", NETWORK.name)
"""Methods of Figure 5; the first of them, or the first there is, is that of Figures 6 and 7."""


def read_test_exams(experiment: PaperExperiment) -> list[TestExam]:
    """All exams of the test, in the order of their seeds."""
    return [TestExam(each) for each in experiment.test.exams()]


def write_figures(exams: Sequence[TestExam], found: Sequence[Predictions], staging: Path) -> None:
    """Write what there is of Figures 4 to 7 as PNG and SVG.

    Parameters
    ----------
    exams : sequence of TestExam
        The test exams.
    found : sequence of Predictions
        Of the test exams, one a method.
    staging : Path
        Gets ``figure4``, ``figure5-METHOD`` with its numbers as CSV, ``figure6``, ``figure7``.
    """
    if not found:
        return
    by_name = {each.method: each for each in found}
    shown = [by_name[name] for name in SHOWN if name in by_name] or [found[0]]
    with house_style():
        write_pictures(draw_slices(exams, found), staging, "figure4")
        for each in shown:
            rows = score_rows(exams, each)
            name = f"figure5-{each.method}"
            write_pictures(draw_scores(each.method, rows), staging, name)
            (staging / f"{name}.csv").write_text(scores_csv(rows), encoding="utf-8")
        write_pictures(draw_polar_maps(exams, shown[0]), staging, "figure6")
        write_pictures(draw_extremes(exams, shown[0]), staging, "figure7")
