"""Outcomes and findings as tables for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from shortaxis.workflow.reorienting import Reorientation
from shortaxis.workflow.report import build_report
from shortaxis.workflow.requests import StudyOutcome
from shortaxis.workflow.studies import FoundStudies, FoundStudy, SkippedItem

__all__ = ["found_as_json", "outcomes_as_json", "print_found", "print_outcomes"]


def print_found(found: FoundStudies) -> None:
    """Table of the studies, then of what was skipped and why."""
    console = Console()
    table = Table("Study", "Kind", "Slices", "Voxel (mm)", "Time slots", "Condition", "Evidence")
    for number, study in enumerate(found.studies, start=1):
        table.add_row(str(number), *_study_cells(study))
    console.print(table)
    for study in found.studies:
        console.print(_origin(study), style="dim", soft_wrap=True, markup=False)
    _print_skipped(console, found.skipped)


def print_outcomes(found: FoundStudies, outcomes: Sequence[StudyOutcome]) -> None:
    """Table of the poses, then what was written, what failed and what was skipped."""
    console = Console()
    table = Table("Study", "Method", "Azimuth", "Elevation", "Roll", "Center (mm, LPS)", "Flag")
    for number, outcome in enumerate(outcomes, start=1):
        if outcome.reorientation is not None:
            table.add_row(str(number), *_pose_cells(outcome.reorientation))
    if table.row_count:
        console.print(table)
    for outcome in outcomes:
        _print_outcome(console, outcome)
    _print_skipped(console, found.skipped)


def found_as_json(found: FoundStudies) -> str:
    """Text of a JSON object with `studies` and `skipped`."""
    studies = [
        {
            "files": [str(path) for path in study.paths],
            "kind": study.series.kind if study.series else "NIfTI",
            "shape": list(_shape(study)) if study.series else None,
            "spacing_mm": list(study.series.spacing_mm) if study.series else None,
            "time_slots": study.series.n_time_slots if study.series else None,
            "condition": study.facts.condition.value,
            "condition_evidence": study.facts.condition_evidence,
            "tracer": study.facts.tracer,
            "camera": study.facts.camera,
            "series_instance_uid": study.facts.series_instance_uid,
            "study_instance_uid": study.facts.study_instance_uid,
        }
        for study in found.studies
    ]
    return json.dumps({"studies": studies, "skipped": _skipped_values(found)}, indent=2)


def outcomes_as_json(found: FoundStudies, outcomes: Sequence[StudyOutcome]) -> str:
    """Text of a JSON object with `studies` (one report each), `errors` and `skipped`."""
    studies = [
        {
            "folder": str(outcome.folder),
            **build_report(outcome.reorientation, [str(path) for path in outcome.files]),
        }
        for outcome in outcomes
        if outcome.reorientation is not None
    ]
    errors = [outcome.error.to_dict() for outcome in outcomes if outcome.error is not None]
    values = {"studies": studies, "errors": errors, "skipped": _skipped_values(found)}
    return json.dumps(values, indent=2)


def _study_cells(study: FoundStudy) -> tuple[str, ...]:
    series = study.series
    if series is None:
        return ("NIfTI", "", "", "", "unknown", "a NIfTI header does not say")
    facts = study.facts
    return (
        series.kind,
        " x ".join(map(str, _shape(study))),
        " x ".join(f"{spacing:.2f}" for spacing in series.spacing_mm),
        str(series.n_time_slots),
        facts.condition.value,
        facts.condition_evidence,
    )


def _shape(study: FoundStudy) -> tuple[int, ...]:
    series = study.series
    return () if series is None else (series.n_slices, series.rows, series.columns)


def _origin(study: FoundStudy) -> str:
    facts = study.facts
    words = [
        facts.camera,
        facts.tracer,
        facts.series_instance_uid and f"series {facts.series_instance_uid}",
    ]
    more = f" and {len(study.paths) - 1} more" if len(study.paths) > 1 else ""
    return ", ".join([f"{study.paths[0]}{more}", *filter(None, words)])


def _pose_cells(reorientation: Reorientation) -> tuple[str, ...]:
    report = build_report(reorientation)
    parameters = report["pose"]["anatomical"]["parameters"]
    angles = [f"{parameters[name]:.1f}" for name in ("theta", "alpha", "beta")]
    center = ", ".join(f"{value:.1f}" for value in reorientation.pose.center_mm)
    return (reorientation.estimate.method, *angles, center, report["quality"]["flag"].upper())


def _print_outcome(console: Console, outcome: StudyOutcome) -> None:
    if outcome.error is not None:
        console.print(f"failed: {outcome.error}", style="red", soft_wrap=True, markup=False)
    if outcome.reorientation is not None:
        for reason in outcome.reorientation.estimate.quality.reasons:
            console.print(f"review: {reason}", style="yellow", soft_wrap=True, markup=False)
    for path in outcome.files:
        console.print(str(path), soft_wrap=True, markup=False, highlight=False)


def _print_skipped(console: Console, skipped: Sequence[SkippedItem]) -> None:
    for item in skipped:
        console.print(
            f"skipped {item.path}: {item.reason}", style="dim", soft_wrap=True, markup=False
        )


def _skipped_values(found: FoundStudies) -> list[dict[str, Any]]:
    return [{"path": str(item.path), "reason": item.reason} for item in found.skipped]
