"""What a signature writes: the results of ``shortaxis reorient`` and who decided, all or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from shortaxis.errors import OptionError
from shortaxis.files.plain_json import to_json_text
from shortaxis.files.staged_folder import remove_results
from shortaxis.reorientation.pose_record import estimate_from_record, record_in_study
from shortaxis.review.automatic import NOT_FOUND, source_uid
from shortaxis.review.decisions import Decision, ReviewAction
from shortaxis.review.opened import OpenedStudy
from shortaxis.review.review_rows import Change
from shortaxis.spect.reading_notes import doubts
from shortaxis.ventricle.by_hand_record import by_hand_from_record, by_hand_to_record
from shortaxis.workflow.quantify.wall_by_hand import WALL_BY_HAND
from shortaxis.workflow.reorient.given_poses import estimate_from_pose
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.outputs import ALL_OUTPUT_NAMES, OutputOptions, write_reorientation
from shortaxis.workflow.reorient.reorienting import reorient_study
from shortaxis.workflow.study_report.exams.signed import CONCLUSION

__all__ = [
    "REPORT_SUFFIX",
    "RESULT_NAMES",
    "REVIEW_FILE",
    "remove_report",
    "remove_signed",
    "signed_pose",
    "write_signed",
]

REVIEW_FILE = "review.json"

REPORT_SUFFIX = "-report"
"""Of the folder of a report, after the name of that of the results."""

RESULT_NAMES = ALL_OUTPUT_NAMES | {REVIEW_FILE}
"""What may lie in a folder of results of a review."""


def signed_pose(
    opened: OpenedStudy, decision: Decision, automatic: Mapping[str, Any]
) -> dict[str, Any]:
    """``pose.json`` of what is signed off: the automatic pose, or that of a correction.

    What was set of the wall by hand is kept with it, under `WALL_BY_HAND`, and the conclusion under
    `CONCLUSION`.

    Raises
    ------
    OptionError
        If there is no automatic pose to accept, or what was set of the wall is none.
    PoseFileError
        If the pose of a correction is none.
    """
    pose = _pose_of(opened, decision, automatic)
    if decision.conclusion.strip():
        pose = {**pose, CONCLUSION: decision.conclusion.strip()}
    if decision.wall is None:
        return pose
    hand = by_hand_from_record(decision.wall)
    if not hand.what:
        return pose
    uid = {"sop_instance_uid": source_uid(opened.loaded)}
    return {**pose, WALL_BY_HAND: {**by_hand_to_record(hand), **uid}}


def _pose_of(
    opened: OpenedStudy, decision: Decision, automatic: Mapping[str, Any]
) -> dict[str, Any]:
    if decision.action is ReviewAction.ACCEPT:
        if "center_mm" not in automatic:
            raise OptionError(
                "there is no automatic pose to accept",
                expected="a pose made by hand",
                found=NOT_FOUND,
            )
        return {name: value for name, value in automatic.items() if name != "extent"}
    study = opened.loaded.study
    uid, volume = source_uid(opened.loaded), study.volume
    given = estimate_from_record(decision.pose or {}, volume.center_mm, uid)
    made = estimate_from_pose(given.pose, volume)
    # Whoever puts the pose right has not proven the geometry that somebody stated.
    said = doubts(opened.found.reading.stated.notes)
    flagged = replace(made, quality=made.quality.with_reasons(*said))
    return record_in_study(flagged, study)


def write_signed(
    opened: OpenedStudy,
    change: Change,
    automatic: Mapping[str, Any],
    options: ReorientOptions,
    folder: Path,
) -> None:
    """Write the results of a signature in the place of those of an earlier one.

    Raises
    ------
    PoseFileError
        If the pose is none, or lies outside the volume.
    OutputError
        If anything cannot be written.
    """
    loaded, found = opened.loaded, opened.found
    center_mm, uid = loaded.study.volume.center_mm, source_uid(loaded)
    estimate = estimate_from_record(change.pose or {}, center_mm, uid)
    reorientation = reorient_study(loaded.study, options, estimate, loaded.header)
    record = {
        "action": change.action,
        "reviewer": change.reviewer,
        "at": change.at,
        "comment": change.comment,
        CONCLUSION: (change.pose or {}).get(CONCLUSION, ""),
        "automatic_pose": dict(automatic),
    }
    wall = (change.pose or {}).get(WALL_BY_HAND)
    if wall is not None:
        record[WALL_BY_HAND] = wall
    stated = found.reading.stated
    if not stated.is_empty:
        record["stated_geometry"] = stated.to_dict()
    output = OutputOptions(
        formats=(found.native_format,),
        force=True,
        companions={REVIEW_FILE: to_json_text(record).encode()},
    )
    write_reorientation(reorientation, folder, output)


def remove_report(folder: Path) -> None:
    """Remove a report that the page wrote."""
    if not folder.is_dir():
        return
    from shortaxis.workflow.study_report.writing import RECORD, REPORT_NAMES

    remove_results(folder, RECORD, frozenset(REPORT_NAMES), RECORD)


def remove_signed(folder: Path) -> None:
    """Remove the results of a signature that was taken back."""
    remove_results(folder, "report.json", ALL_OUTPUT_NAMES, REVIEW_FILE)
