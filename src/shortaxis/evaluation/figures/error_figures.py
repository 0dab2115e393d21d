"""All methods beside each other: cumulative errors, and failures by group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shortaxis.evaluation.figures.style import LINES, MUTED, new_figure
from shortaxis.evaluation.scores.exam_score import ERRORS, FAILURE_DEG, FAILURE_MM
from shortaxis.evaluation.scores.intervals import Proportion
from shortaxis.evaluation.scores.method_evaluation import MethodEvaluation
from shortaxis.evaluation.scores.wording import ERROR_WORDS

__all__ = ["draw_cumulative_errors", "draw_failures_by_group"]

SHOWN = 30.0
"""Degrees and millimetres, twice a failure: beyond it an error is an error."""

LIMITS = {"long_axis_deg": FAILURE_DEG, "center_mm": FAILURE_MM}


def draw_cumulative_errors(methods: Sequence[MethodEvaluation]) -> Figure:
    """Part of the exams whose error is at most so large; those without a pose never are."""
    title = "Exams with at most this error"
    names = [name for name in ERRORS if any(each.overall.errors[name] for each in methods)]
    names = names or list(LIMITS)
    figure, panels = new_figure(2, (len(names) + 1) // 2, (11.0, 2.05 * (len(names) + 1)), title)
    for axes, name in zip(panels, names, strict=True):
        words, unit = ERROR_WORDS[name]
        axes.set_title(words.capitalize())
        axes.set(xlim=(0, SHOWN), ylim=(0, 102), xlabel=f"error ({unit.strip()})")
        axes.set_ylabel("exams (%)")
        for number, method in enumerate(methods):
            _draw_curves(axes, method, name, number)
        if name in LIMITS:
            axes.axvline(LIMITS[name], color=MUTED, linewidth=1, linestyle=":")
            axes.text(LIMITS[name] + 0.4, 3, "failure", color=MUTED, fontsize=9)
    if panels[0].get_legend_handles_labels()[0]:
        panels[0].legend(loc="lower right", fontsize=9, bbox_to_anchor=(1.0, 0.09))
    return figure


def draw_failures_by_group(methods: Sequence[MethodEvaluation]) -> Figure:
    """Failures and accepted failures, with their confidence intervals."""
    names = list(methods[0].groups)
    size = (11.0, 1.5 + len(names) * (0.16 + 0.12 * len(methods)))
    figure, panels = new_figure(2, 1, size, "Failures by group, with 95 % confidence intervals")
    labels = [f"{name} ({methods[0].groups[name].exams:,})" for name in names]
    kinds = (("failures", "Failures"), ("unflagged_failures", "Accepted failures"))
    for axes, (kind, title) in zip(panels, kinds, strict=True):
        axes.set_title(title)
        for number, method in enumerate(methods):
            parts = [getattr(method.groups[name], kind) for name in names]
            _draw_intervals(axes, parts, number, len(methods), method.method)
        places = np.arange(len(names))
        axes.set(ylim=(len(names) - 0.4, -0.6), xlabel="part of the group's exams (%)")
        axes.set_yticks(places, labels if axes is panels[0] else [""] * len(names))
        axes.set_xlim(left=0)
        axes.grid(visible=False, axis="y")
    handles, words = panels[0].get_legend_handles_labels()
    figure.legend(handles, words, loc="upper right", ncols=len(methods), fontsize=9)
    return figure


def _draw_curves(axes: Axes, method: MethodEvaluation, name: str, number: int) -> None:
    """Curves of all and of accepted exams."""
    colour = LINES[number % len(LINES)]
    accepted = [score for score in method.scores if not score.is_flagged]
    curves = ((method.scores, "-", "all"), (accepted, "--", "accepted"))
    for scores, dashes, words in curves:
        values = [getattr(score.errors, name, None) for score in scores]
        known = np.sort([value for value in values if value is not None])
        if known.size:
            # The last step goes on to the edge of the picture.
            errors = np.concatenate([[0.0], known, [max(SHOWN, known[-1])]])
            parts = np.arange(known.size + 1) / len(scores) * 100
            steps = np.append(parts, parts[-1])
            label = f"{method.method}, {words} ({len(scores)})"
            axes.step(errors, steps, where="post", color=colour, linestyle=dashes, label=label)


def _draw_intervals(
    axes: Axes, parts: Sequence[Proportion], number: int, total: int, label: str
) -> None:
    shift = 0.0 if total == 1 else 0.36 * (number / (total - 1) - 0.5)
    middle = 100 * np.array([each.part or 0.0 for each in parts])
    reach = 100 * np.array([each.interval or (0.0, 1.0) for each in parts]).T
    # Rounding can put the end of an interval beyond the part itself.
    across = np.maximum([middle - reach[0], reach[1] - middle], 0)
    places = np.arange(len(parts)) + shift
    colour = LINES[number % len(LINES)]
    axes.errorbar(
        middle, places, xerr=across, fmt="o", markersize=4, color=colour, capsize=2, label=label
    )
