"""Where the polar maps and their segments lie on the picture of the page, in pixels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from shortaxis.anatomy.segments import SEGMENTS
from shortaxis.dicom.documents.measurements.picture_regions import WHOLE_MAP, Region
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.drawing.polar_map import segment_outline
from shortaxis.workflow.study_report.exams.pairing import QuantifiedPair

__all__ = ["map_regions"]

OF_ONE_EXAM, OF_BOTH = "Uptake, %", "Difference"
"""Names of the axes that hold the map of a single exam, and that of the difference."""


def map_regions(figure: Figure, pair: QuantifiedPair) -> dict[Region, FloatArray]:
    """Outlines (point, 2) of every map and segment: column and row, once the page was drawn."""
    found: dict[Region, FloatArray] = {}
    height = figure.get_figheight() * figure.dpi
    for name, condition in _maps(pair):
        (axes,) = (each for each in figure.axes if each.get_label() == name)
        numbers = [WHOLE_MAP] if condition is None else [WHOLE_MAP, *range(1, len(SEGMENTS) + 1)]
        for number in numbers:
            placed = axes.transData.transform(segment_outline(number))
            found[condition, number] = np.stack([placed[:, 0], height - placed[:, 1]], axis=1)
    return found


def _maps(pair: QuantifiedPair) -> Iterator[tuple[str, StudyCondition | None]]:
    """Names of the axes and the exam that each shows; what compares both is of neither."""
    if len(pair.exams) == 1:
        yield OF_ONE_EXAM, pair.exams[0].exam.condition
        yield OF_ONE_EXAM, None
        return
    for each in pair.exams:
        yield each.title, each.exam.condition
    yield OF_BOTH, None
