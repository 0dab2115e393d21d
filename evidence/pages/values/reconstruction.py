"""Reconstructions: how fast, how near to PyTomography, and motion in raw views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["map_registration", "raw_motion", "raw_pose", "raw_scores", "speed"]

TASKS = ("osem_plain", "osem_corrected", "eight_gates", "fbp")
ERRORS = ("still", "moving", "corrected")
POSE_PARTS = ("long_axis_deg", "center_mm")


def speed(records: Mapping[str, Any]) -> dict[str, Any]:
    """A row for each task: our time, theirs, the ratio, the correlations."""
    record = records["benchmark_reconstruct"]
    rows = {}
    for task in TASKS:
        theirs = record["medians_s"].get(f"pytomography_{task}")
        ratio = record["pytomography_ratio"].get(task)
        alike = record["correlation"].get(task, {})
        rows[task] = [
            f"{record['medians_s'][task]:.2f} s",
            "" if theirs is None else f"{theirs:.2f} s",
            "" if ratio is None else f"{ratio:.0f}",
            *(
                f"{alike[name]:.4f}" if alike else ""
                for name in ("expected_counts", "noisy_filtered", "noisy")
            ),
        ]
    return {"record": record, "rows": rows}


def raw_motion(records: Mapping[str, Any]) -> dict[str, Any]:
    """Shares with intervals, and errors of poses."""
    record = records["raw_motion"]
    errors = {
        name: [f"{values[part][0]:.1f} / {values[part][1]:.1f}" for part in POSE_PARTS]
        for name, values in ((name, record["errors"][name]) for name in ERRORS)
    }
    return {
        "record": record,
        "found": _share(record["found"]),
        "false_alarms": _share(record["false_alarms"]),
        "remains": _share(record["remains"]),
        "accepted": record["accepted_failures"],
        "cannot_tell": record["cannot_tell"],
        "kinds": ", ".join(f"{name} {_share(row)}" for name, row in record["kinds"].items()),
        "rows": errors,
        "ratios": {part: _ratio(record["errors"], part) for part in POSE_PARTS},
    }


def raw_pose(records: Mapping[str, Any]) -> dict[str, Any]:
    """Errors in both kinds of slices, and how far the poses lie from each other."""
    record = records["raw_pose"]
    spreads = {
        "made here": record["errors"]["own"],
        "the simulator's own": record["errors"]["simulators"],
        "one from the other": record["apart"],
    }
    rows = {
        name: [
            f"{values[part][0]:.2f} / {values[part][1]:.1f}"
            for part in ("long_axis_deg", "roll_deg", "center_mm")
        ]
        for name, values in spreads.items()
    }
    return {"record": record, "rows": rows}


def raw_scores(records: Mapping[str, Any]) -> dict[str, Any]:
    """Changes against the preset ``standard``, simulated and of the real projections."""
    record = records["raw_scores"]
    rows = {}
    for name, values in record["changes"].items():
        spreads = [
            f"{values[part][0]:.1f} / {values[part][1]:.1f}"
            for part in ("long_axis_deg", "center_mm", "segments_percent")
        ]
        real = record["real"]["changes"][name]
        rows[name] = [
            *spreads,
            f"{values['score'][0]:.0f} / {values['score'][1]:.0f}",
            f"{values['much']} of {values['of']}",
            ""
            if real is None
            else f"{real['pose'][0]:.1f}°, {real['segments']:.1f} %, {real['score']:+d}",
        ]
    return {"record": record, "rows": rows}


def map_registration(records: Mapping[str, Any]) -> dict[str, Any]:
    """How many maps that lie off are flagged, by side and distance."""
    record = records["map_registration"]
    return {
        "record": record,
        "largest": f"{100 * record['in_place']['largest']:.1f}",
        "rows": {side: [str(each) for each in row] for side, row in record["flagged"].items()},
    }


def _ratio(errors: Mapping[str, Any], part: str) -> str:
    """Median after correction, of that of patients who lay still."""
    return f"{errors['corrected'][part][0] / errors['still'][part][0]:.2f}"


def _share(row: Mapping[str, Any]) -> str:
    low, high = (100 * end for end in row["interval"])
    return f"{row['count']} of {row['of']} ({low:.0f} to {high:.0f} %)"
