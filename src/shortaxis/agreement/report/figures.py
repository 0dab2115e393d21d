"""Pictures of a comparison: differences after Bland and Altman, and ROC curves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shortaxis.agreement.comparisons.comparing import Comparison
from shortaxis.agreement.comparisons.detecting import Detection, tested_values
from shortaxis.agreement.comparisons.pairings import GROUPS, in_group
from shortaxis.agreement.comparisons.pairs import PairAgreement, paired_values
from shortaxis.agreement.exams.compared_exam import ComparedExam
from shortaxis.agreement.exams.quantities import COMPARED
from shortaxis.agreement.measures.limits_of_agreement import Estimate, Limits
from shortaxis.agreement.measures.roc_area import BoolArray, roc_curve
from shortaxis.agreement.report.wording import words_of_test
from shortaxis.evaluation.document.blocks import Picture
from shortaxis.evaluation.figures.style import (
    ACCEPTED,
    FLAGGED,
    LINES,
    MUTED,
    house_style,
    new_figure,
    to_png,
)
from shortaxis.evaluation.scores.wording import signed
from shortaxis.geometry.arrays import FloatArray

__all__ = ["draw_comparison"]

PANEL_INCH, NARROWEST_INCH = (4.4, 3.6), 6.4
"""The narrowest holds the title of one panel."""

MOST_COLUMNS = 3

Drawn = tuple[Picture, bytes]


def draw_comparison(found: Comparison) -> Iterator[Drawn]:
    """One picture for each quantity and condition, and one for each place of disease."""
    with house_style():
        for name, quantity in COMPARED.items():
            for condition in dict.fromkeys(exam.condition for exam in found.exams):
                pairs = [each for each in found.pairs if _is_shown(each, name, condition)]
                if pairs:
                    caption = f"{quantity.words} at {condition}: differences (Bland-Altman)"
                    figure = _differences(found.exams, pairs, caption)
                    words = f"{caption}; orange: flagged for review"
                    yield Picture(f"bland-altman-{name}-{condition}.png", words), to_png(figure)
        for place in dict.fromkeys(each.place for each in found.detections):
            tests = [
                (each, each.area)
                for each in found.detections
                if each.place == place and each.group == GROUPS[0] and each.area is not None
            ]
            if tests:
                caption = f"ROC curves: {place}"
                name = f"roc-{place.replace(' ', '-')}.png"
                yield Picture(name, caption), to_png(_curves(found.exams, tests, caption))


def _is_shown(each: PairAgreement, quantity: str, condition: str) -> bool:
    pairing = each.pairing
    is_whole = pairing.group == GROUPS[0] and pairing.condition == condition
    return each.quantity == quantity and is_whole and each.limits is not None


def _differences(
    exams: Sequence[ComparedExam], pairs: Sequence[PairAgreement], title: str
) -> Figure:
    columns = min(MOST_COLUMNS, len(pairs))
    rows = math.ceil(len(pairs) / columns)
    width = max(PANEL_INCH[0] * columns, NARROWEST_INCH)
    size = (width, PANEL_INCH[1] * rows + 0.5)
    figure, panels = new_figure(columns, rows, size, title)
    for axes in panels[len(pairs) :]:
        axes.set_axis_off()
    for axes, each in zip(panels, pairs, strict=False):
        kept, values, _ = paired_values(exams, each.quantity, each.pairing)
        flagged = np.array([in_group(exam, GROUPS[2], each.quantity) for exam in kept])
        if each.limits is not None:
            _panel(axes, each, each.limits, values, flagged)
    return figure


def _panel(
    axes: Axes, each: PairAgreement, limits: Limits, values: FloatArray, flagged: BoolArray
) -> None:
    mean, difference = values.mean(axis=1), values[:, 0] - values[:, 1]
    for chosen, colour, marker in ((~flagged, ACCEPTED, "o"), (flagged, FLAGGED, "^")):
        axes.scatter(
            mean[chosen],
            difference[chosen],
            s=16,
            color=colour,
            marker=marker,
            alpha=0.7,
            linewidths=0,
        )
    unit = COMPARED[each.quantity].unit
    axes.axhline(0, color=MUTED, linewidth=1)
    for estimate, dashes in ((limits.bias, "-"), (limits.lower, "--"), (limits.upper, "--")):
        axes.axhline(estimate.value, color="#14181f", linewidth=1.1, linestyle=dashes)
        if estimate.interval is not None:
            axes.axhspan(*estimate.interval, color=MUTED, alpha=0.15, linewidth=0)
    bias, low, high = (signed(one.value, 1) for one in (limits.bias, limits.lower, limits.upper))
    axes.set_title(f"{each.pairing.first} - {each.pairing.second}, n {each.exams}")
    shown = f" ({unit})" if unit else ""
    axes.set(xlabel=f"mean of both{shown}", ylabel=f"bias {bias}, limits {low} to {high}{shown}")


def _curves(
    exams: Sequence[ComparedExam], tests: Sequence[tuple[Detection, Estimate]], title: str
) -> Figure:
    figure, (axes,) = new_figure(1, 1, (6.4, 6.6), title)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1)
    for number, (each, area) in enumerate(tests):
        known = [one for one in tested_values(exams, each.source, each.place, each.test)
                 if one.value is not None]  # fmt: skip
        values = np.array([one.value for one in known], dtype=np.float64)
        false, true = roc_curve(values, np.array([one.is_diseased for one in known]))
        words = f"{each.source}, {words_of_test(each.test, each.place)}: {area.value:.3f}"
        colour, dashes = LINES[number % len(LINES)], ("-", "--")[number // len(LINES) % 2]
        axes.plot(false, true, color=colour, linestyle=dashes, label=words)
        axes.plot(
            1 - (each.specificity.part or 0),
            each.sensitivity.part or 0,
            "o",
            color=colour,
            markersize=5,
        )
    axes.set(xlabel="1 - specificity", ylabel="sensitivity", aspect="equal")
    axes.legend(loc="lower right", title="Area; dots: the fixed cut")
    return figure
