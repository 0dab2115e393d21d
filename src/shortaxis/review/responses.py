"""What the review server answers about a study, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.review.choices import TypedSizes, choices_record
from shortaxis.review.raw_views import holds_projections
from shortaxis.review.reading_twice import present_second_readings, second_readings_of
from shortaxis.review.second_reading import VERDICTS
from shortaxis.review.session import ReviewSession
from shortaxis.review.stating import asks_for_geometry, refused_row
from shortaxis.review.store import require_same_content
from shortaxis.review.worklist import worklist
from shortaxis.spect.stated_geometry import stated_from_record
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.study_report.exams.signed import CONCLUSION

__all__ = [
    "counts_of",
    "geometry_record",
    "stored_counts",
    "study_record",
    "worklist_rows",
]

FAILED = "failed"
"""Flag of a study that was found and cannot be read."""


def worklist_rows(session: ReviewSession, root: Path) -> list[dict[str, Any]]:
    """Rows of the worklist: what a statement of geometry can open, studies, and other files."""
    reviews = session.store.reviews()
    rows = worklist(list(session.entries.values()), reviews, root)
    for row in rows:
        error = session.unreadable.get(row["study"])
        if error is not None and not row["flag"]:
            row |= {
                "flag": FAILED,
                "reasons": [f"{error.summary} ({error.found})" if error.found else error.summary],
                "way_on": error.way_on or "",
                "can_be_stated": asks_for_geometry(error.way_on),
            }
    versions = {study: review.version for study, review in reviews.items()}
    refused = [
        refused_row(file, versions.get(file.study, 0), root) for file in session.refused.values()
    ]
    first = [row for row in refused if row["can_be_stated"]]
    read_twice = {each.study: each for each in present_second_readings(session)}
    for row in rows:
        reading = read_twice.get(row["study"])
        row["second"] = "" if reading is None else VERDICTS[reading.verdict].value
        row["is_being_estimated"] = session.is_estimating and not row["flag"]
    return [*first, *rows, *(row for row in refused if not row["can_be_stated"])]


def geometry_record(session: ReviewSession, study: str, typed: TypedSizes) -> dict[str, Any]:
    """Ways round of a study for the orientation panel: what is stated now, and what is proposed."""
    choices = session.choices(study, typed)
    is_read = study in session.entries and study not in session.unreadable
    volume = session.load(study).study.volume if is_read else None
    review = session.store.review(study)
    return {
        "study": study,
        "version": review.version,
        "stated": session.store.stated().get(study, {}),
        **choices_record(
            choices,
            None if volume is None else volume.patient_from_index,
            None if volume is None else _proposed(review.automatic, volume),
        ),
    }


def _proposed(automatic: Mapping[str, Any] | None, volume: SpectVolume) -> FloatArray | None:
    """Affine of the way round that the automatic pose found likelier, if it is known by now."""
    stated = ((automatic or {}).get("handedness") or {}).get("stated")
    if not stated:
        return None
    return stated_from_record(stated).applied(volume.patient_from_index, volume.shape)


def stored_counts(session: ReviewSession, study: str) -> CountsArray:
    """Counts ``(slice, row, column)`` of the choices."""
    return session.choices(study, TypedSizes()).study.volume.counts


def study_record(session: ReviewSession, study: str) -> dict[str, Any]:
    """Geometry (LPS mm), automatic pose, state and audit trail of a study."""
    opened = session.opened(study)
    entry, loaded = session.entry(study), opened.loaded.study
    automatic, level = session.automatic_of(study, opened), session.level(study, opened)
    review = session.store.review(study)
    require_same_content(review, opened.content)
    trail = [
        {**each, "is_of_present_counts": each.pop("content") == review.content}
        for each in session.store.trail(study)
    ]
    return {
        "study": study,
        "title": entry.title,
        "content": opened.content,
        "folder": entry.folder,
        "partner": entry.partner,
        "condition": entry.found.facts.condition.value,
        "shape": list(loaded.volume.shape),
        "patient_from_index": loaded.volume.patient_from_index.tolist(),
        "center_mm": loaded.volume.center_mm.tolist(),
        "gates": len(loaded.gate_volumes()),
        "holds_projections": holds_projections(opened),
        "level": level,
        "written_roll": session.options.roll.value,
        "automatic": automatic,
        "state": review.state.value,
        "version": review.version,
        "pose": review.pose,
        "stated": entry.found.reading.stated.to_dict(),
        "trail": trail,
        "conclusion": (review.pose or {}).get(CONCLUSION, ""),
        "second_readings": second_readings_of(session, study),
    }


def counts_of(
    session: ReviewSession, study: str, gate: int | None, content: str | None = None
) -> CountsArray | None:
    """Counts ``(slice, row, column)``; None of a missing time slot.

    Raises
    ------
    ReviewConflictError
        If the study is not of this `content` by now.
    """
    opened = session.opened(study)
    if content is not None:
        require_same_content(session.store.review(study), content)
        require_same_content(session.store.review(study), opened.content)
    loaded = opened.loaded.study
    gates = loaded.gate_volumes() if gate is not None else ()
    if gate is not None and gate >= len(gates):
        return None
    volume = loaded.volume if gate is None else gates[gate]
    return volume.counts
