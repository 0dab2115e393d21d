"""One reviewed study as an exam of a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shortaxis.evaluation.cohorts.exam_truth import Stratum
from shortaxis.evaluation.cohorts.reviewed_exams import (
    ReviewedExam,
    reviewed_exam_bytes,
)
from shortaxis.files.plain_json import write_json
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.reorientation.pose_record import estimate_from_record
from shortaxis.review.decisions import ReviewState
from shortaxis.review.review_rows import StoredReview
from shortaxis.review.store import ReviewStore
from shortaxis.review.worklist import Entry
from shortaxis.simulation.exam_files import CohortFormat, exam_path
from shortaxis.spect.content import content_sha256
from shortaxis.spect.study import AcquisitionFacts, Modality
from shortaxis.workflow.studies.finding import LoadedStudy

__all__ = ["AUTOMATIC_FOLDER", "StudyAsRead", "export_exam", "study_as_read"]

AUTOMATIC_FOLDER = "automatic"

ROLLED_DEG = 0.05
"""A roll that differs by more from the automatic one was set by hand."""


@dataclass(frozen=True)
class StudyAsRead:
    """A study as it is now, and the review of what it holds now."""

    entry: Entry
    loaded: LoadedStudy
    review: StoredReview


def study_as_read(entry: Entry, store: ReviewStore) -> StudyAsRead:
    """A study as it is now, and what was decided on it as it is now."""
    loaded = entry.found.load()
    return StudyAsRead(entry, loaded, store.review_of(entry.study, content_sha256(loaded.study)))


def export_exam(
    read: StudyAsRead, signature: Mapping[str, Any], seed: int, folder: Path
) -> dict[str, Any]:
    """Write the files of one exam; its row of the table."""
    loaded, review = read.loaded, read.review
    volume, pose = loaded.study.volume, review.pose or {}
    estimate = estimate_from_record(pose, volume.center_mm)
    automatic = dict(review.automatic or {})
    extent = automatic.pop("extent")
    if "source" in automatic:
        automatic["source"] = {**automatic["source"], "sop_instance_uid": ""}
    was_found = "center_mm" in automatic
    errors = None
    knows_roll = True
    if was_found:
        shown = estimate_from_record(automatic, volume.center_mm)
        errors = pose_errors(shown.pose, estimate.pose)
        knows_roll = shown.knows_roll or errors.roll_deg > ROLLED_DEG
        write_json(folder / AUTOMATIC_FOLDER / f"{seed:010d}.json", automatic)
    length_mm, radius_mm = extent["length_mm"], extent["radius_mm"]
    if review.state is ReviewState.CORRECTED:
        length_mm = trace_ventricle(volume, estimate.pose, length_mm, radius_mm).length_mm
    exam = ReviewedExam(
        seed,
        volume,
        estimate.pose,
        (length_mm, radius_mm),
        knows_roll,
        _strata(loaded.study.facts, review),
    )
    exam_path(folder, seed, CohortFormat.COMPACT).write_bytes(reviewed_exam_bytes(exam))
    return {
        "exam_seed": seed,
        "study": read.entry.study,
        "condition": loaded.study.facts.condition.value,
        "review": review.state.value,
        "reviewer": signature["reviewer"],
        "at": signature["at"],
        "automatic_method": automatic.get("method", ""),
        "automatic_flag": automatic.get("quality", {}).get("flag", ""),
        "moved_deg": "" if errors is None else round(errors.long_axis_deg, 2),
        "rolled_deg": "" if errors is None else round(errors.roll_deg, 2),
        "moved_mm": "" if errors is None else round(errors.center_mm, 2),
    }


def _strata(facts: AcquisitionFacts, review: StoredReview) -> dict[str, Stratum]:
    """What the file says of the exam, under the names that simulated exams have."""
    automatic = review.automatic or {}
    strata: dict[str, Stratum] = {
        "camera": facts.camera or "unknown camera",
        "condition": facts.condition.value,
        "review": review.state.value,
        "automatic_flag": str(automatic.get("quality", {}).get("flag", "")),
    }
    if facts.modality is Modality.PET:
        strata["technique"] = "PET"
    if facts.attenuation_corrected is not None:
        strata["correction"] = "AC" if facts.attenuation_corrected else "none"
    return strata
