"""Errors on the exams that a fold validates on, after every epoch of training."""

from __future__ import annotations

import csv
from pathlib import Path

from matplotlib.figure import Figure

from shortaxis.evaluation.figures.style import LINES, MUTED, new_figure
from shortaxis.training.paper.experiment import PaperExperiment
from shortaxis.training.paper.methods import METHODS, Kind
from shortaxis.training.paper.stages import THREE_STAGES, WITHOUT_STAGES

__all__ = ["draw_curves", "watched_errors"]

SIZE_INCH = (9.0, 4.6)

KINDS = {"translation_mm": "mean error of x_m, y_m, z_m (mm)"} | {
    "rotation_deg": "mean error of alpha, beta, theta (°)"
}

DASHED = "--"
"""Networks that are trained in stages have whole lines."""


def watched_errors(folder: Path) -> list[dict[str, float]]:
    """Mean errors by `KINDS` after every epoch of all stages, as the logs of a fold have them."""
    rows = []
    for stage in (*WITHOUT_STAGES, *THREE_STAGES):
        # A stopped training has a log for every start; an epoch that came twice counts once.
        by_epoch: dict[int, dict[str, float]] = {}
        for path in sorted((folder / stage.name).glob("logs/*/metrics.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    if row.get("watched/rotation_deg"):
                        by_epoch[int(row["epoch"])] = {
                            kind: float(row[f"watched/{kind}"]) for kind in KINDS
                        }
        rows += [by_epoch[epoch] for epoch in sorted(by_epoch)]
    return rows


def draw_curves(experiment: PaperExperiment, folder: Path) -> Figure | None:
    """The first fold of every network that has a log; None if there is none."""
    curves = {}
    for method in experiment.methods:
        if METHODS[method].kind is Kind.NETWORK:
            rows = watched_errors(folder / method / experiment.places_of(method)[0])
            if rows:
                curves[method] = rows
    if not curves:
        return None
    figure, panels = new_figure(2, 1, SIZE_INCH, "Errors on validation exams in training")
    for axes, (kind, words) in zip(panels, KINDS.items(), strict=True):
        for number, (method, rows) in enumerate(curves.items()):
            epochs = range(1, len(rows) + 1)
            style = "-" if method.endswith("three-stages") else DASHED
            axes.plot(
                epochs,
                [row[kind] for row in rows],
                style,
                color=LINES[number] if number < len(LINES) else MUTED,
                label=METHODS[method].title,
                linewidth=1.5,
            )
        axes.set(xlabel="epoch", ylabel=words, ylim=(0, None))
    panels[1].legend(fontsize=8)
    return figure
