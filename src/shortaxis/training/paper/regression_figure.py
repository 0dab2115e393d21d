"""Figure 3 of the paper: predicted against true parameters, with the line of regression."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from shortaxis.evaluation.figures.parameter_figures import PARAMETER_TITLES
from shortaxis.evaluation.figures.style import ACCEPTED, FLAGGED, MUTED, new_figure
from shortaxis.evaluation.scores.wording import PARAMETER_UNITS
from shortaxis.geometry.arrays import FloatArray
from shortaxis.training.paper.experiment import EXAMS_OF_A_PATIENT, PARAMETERS
from shortaxis.training.paper.methods import METHODS
from shortaxis.training.paper.predictions import Predictions
from shortaxis.training.paper.resampled import (
    interval_of,
    patient_weights,
    weighted_correlations,
)

__all__ = ["draw_regressions"]

SIZE_INCH = (7.6, 11.0)

CONDITIONS = (("stress", ACCEPTED, "o"), ("rest", FLAGGED, "^"))
"""Exams 2n and 2n + 1, as they are drawn."""

MAX_POINTS = 300


def draw_regressions(found: Predictions) -> Figure:
    """Translations in the left column, rotations in the right one, as in the paper.

    Parameters
    ----------
    found : Predictions
        Of one method on the test exams.
    """
    times = f", {found.folds} folds" if found.folds > 1 else ""
    title = f"{METHODS[found.method].title}: {found.exams} test exams{times}"
    figure, panels = new_figure(2, 3, SIZE_INCH, title)
    by_column = [panels[place] for place in (0, 2, 4, 1, 3, 5)]
    for place, axes in enumerate(by_column):
        _panel(axes, found, place)
    handles = [
        panels[0].plot([], [], ls="", marker=marker, color=colour, label=words)[0]
        for words, colour, marker in CONDITIONS
    ]
    figure.legend(handles=handles, loc="upper right", ncols=len(CONDITIONS), fontsize=9.5)
    return figure


def _panel(axes: Axes, found: Predictions, place: int) -> None:
    name, kept = PARAMETERS[place], found.is_found
    true, estimate = found.truths[kept, place], found.estimates[kept, place]
    unit = PARAMETER_UNITS[name]
    axes.set_title(PARAMETER_TITLES[name])
    if name == "beta" and not found.knows_roll:
        axes.set(xticks=[], yticks=[])
        words = "The roll of this method is a convention,\nnot what it saw."
        axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", color=MUTED)
        return
    low, high = _range(np.concatenate([true, estimate]))
    axes.plot([low, high], [low, high], color=MUTED, linewidth=1, linestyle="--", zorder=1)
    for number, (_, colour, marker) in enumerate(CONDITIONS):
        own = found.seeds[kept] % EXAMS_OF_A_PATIENT == number
        size = 18 if len(true) <= MAX_POINTS else 9
        axes.scatter(
            true[own], estimate[own], s=size, color=colour, marker=marker, alpha=0.7, linewidths=0
        )
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.set(xlabel=f"true ({unit})", ylabel=f"predicted ({unit})")
    _line(axes, true, estimate, patient_weights(found.patients[kept]))


def _line(axes: Axes, true: FloatArray, estimate: FloatArray, weights: FloatArray) -> None:
    """The line of least squares, with its equation and r."""
    draws = weighted_correlations(true, estimate, weights)
    if draws is None:
        return
    fit = stats.linregress(true, estimate)
    ends = np.array(axes.get_xlim())
    axes.plot(ends, fit.intercept + fit.slope * ends, color="#14181f", linewidth=1.2, zorder=3)
    r = interval_of(draws)
    sign = "+" if fit.intercept >= 0 else "−"
    words = (
        f"y = {fit.slope:.2f} x {sign} {abs(fit.intercept):.1f}\n"
        f"r = {r.value:.3f} ({r.low:.3f} to {r.high:.3f})"
    )
    box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    axes.text(0.03, 0.97, words, transform=axes.transAxes, va="top", fontsize=8.5, bbox=box)


def _range(values: FloatArray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = max(0.05 * (high - low), 0.5)
    return low - margin, high + margin
