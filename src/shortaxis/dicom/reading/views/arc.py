"""Whether the arc of the views fits what the header says of it, and a heart."""

from __future__ import annotations

import numpy as np

from shortaxis.dicom.elements.attributes import label
from shortaxis.dicom.reading.views.view_order import ViewOrder
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray

__all__ = ["STATE_ARC", "apart_deg", "refuse_other_arc", "refuse_short_arc"]

LEAST_ARC_DEG = 150.0
"""A heart is seen from right anterior to left posterior, over 180 degrees; fewer than 150 leave
gaps that streaks fill."""

STATE_ARC = "state the arc that one head covers: --scan-arc 180"


def refuse_other_arc(step: float, arc: float | None, order: ViewOrder) -> None:
    """Scan Arc is that of a head or of all of them, to the last view or past it."""
    if arc is None:
        return
    per_head = [step * order.views, step * (order.views - 1)]
    possible = [*per_head, *(order.heads * each for each in per_head)]
    if min(abs(arc - each) for each in possible) > max(step, 1.0):
        raise GeometryError(
            f"{label('AngularStep')}, {label('ScanArc')} and the number of views contradict each "
            "other",
            expected=f"{order.views} views of {step:g} degrees: {per_head[0]:g} degrees a head",
            found=f"{arc:g} degrees",
            cause="views that were taken out, or an edited header",
            way_on=STATE_ARC,
        )


def refuse_short_arc(angles: FloatArray) -> None:
    """Largest gap between neighbouring views, and the arc that the others cover."""
    if angles.shape[1] < 2:
        covered = 0.0
    else:
        step = apart_deg(float(angles[0, 0]), float(angles[0, 1]))
        around = np.sort(angles.ravel())
        gaps = np.diff([*around, around[0] + 360])
        covered = min(360.0 - float(gaps.max()) + step, 360.0)
    if covered < LEAST_ARC_DEG:
        raise GeometryError(
            "the views cover too small an arc for a heart",
            expected=f"at least {LEAST_ARC_DEG:g} degrees",
            found=f"{angles.size} views over {covered:.0f} degrees",
            cause="the views of one head of several, an acquisition that was broken off, or a "
            "wrong angular step",
            way_on=f"export all heads; if the step is wrong, {STATE_ARC}",
        )


def apart_deg(first: float, second: float) -> float:
    """Smallest angle between two directions, degrees."""
    return abs((first - second + 180) % 360 - 180)
