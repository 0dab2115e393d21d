"""What an exam is judged by, and whether it failed: measured once, judged by any limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shortaxis.errors import HeartNotFoundError
from shortaxis.evaluation.scores.exam_score import FAILURE_DEG, FAILURE_MM
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.reorientation.quality import Limit
from shortaxis.spect.volume import SpectVolume

__all__ = ["Row", "is_beyond", "is_flagged", "measured_row"]

Row = Mapping[str, Any]


def measured_row(volume: SpectVolume, pose: RigidPose) -> Row:
    """Measures of a volume by their keys, and whether its pose is a failure."""
    try:
        estimate, measures = measured_estimate(volume)
    except HeartNotFoundError:
        return {"found": False, "failed": True, "measures": {}}
    errors = pose_errors(estimate.pose, pose)
    return {
        "found": True,
        "failed": bool(errors.long_axis_deg > FAILURE_DEG or errors.center_mm > FAILURE_MM),
        "measures": {measure.key: float(value) for measure, value in measures.items()},
    }


def is_flagged(row: Row, limits: Sequence[Limit]) -> bool:
    """Whether a measure of an exam is beyond its limit."""
    return any(is_beyond(row, limit) for limit in limits)


def is_beyond(row: Row, limit: Limit) -> bool:
    """Whether this limit stops it; what was not measured stops nothing."""
    value = row["measures"].get(limit.measure.key)
    return value is not None and not limit.accepts(value)
