"""The figure of `quantification.py`: detection, extent, and what the pose does to the reading."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["draw"]

BLUE, RED = "#1556b0", "#c62828"


MEASURES: tuple[tuple[str, str, Callable[[Any], float]], ...] = (
    ("summed_score", "summed score", lambda each: each.summed_score),
    (
        "total_perfusion_deficit",
        "total perfusion deficit",
        lambda each: each.total_perfusion_deficit,
    ),
    ("scar_burden", "scar burden", lambda each: each.scar_burden),
)
"""Name, words, and how it is read from a `Severity` by limits."""


def draw(rows: list[Any], values: dict[str, Any], path: Path) -> None:
    """Eight panels: ROC, extent, territory; three measures at both poses; pose turned, shifted."""
    figure = Figure(figsize=(19, 9.5), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 4)
    _roc(axes[0, 0], rows, values)
    _extent(axes[0, 1], rows, values)
    _territory(axes[0, 2], values["territory"])
    panels = ((axes[0, 3], MEASURES[0]), (axes[1, 0], MEASURES[1]), (axes[1, 1], MEASURES[2]))
    for place, (name, words, read) in panels:
        truth = np.array([read(row.at_truth) for row in rows], dtype=float)
        estimate = np.array([read(row.estimated) for row in rows], dtype=float)
        place.plot(truth, estimate, ".", color=BLUE, markersize=4, alpha=0.5)
        largest = max(truth.max(), estimate.max(), 1e-9)
        place.plot([0, largest], [0, largest], color="grey", linewidth=0.8)
        one = values["pose"]["all"][name]
        place.set(
            xlabel=f"{words} at the true pose",
            ylabel=f"{words} at the network's pose",
            title=f"r {one['r']:.3f}, mean absolute error {one['mae']:.3g}",
        )
    for place, kind, unit in ((axes[1, 2], "turned", "degrees"), (axes[1, 3], "shifted", "mm")):
        table = values["moved"][kind]
        amounts = [each["by"] for each in table]
        place.plot(amounts, [each["summed_score"] for each in table], "o-", color=BLUE)
        place.set(xlabel=f"true pose {kind} by, {unit}", ylabel="mean change of the summed score")
        twin = place.twinx()
        twin.plot(amounts, [100 * each["scar_burden"] for each in table], "s--", color=RED)
        twin.set_ylabel("mean change of the scar burden, % of the wall", color=RED)
    figure.savefig(path)


def _territory(axes: Axes, values: dict[str, Any]) -> None:
    """How often each true territory was measured as which; rows add up to all of one territory."""
    counts = values["measured"]
    names, columns = list(counts), list(next(iter(counts.values())))
    table = np.array([[counts[name][column] for column in columns] for name in names])
    axes.imshow(
        table / np.maximum(table.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1
    )
    for (row, column), count in np.ndenumerate(table):
        part = count / max(table[row].sum(), 1)
        axes.text(
            column, row, str(count), ha="center", va="center", fontsize=15,
            color="white" if part > 0.6 else "black",
        )  # fmt: skip
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(names)), names)
    axes.set(
        xlabel="territory with the largest measured deficit",
        ylabel="with the largest true one",
        title=f"{values['named']} of {values['exams']} defects named",
    )


def _roc(axes: Axes, rows: list[Any], values: dict[str, Any]) -> None:
    truth = np.array([row.has_defect for row in rows])
    for name, colour in (("total_perfusion_deficit", BLUE), ("summed_score", RED)):
        measured = np.array([getattr(row.estimated, name) for row in rows])
        limits = np.concatenate([[np.inf], np.unique(measured)[::-1]])
        hits = [(measured[truth] >= limit).mean() for limit in limits]
        alarms = [(measured[~truth] >= limit).mean() for limit in limits]
        area = values["detection"][name]["auc"]
        words = name.replace("_", " ")
        axes.plot(alarms, hits, color=colour, label=f"{words}: {area:.3f}")
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axes.set(xlabel="1 - specificity", ylabel="sensitivity", title="Exams with a defect", aspect=1)
    axes.legend(loc="lower right")


def _extent(axes: Axes, rows: list[Any], values: dict[str, Any]) -> None:
    kept = [row for row in rows if row.has_defect]
    truth = 100 * np.array([row.true_extent for row in kept])
    measured = 100 * np.array([row.estimated.extent for row in kept])
    axes.plot(truth, measured, ".", color=BLUE, markersize=4, alpha=0.5)
    axes.plot([0, 100], [0, 100], color="grey", linewidth=0.8)
    one = values["extent"]
    axes.set(
        xlabel="true extent, % of the wall",
        ylabel="measured extent, % of the wall",
        title=f"r {one['r']:.2f}, bias {100 * one['bias']:.1f} % of the wall",
        xlim=(0, max(truth.max(), 1) * 1.05),
        ylim=(0, max(measured.max(), 1) * 1.05),
    )
