"""Outcomes as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from shortaxis.cli.found_tables import print_skipped, skipped_values
from shortaxis.workflow.reorienting import Reorientation
from shortaxis.workflow.report import build_report
from shortaxis.workflow.requests import StudyOutcome
from shortaxis.workflow.studies import FoundStudies

__all__ = ["outcomes_as_json", "print_outcomes"]


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
    print_skipped(console, found.skipped)


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
    values = {"studies": studies, "errors": errors, "skipped": skipped_values(found)}
    return json.dumps(values, indent=2)


def _pose_cells(reorientation: Reorientation) -> tuple[str, ...]:
    report = build_report(reorientation)
    parameters = report["pose"]["anatomical"]["parameters"]
    # Adding zero turns a rounded -0.0 into 0.0.
    angles = [f"{round(parameters[name], 1) + 0:.1f}" for name in ("theta", "alpha", "beta")]
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
