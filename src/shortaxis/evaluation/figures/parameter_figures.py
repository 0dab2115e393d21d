"""True against estimated parameters: scatter plots, and differences after Bland and Altman."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shortaxis.evaluation.figures.style import (
    ACCEPTED,
    FLAGGED,
    MISSED,
    MUTED,
    new_figure,
)
from shortaxis.evaluation.scores.exam_score import ExamScore
from shortaxis.evaluation.scores.method_evaluation import MethodEvaluation
from shortaxis.evaluation.scores.summary import PARAMETERS, paired_parameters
from shortaxis.evaluation.scores.wording import PARAMETER_UNITS, signed
from shortaxis.geometry.arrays import FloatArray

__all__ = ["PARAMETER_TITLES", "draw_agreement", "draw_scatter"]

PARAMETER_TITLES = {
    "x_m": "x_m, to the left",
    "y_m": "y_m, to the back",
    "z_m": "z_m, to the head",
    "alpha": "alpha, elevation",
    "beta": "beta, roll",
    "theta": "theta, azimuth",
}

SIZE_INCH = (12.0, 8.0)


@dataclass(frozen=True)
class Kind:
    """Exams that are drawn alike."""

    words: str
    belongs: Callable[[ExamScore], bool]
    colour: str
    marker: str


KINDS = (
    Kind("accepted", lambda score: not score.is_flagged and not score.is_failure, ACCEPTED, "o"),
    Kind("flagged for review", lambda score: score.is_flagged, FLAGGED, "^"),
    Kind("accepted failure", lambda score: score.is_failure and not score.is_flagged, MISSED, "X"),
)

NO_ROLL = "The roll of this method is a convention,\nnot what it saw."

Pairs = list[tuple[FloatArray, FloatArray]]
"""True and estimated values of the exams of each kind."""


def draw_scatter(method: MethodEvaluation) -> Figure:
    """Estimated against true value of each parameter, with the line of identity."""
    title = f"{method.method}: estimated against true parameters"
    return _draw(method, title, _scatter)


def draw_agreement(method: MethodEvaluation) -> Figure:
    """Estimate less truth against their mean, with bias and limits of agreement."""
    title = f"{method.method}: estimate less truth (Bland-Altman)"
    return _draw(method, title, _differences)


def _draw(
    method: MethodEvaluation,
    title: str,
    draw: Callable[[Axes, str, Pairs, MethodEvaluation], None],
) -> Figure:
    figure, panels = new_figure(3, 2, SIZE_INCH, title)
    for axes, name in zip(panels, PARAMETERS, strict=True):
        axes.set_title(PARAMETER_TITLES[name])
        pairs = [
            paired_parameters([score for score in method.scores if kind.belongs(score)], name)
            for kind in KINDS
        ]
        if sum(len(true) for true, _ in pairs):
            draw(axes, name, pairs, method)
        else:
            _say(axes, NO_ROLL if name == "beta" else "No poses.")
    handles = [
        panels[0].plot([], [], ls="", marker=kind.marker, color=kind.colour, label=kind.words)[0]
        for kind in KINDS
    ]
    figure.legend(handles=handles, loc="upper right", ncols=len(KINDS), fontsize=9.5)
    return figure


def _scatter(axes: Axes, name: str, pairs: Pairs, method: MethodEvaluation) -> None:
    values = np.concatenate([part for pair in pairs for part in pair])
    low, high = _widened(values)
    axes.plot([low, high], [low, high], color=MUTED, linewidth=1, zorder=1)
    for (true, found), kind in zip(pairs, KINDS, strict=True):
        _points(axes, true, found, kind)
    unit = PARAMETER_UNITS[name]
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.set(xlabel=f"true ({unit})", ylabel=f"estimated ({unit})")
    correlation = method.overall.correlations[name]
    if correlation is not None:
        least, most = correlation.interval
        words = f"r = {correlation.r:.3f}\n({least:.3f} to {most:.3f})\n{correlation.exams} exams"
        _note(axes, words)


def _differences(axes: Axes, name: str, pairs: Pairs, method: MethodEvaluation) -> None:
    for (true, found), kind in zip(pairs, KINDS, strict=True):
        _points(axes, (true + found) / 2, found - true, kind)
    unit = PARAMETER_UNITS[name]
    axes.axhline(0, color=MUTED, linewidth=1)
    axes.set(xlabel=f"mean of both ({unit})", ylabel=f"estimate less truth ({unit})")
    differences = np.concatenate([found - true for true, found in pairs])
    agreement = method.overall.agreement[name]
    if agreement is None:
        return
    reach = max(np.abs(differences).max(), abs(agreement.lower), abs(agreement.upper), 0.5)
    # Room for the note above the highest point.
    axes.set_ylim(-1.1 * reach, 1.65 * reach)
    for value, dashes in ((agreement.bias, "-"), (agreement.lower, "--"), (agreement.upper, "--")):
        axes.axhline(value, color="#14181f", linewidth=1.1, linestyle=dashes)
    attached = unit if unit == "°" else f" {unit}"
    lower, upper = signed(agreement.lower, 1), signed(agreement.upper, 1)
    _note(axes, f"bias {signed(agreement.bias, 1)}{attached}\nlimits {lower} to {upper}{attached}")


def _points(axes: Axes, x: FloatArray, y: FloatArray, kind: Kind) -> None:
    size = 24 if kind.colour == MISSED else 16 if len(x) < 300 else 9
    style: dict[str, Any] = {"color": kind.colour, "marker": kind.marker, "linewidths": 0}
    axes.scatter(x, y, s=size, alpha=0.7, zorder=2, **style)


def _note(axes: Axes, words: str) -> None:
    box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    axes.text(
        0.03, 0.97, words, transform=axes.transAxes, va="top", ha="left", fontsize=9, bbox=box
    )


def _say(axes: Axes, words: str) -> None:
    axes.set(xticks=[], yticks=[])
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", color=MUTED)


def _widened(values: FloatArray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = max(0.05 * (high - low), 0.5)
    return low - margin, high + margin
