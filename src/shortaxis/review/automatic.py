"""The automatic pose that a reviewer sees first, as it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shortaxis.errors import HeartNotFoundError
from shortaxis.reorientation.estimate import LeftVentricleExtent, Quality
from shortaxis.reorientation.methods import estimate_pose
from shortaxis.reorientation.pose_record import record_in_study
from shortaxis.workflow.drawing.display_scale import TYPICAL_EXTENT
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.reorienting import reasons_of_the_source
from shortaxis.workflow.studies.finding import LoadedStudy

__all__ = ["NOT_FOUND", "automatic_record", "source_uid"]

NOT_FOUND = "no left ventricle was found"


def automatic_record(loaded: LoadedStudy, options: ReorientOptions) -> dict[str, Any]:
    """``pose.json`` of the automatic pose with `extent`; without ``center_mm`` if there is none."""
    study = loaded.study
    reasons = reasons_of_the_source(study)
    try:
        found = estimate_pose(study.volume, options.method, options.weights)
    except HeartNotFoundError:
        quality = Quality((NOT_FOUND, *reasons))
        return {
            "method": options.method,
            "quality": {"flag": quality.flag.value, "reasons": list(quality.reasons)},
            "extent": _extent_record(None),
        }
    flagged = replace(found, quality=found.quality.with_reasons(*reasons))
    return {**record_in_study(flagged, study), "extent": _extent_record(found.extent)}


def source_uid(loaded: LoadedStudy) -> str:
    """SOP Instance UID of the source, or its first object; empty without one."""
    return next(iter(loaded.study.facts.sop_instance_uids), "")


def _extent_record(extent: LeftVentricleExtent | None) -> dict[str, float]:
    shown = extent or TYPICAL_EXTENT
    return {"length_mm": shown.length_mm, "radius_mm": shown.radius_mm}
