"""How far a patient must move before the flag says so, and what the pose loses meanwhile.

``python -m evidence run moving_patients -- [--cohorts FOLDER] [--pictures FOLDER]`` simulates
patients who move by 0 to 40 mm (`patient_courses`), and takes exams of patients as they are drawn
for the cost; estimates all, and stores ``moving_patients.json`` and a figure. The rule was fitted
on exams of other seeds (``motion_rule``). A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from evidence.measuring.robustness.motion_figure import draw_curves
from evidence.measuring.robustness.moving_exams import (
    found_in,
    moving_exam_at,
    still_exam_at,
    words_of_course,
)
from evidence.measuring.robustness.patient_courses import DISTANCE_BINS, FARTHEST_MM
from evidence.recording.options import add_cohorts, add_pictures
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_cases
from evidence.registry.result import Cohort
from shortaxis.reorientation.judgement import default_judgement
from shortaxis.reorientation.quality import Measure
from shortaxis.simulation.exam_files import read_compact_exam

MOVING = {"clinical": Cohort("clinical", 8_800_000, 160), "wide": Cohort("wide", 8_800_000, 40)}
STILL = {
    "clinical-1000": Cohort("clinical", 8_000_000, 120),
    "permuted-7900000": Cohort("clinical", 7_900_000, 60),
    "permuted-7950000": Cohort("clinical", 7_950_000, 60),
    "permuted-7960000": Cohort("clinical", 7_960_000, 40),
}
"""By their folder: the first exams of the benchmark, and what other limits were tried on."""

PARALLEL = "PARALLEL_HOLES"

FAR_MM, STILL_MM = 20.0, 4.0
"""What is called far, and less than a voxel."""

CONFIDENCE = 0.9
Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    add_pictures(parser)
    arguments = parser.parse_args()
    cases = {
        f"moving {preset} {seed}": partial(moving_case, arguments.cohorts, preset, seed)
        for preset, cohort in MOVING.items()
        for seed in _seeds(cohort)
    }
    cases |= {
        f"still {seed}": partial(still_case, arguments.cohorts, folder, seed)
        for folder, cohort in STILL.items()
        for seed in _seeds(cohort)
    }
    found = measured_cases("moving_patients", arguments.cohorts, cases)
    moving = {
        preset: [found[f"moving {preset} {seed}"] for seed in _seeds(cohort)]
        for preset, cohort in MOVING.items()
    }
    values = {
        "limit": motion_limit(),
        "curves": {preset: curve(rows) for preset, rows in moving.items()},
        "parallel": curve([row for row in moving["clinical"] if row["technique"] == PARALLEL]),
        "others": curve([row for row in moving["clinical"] if row["technique"] != PARALLEL]),
        "kinds": by(moving["clinical"], "kind"),
        "directions": by(moving["clinical"], "direction"),
        "cost": cost([row for case, row in found.items() if case.startswith("still")]),
    }
    if arguments.pictures:
        draw_curves(values, arguments.pictures / "motion-curves.png")
    store_result("moving_patients", values, MOVING["clinical"].first_seed)


def moving_case(cohorts: Path, preset: str, seed: int) -> Row:
    """What was found in the exam of a patient who moves."""
    path = moving_exam_at(cohorts, preset, seed)
    return {**words_of_course(read_compact_exam(path)), **found_in(path)}


def still_case(cohorts: Path, folder: str, seed: int) -> Row:
    """What was found in an exam as it is drawn, and how far its patient moved."""
    path = still_exam_at(cohorts, folder, STILL[folder].preset, seed)
    moved_mm = float(read_compact_exam(path).strata["moved_mm"])
    return {"distance_mm": moved_mm, **found_in(path)}


def motion_limit() -> float:
    """Log odds above which a patient is said to have moved."""
    return next(one.highest for one in default_judgement().limits if one.measure is Measure.MOTION)


def says_motion(row: Row) -> bool:
    """Whether motion is one of the reasons."""
    return row["motion"] is not None and row["motion"] > motion_limit()


def curve(rows: Sequence[Row]) -> list[Row]:
    """Shares and errors of exams by how far the patient moves, in steps of 5 mm."""
    width_mm = FARTHEST_MM / DISTANCE_BINS
    binned = [
        [row for row in rows if lower <= row["distance_mm"] < lower + width_mm]
        for lower in np.arange(DISTANCE_BINS) * width_mm
    ]
    return [
        {"from_mm": width_mm * number, "to_mm": width_mm * (number + 1), **summary(group)}
        for number, group in enumerate(binned)
        if group
    ]


def by(rows: Sequence[Row], name: str) -> dict[str, Row]:
    """The same of exams of far motion, by kind or direction."""
    far = [row for row in rows if row["distance_mm"] >= FAR_MM]
    return {
        value: summary([row for row in far if row[name] == value])
        for value in sorted({row[name] for row in far})
    }


def summary(rows: Sequence[Row]) -> Row:
    """Shares with intervals of 90 %, errors as median, 5th and 95th percentile."""
    errors = np.array([row["errors"] for row in rows if row["errors"] is not None])
    failed = [row for row in rows if row["is_failure"]]
    return {
        "exams": len(rows),
        "says_motion": share([says_motion(row) for row in rows]),
        "flagged": share([bool(row["reasons"]) for row in rows]),
        "failures": len(failed),
        "failures_accepted": sum(not row["reasons"] for row in failed),
        "long_axis_deg": np.percentile(errors[:, 0], [50, 5, 95]).round(2).tolist(),
        "center_mm": np.percentile(errors[:, 1], [50, 5, 95]).round(2).tolist(),
    }


def share(hits: Sequence[bool]) -> list[float]:
    """Part of the exams, with the ends of its Wilson interval."""
    found = stats.binomtest(sum(hits), len(hits))
    interval = found.proportion_ci(CONFIDENCE, "wilson")
    return [round(float(each), 3) for each in (found.statistic, interval.low, interval.high)]


def cost(rows: Sequence[Row]) -> Row:
    """What the rule does on good exams of patients who lay still."""
    good = [row for row in rows if not row["is_failure"] and row["distance_mm"] < STILL_MM]
    alone = [row for row in good if says_motion(row) and len(row["reasons"]) == 1]
    return {
        "exams": len(good),
        "says_motion": share([says_motion(row) for row in good]),
        "by_motion_alone": len(alone),
        "flagged": share([bool(row["reasons"]) for row in good]),
    }


def _seeds(cohort: Cohort) -> range:
    return range(cohort.first_seed, cohort.first_seed + cohort.count)


if __name__ == "__main__":
    main()
