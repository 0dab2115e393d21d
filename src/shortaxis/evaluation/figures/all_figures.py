"""Which figures an evaluation has, as PNG by their names."""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib.figure import Figure

from shortaxis.evaluation.document.blocks import Picture
from shortaxis.evaluation.figures.error_figures import (
    draw_cumulative_errors,
    draw_failures_by_group,
)
from shortaxis.evaluation.figures.parameter_figures import draw_agreement, draw_scatter
from shortaxis.evaluation.figures.style import house_style, to_png
from shortaxis.evaluation.figures.worst_sheets import draw_worst_sheets, ranks_of_sheets
from shortaxis.evaluation.scores.cohort_evaluation import CohortEvaluation, VolumeOf
from shortaxis.evaluation.scores.method_evaluation import MethodEvaluation

__all__ = ["FIGURES_FOLDER", "count_figures", "draw_figures"]

FIGURES_FOLDER = "figures"

Drawn = tuple[Picture, bytes]


def draw_figures(evaluation: CohortEvaluation, volume_of: VolumeOf) -> Iterator[Drawn]:
    """Draw all figures, one after the other: what each shows, and its PNG.

    Parameters
    ----------
    evaluation : CohortEvaluation
        What is shown.
    volume_of : callable
        Counts of an exam by its seed, for the largest errors.
    """
    with house_style():
        yield _drawn(
            "cumulative-errors",
            "Cumulative errors of all methods: all exams (lines) and accepted ones (dashes)",
            draw_cumulative_errors(evaluation.methods),
        )
        yield _drawn(
            "failures-by-group",
            "Failures and accepted failures by group",
            draw_failures_by_group(evaluation.methods),
        )
        for method in evaluation.methods:
            yield from _figures_of(method, volume_of)


def count_figures(evaluation: CohortEvaluation) -> int:
    """How many figures `draw_figures` gives."""
    sheets = sum(len(ranks_of_sheets(len(each.worst))) for each in evaluation.methods)
    return 2 + 2 * len(evaluation.methods) + sheets


def _figures_of(method: MethodEvaluation, volume_of: VolumeOf) -> Iterator[Drawn]:
    name = method.method
    yield _drawn("scatter", f"{name}: true and estimated parameters", draw_scatter(method), name)
    yield _drawn(
        "bland-altman",
        f"{name}: estimate less truth, with bias and limits of agreement",
        draw_agreement(method),
        name,
    )
    sheets = draw_worst_sheets(method, volume_of)
    for number, ranks in enumerate(ranks_of_sheets(len(method.worst))):
        words = f"{name}: largest errors, {ranks}; true axis in blue, estimated one in red"
        yield _drawn(f"worst-{number + 1}", words, sheets[number], name)


def _drawn(kind: str, caption: str, figure: Figure, method: str = "") -> Drawn:
    name = f"{method}-{kind}" if method else kind
    return Picture(f"{FIGURES_FOLDER}/{name}.png", caption, method), to_png(figure)
