"""The function of a gated study on the review page: numbers, maps, and the beating heart."""

from __future__ import annotations

from typing import Any

from shortaxis.errors import InputNotFoundError
from shortaxis.function.phase import DEFAULT_PHASE
from shortaxis.geometry.pose import RigidPose
from shortaxis.review.session import ReviewSession
from shortaxis.workflow.beat_view.record import beat_record, maps_record, phases_record
from shortaxis.workflow.quantify.function_record import function_record
from shortaxis.workflow.quantify.function_rows import FUNCTION_ROWS, function_rows
from shortaxis.workflow.quantify.function_study import function_of

__all__ = ["function_answer"]


def function_answer(
    session: ReviewSession, study: str, pose: RigidPose, convention: str = DEFAULT_PHASE
) -> dict[str, Any]:
    """What ``function.json`` holds of this pose, rows in words, maps, and what a script moves.

    Maps and beat are None where the time slots tell nothing; the reasons say why.

    Raises
    ------
    InputNotFoundError
        If the study has no time slots.
    OptionError
        If there is no such convention of phases.
    HeartNotFoundError
        If there are no counts around the pose.
    """
    opened = session.opened(study)
    loaded, automatic = opened.loaded.study, session.automatic_of(study, opened)
    anatomical = (
        RigidPose(automatic["patient_from_cardiac"], automatic["center_mm"])
        if "center_mm" in automatic
        else pose
    )
    function = function_of(loaded, anatomical, pose, convention)
    if function is None:
        raise InputNotFoundError(
            "has no time slots", expected="a gated study", found="an ungated one"
        )
    measured = function.measured
    return {
        "record": function_record(function),
        "rows": [list(row) for row in zip(FUNCTION_ROWS, function_rows(function), strict=True)],
        "maps": None if measured is None else maps_record(measured),
        "phases": None if measured is None else phases_record(measured),
        "beat": None if measured is None else beat_record(loaded, measured),
    }
