"""Outcomes as a table for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from shortaxis.cli.narrow_tables import print_table
from shortaxis.cli.study_outcomes import print_study_lines, studies_to_json
from shortaxis.workflow.reorient.record import build_report
from shortaxis.workflow.reorient.reorienting import Reorientation
from shortaxis.workflow.reorient.requests import StudyOutcome
from shortaxis.workflow.studies.finding import FoundStudies

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
    warnings = {
        number: [f"review: {reason}" for reason in outcome.reorientation.estimate.quality.reasons]
        for number, outcome in enumerate(outcomes, start=1)
        if outcome.reorientation is not None
    }
    print_study_lines(console, found, outcomes, warnings)


def outcomes_as_json(found: FoundStudies, outcomes: Sequence[StudyOutcome]) -> str:
    """Text of a JSON object with `studies` (one report each), `errors` and `skipped`."""
    records = [
        None
        if outcome.reorientation is None
        else build_report(outcome.reorientation, [str(path) for path in outcome.files])
        for outcome in outcomes
    ]
    return studies_to_json(found, outcomes, records)


def _pose_cells(reorientation: Reorientation) -> tuple[str, ...]:
    report = build_report(reorientation)
    parameters = report["pose"][report["pose"]["applied_roll"]]["parameters"]
    # Adding zero turns a rounded -0.0 into 0.0.
    angles = [f"{round(parameters[name], 1) + 0:.1f}" for name in ("theta", "alpha", "beta")]
    center = ", ".join(f"{value:.1f}" for value in reorientation.pose.center_mm)
    return (reorientation.estimate.method, *angles, center, report["quality"]["flag"].upper())
