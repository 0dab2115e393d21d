"""Figure 5 of the paper: scar burden and summed score by the predicted and by the true pose."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from shortaxis.evaluation.figures.style import ACCEPTED, MUTED, new_figure
from shortaxis.evaluation.scores.intervals import correlate
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.severity import Severity
from shortaxis.training.paper.examples import TestExam, posed
from shortaxis.training.paper.methods import METHODS
from shortaxis.training.paper.predictions import Predictions

__all__ = ["ScoreRow", "draw_scores", "score_rows", "scores_csv"]

SIZE_INCH = (8.4, 8.0)

MEASURES: tuple[tuple[str, str, Callable[[Severity], float]], ...] = (
    ("scar_burden", "scar burden", lambda each: each.scar_burden or 0.0),
    ("summed_score", "summed score", lambda each: float(each.summed_score)),
)
"""Name, words, and how it is read."""

CONDITIONS = ("stress", "rest")


@dataclass(frozen=True)
class ScoreRow:
    """One exam: measures by name, at the true and at the predicted pose; nan without a trace."""

    seed: int
    condition: str
    true: dict[str, float]
    predicted: dict[str, float]


def score_rows(exams: Sequence[TestExam], found: Predictions) -> list[ScoreRow]:
    """Measures of every exam by the poses that the first fold of a method predicts."""
    rows = []
    for exam in exams:
        pose = posed(found, exam)
        predicted = exam.severity(pose) if pose is not None else None
        rows.append(
            ScoreRow(
                exam.seed,
                exam.stored.scenario.condition,
                _measured(exam.at_truth),
                _measured(predicted),
            )
        )
    return rows


def _measured(severity: Severity | None) -> dict[str, float]:
    return {
        name: float("nan") if severity is None else read(severity) for name, _, read in MEASURES
    }


def draw_scores(method: str, rows: Sequence[ScoreRow]) -> Figure:
    """Scar burden to the left, summed scores to the right; stress above rest."""
    title = f"{METHODS[method].title}: scores by its poses and by the true ones"
    figure, panels = new_figure(len(MEASURES), len(CONDITIONS), SIZE_INCH, title)
    cells = [(condition, *measure) for condition in CONDITIONS for measure in MEASURES]
    for axes, (condition, name, words, _) in zip(panels, cells, strict=True):
        own = [each for each in rows if each.condition == condition]
        pairs = np.array([(each.true[name], each.predicted[name]) for each in own]).reshape(-1, 2)
        kept = np.isfinite(pairs).all(axis=1)
        axes.set_title(f"{words}, {condition}")
        _panel(axes, pairs[kept, 0], pairs[kept, 1], int((~kept).sum()))
    return figure


def _panel(axes: Axes, true: FloatArray, predicted: FloatArray, missing: int) -> None:
    if not len(true):
        return
    top = 1.08 * max(true.max(), predicted.max(), 1e-3)
    low = -0.04 * top
    axes.plot([low, top], [low, top], color=MUTED, linewidth=1, linestyle="--", zorder=1)
    axes.scatter(true, predicted, s=20, color=ACCEPTED, alpha=0.6, linewidths=0)
    axes.set(xlim=(low, top), ylim=(low, top), aspect="equal")
    axes.set(xlabel="by the true pose", ylabel="by the predicted pose")
    words = [f"mean absolute error {np.abs(predicted - true).mean():.3g}", f"{len(true)} exams"]
    if missing:
        words[1] += f", {missing} without a trace"
    correlation = correlate(true, predicted)
    if correlation is not None:
        fit = stats.linregress(true, predicted)
        ends = np.array([low, top])
        axes.plot(ends, fit.intercept + fit.slope * ends, color="#14181f", linewidth=1.2)
        low_r, high_r = correlation.interval
        p = "P < 0.001" if fit.pvalue < 0.001 else f"P = {fit.pvalue:.3f}"
        words.insert(0, f"r = {correlation.r:.3f} ({low_r:.3f} to {high_r:.3f}), {p}")
        sign = "+" if fit.intercept >= 0 else "−"
        words.insert(0, f"y = {fit.slope:.2f} x {sign} {abs(fit.intercept):.2g}")
    box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    axes.text(
        0.03, 0.97, "\n".join(words), transform=axes.transAxes, va="top", fontsize=8, bbox=box
    )


def scores_csv(rows: Sequence[ScoreRow]) -> str:
    """One line an exam."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [name for name, *_ in MEASURES]
    kinds = ("true", "predicted")
    writer.writerow(["seed", "condition", *(f"{kind}_{n}" for kind in kinds for n in names)])
    for each in rows:
        values = [f"{part[name]:.5g}" for part in (each.true, each.predicted) for name in names]
        writer.writerow([each.seed, each.condition, *values])
    return text.getvalue()
