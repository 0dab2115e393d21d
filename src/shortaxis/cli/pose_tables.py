"""Poses as a table for people."""

from __future__ import annotations

from collections.abc import Mapping

from shortaxis.cli.study_outcomes import OutcomeTable, Table
from shortaxis.workflow.reorient.record import build_report
from shortaxis.workflow.reorient.reorienting import Reorientation

__all__ = ["POSES"]

COLUMNS = ("Study", "Method", "Azimuth", "Elevation", "Roll", "Centre (mm, LPS)", "Flag")


def _poses(results: Mapping[int, Reorientation]) -> Table:
    return COLUMNS, [(str(number), *_cells(each)) for number, each in results.items()]


def _cells(reorientation: Reorientation) -> tuple[str, ...]:
    report = build_report(reorientation)
    parameters = report["pose"][report["pose"]["applied_roll"]]["parameters"]
    # Adding zero turns a rounded -0.0 into 0.0.
    angles = [f"{round(parameters[name], 1) + 0:.1f}" for name in ("theta", "alpha", "beta")]
    center = ", ".join(f"{value:.1f}" for value in reorientation.pose.center_mm)
    return (reorientation.estimate.method, *angles, center, report["quality"]["flag"].upper())


def _reasons(reorientation: Reorientation) -> list[str]:
    return [f"review: {reason}" for reason in reorientation.estimate.quality.reasons]


POSES = OutcomeTable(_poses, build_report, _reasons)
"""What ``shortaxis reorient`` shows."""
