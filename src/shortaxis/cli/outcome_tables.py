"""Outcomes as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console

from shortaxis.cli.found_tables import origin_of, print_skipped, skipped_values
from shortaxis.cli.narrow_tables import print_table
from shortaxis.workflow.reorienting import Reorientation
from shortaxis.workflow.report import build_report
from shortaxis.workflow.requests import StudyOutcome
from shortaxis.workflow.studies import FoundStudies

__all__ = ["outcomes_as_json", "print_outcomes"]

COLUMNS = ("Study", "Method", "Azimuth", "Elevation", "Roll", "Centre (mm, LPS)", "Flag")


def print_outcomes(found: FoundStudies, outcomes: Sequence[StudyOutcome]) -> None:
    """Poses, then study by study what it came from and what was written or failed."""
    console = Console()
    posed = [
        (str(number), *_pose_cells(outcome.reorientation))
        for number, outcome in enumerate(outcomes, start=1)
        if outcome.reorientation is not None
    ]
    if posed:
        print_table(console, COLUMNS, posed)
    for number, outcome in enumerate(outcomes, start=1):
        _print_outcome(console, number if len(outcomes) > 1 else None, outcome)
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
    parameters = report["pose"][report["pose"]["applied_roll"]]["parameters"]
    # Adding zero turns a rounded -0.0 into 0.0.
    angles = [f"{round(parameters[name], 1) + 0:.1f}" for name in ("theta", "alpha", "beta")]
    center = ", ".join(f"{value:.1f}" for value in reorientation.pose.center_mm)
    return (reorientation.estimate.method, *angles, center, report["quality"]["flag"].upper())


def _print_outcome(console: Console, number: int | None, outcome: StudyOutcome) -> None:
    if number is not None:
        origin = origin_of(outcome.found)
        console.print(f"{number}: {origin}", soft_wrap=True, markup=False, highlight=False)
    if outcome.error is not None:
        errors = Console(stderr=True)
        errors.print(f"error: {outcome.error}", style="red", soft_wrap=True, markup=False)
    if outcome.reorientation is not None:
        for reason in outcome.reorientation.estimate.quality.reasons:
            console.print(f"review: {reason}", style="yellow", soft_wrap=True, markup=False)
    for path in outcome.files:
        console.print(str(path), soft_wrap=True, markup=False, highlight=False)
