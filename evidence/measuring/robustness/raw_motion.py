"""How often motion is found in raw views, and what its correction gives back to the pose.

``python -m evidence run raw_motion -- [--count N] [--workers N] [--cohorts FOLDER]`` simulates each
patient twice: still, and moving by one to three pixels: once, there and back, or in a creep along
the body. Motion is looked for in both; views of the moving one are reconstructed as they are and
corrected, by the preset ``standard``, and the pose is estimated. Who moves at once takes the
attenuation along; a creep is the heart's alone. A failure is accepted by motion if the pose of the
still patient is none, that of the moving one is, and neither motion nor anything else flags it.
The limits and the search were chosen on exams of other seeds (6,500,000 on). A run that was stopped
goes on where it was, also with another number of workers.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from scipy import stats

from evidence.measuring.robustness.moving_views import KINDS, PRESET, Row, measured
from evidence.recording.options import add_cohorts, add_workers
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_seeds
from evidence.registry.result import Cohort
from shortaxis.evaluation.scores.exam_score import FAILURE_DEG, FAILURE_MM

COHORT = Cohort(PRESET, 8_900_000, 400)
CONFIDENCE = 0.9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COHORT.count)
    add_workers(parser)
    add_cohorts(parser)
    arguments = parser.parse_args()
    seeds = range(COHORT.first_seed, COHORT.first_seed + arguments.count)
    rows = measured_seeds("raw_motion", arguments.cohorts, seeds, measured, arguments.workers)
    moving = [row["moving"] for row in rows]
    values = {
        "exams": len(rows),
        "false_alarms": share([row["still"]["is_motion"] for row in rows]),
        "found": share([row["is_motion"] for row in moving]),
        "kinds": {
            kind: share([row["is_motion"] for row in moving if row["kind"] == kind])
            for kind in KINDS
        },
        "cannot_tell": sum(bool(row["cannot_tell"]) for row in moving),
        "remains": share([row["remains"] for row in moving]),
        "accepted_failures": sum(accepts_failure(row) for row in rows),
        "errors": {
            "still": errors_of([row["still"]["errors"] for row in rows]),
            "moving": errors_of([row["errors"] for row in moving]),
            "corrected": errors_of([row["corrected"]["errors"] for row in moving]),
        },
    }
    store_result("raw_motion", values, COHORT.first_seed)


def accepts_failure(row: Row) -> bool:
    """Whether motion alone makes a failure of which nothing warns, before or after correction."""
    if is_failure(row["still"]):
        return False
    moving = row["moving"]
    unseen = moving["is_accepted"] and not moving["is_motion"] and is_failure(moving)
    corrected = moving["corrected"]
    return bool(unseen or (corrected["is_accepted"] and is_failure(corrected)))


def is_failure(seen: Row) -> bool:
    """Whether a pose is of no use."""
    errors = seen["errors"]
    return errors is None or errors[0] > FAILURE_DEG or errors[1] > FAILURE_MM


def share(told: Sequence[bool]) -> Row:
    """How many, of how many, with an interval of 90 %."""
    count, total = sum(told), len(told)
    if not total:
        return {"count": 0, "of": 0, "interval": [0.0, 1.0]}
    low, high = stats.binomtest(count, total).proportion_ci(CONFIDENCE)
    return {"count": count, "of": total, "interval": [round(float(low), 4), round(float(high), 4)]}


def errors_of(rows: Sequence[list[float] | None]) -> Row:
    """Median and 95th percentile of axis and centre; hearts that were not found."""
    found = np.array([row for row in rows if row is not None]).reshape(-1, 2)
    middle, tail = np.median(found, axis=0), np.percentile(found, 95, axis=0)
    return {
        "long_axis_deg": [round(float(each), 2) for each in (middle[0], tail[0])],
        "center_mm": [round(float(each), 2) for each in (middle[1], tail[1])],
        "not_found": len(rows) - len(found),
    }


if __name__ == "__main__":
    main()
