"""What the limits against wrong worlds cost: good exams that nothing else would stop.

``python -m evidence run limit_costs -- [--cohorts FOLDER]`` estimates the poses of exams that no
limit was set on, once each, judges every one with and without these limits, and stores
``limit_costs.json``. A good exam is one that is no failure in an evaluation: at most 15 degrees and
15 mm off. An exam is measured once: a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from scipy import stats

from evidence.measuring.robustness.calibration_exams import exam_at, seeds_of
from evidence.measuring.robustness.judged_rows import Row, is_beyond, is_flagged, measured_row
from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_cases
from evidence.registry.table import RESULTS
from shortaxis.reorientation.judgement import LATER_MEASURES
from shortaxis.reorientation.quality import Limit, Measure
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights
from shortaxis.simulation.exam_files import read_compact_exam

NAME = "limit_costs"

EARLIER_AZIMUTH_DEG = -15.0
"""Lowest of weights 2.1: 2.2 has 0 against worlds whose left and right are exchanged."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    cohorts = parser.parse_args().cohorts
    limits = find_weights(DEFAULT_WEIGHTS).judgement.limits
    presets = {}
    for cohort in RESULTS[NAME].cohorts:
        folder = cohorts / f"{cohort.preset}-calibration-{cohort.first_seed}"
        cases = {
            f"{cohort.preset} {seed}": partial(row_of, folder, cohort.preset, seed)
            for seed in seeds_of(cohort)
        }
        rows = list(measured_cases(NAME, cohorts, cases).values())
        presets[cohort.preset] = costs(rows, limits)
        print(cohort.preset, presets[cohort.preset])
    store_result(NAME, {"presets": presets}, RESULTS[NAME].cohorts[0].first_seed)


def row_of(folder: Path, preset: str, seed: int) -> Row:
    """Measures of one exam by their keys, and whether its pose is a failure."""
    exam = read_compact_exam(exam_at(folder, preset, seed))
    return measured_row(exam.volume, exam.pose)


def costs(rows: Sequence[Row], limits: Sequence[Limit]) -> dict[str, Any]:
    """Flags among good exams and failures without and with the later limits."""
    good = [row for row in rows if not row["failed"]]
    failed = [row for row in rows if row["failed"] and row["found"]]
    before = earlier(limits)
    return {
        "exams": len(rows),
        "not_found": sum(not row["found"] for row in rows),
        "good": flags(good, before, limits),
        "failed": flags(failed, before, limits),
        "later": [
            {
                "measure": limit.measure.value,
                "beyond": sum(is_beyond(row, limit) for row in good),
                "alone": sum(is_beyond(row, limit) for row in good if not is_flagged(row, before)),
            }
            for limit in limits
            if limit not in before
        ],
    }


def earlier(limits: Sequence[Limit]) -> list[Limit]:
    """The limits without those that were made for wrong worlds."""
    kept = [limit for limit in limits if limit.measure not in LATER_MEASURES]
    return [
        replace(limit, lowest=EARLIER_AZIMUTH_DEG)
        if limit.measure is Measure.AZIMUTH_DEG
        else limit
        for limit in kept
    ]


def flags(rows: Sequence[Row], before: Sequence[Limit], limits: Sequence[Limit]) -> dict[str, Any]:
    """How many are flagged by either limits, and what the later ones add, with its interval."""
    flagged_before = sum(is_flagged(row, before) for row in rows)
    flagged = sum(is_flagged(row, limits) for row in rows)
    return {
        "exams": len(rows),
        "flagged_before": flagged_before,
        "flagged": flagged,
        "intervals": {
            "flagged_before": exact_interval(flagged_before, len(rows)),
            "flagged": exact_interval(flagged, len(rows)),
            "more": exact_interval(flagged - flagged_before, len(rows)),
        },
    }


def exact_interval(hits: int, total: int) -> list[float] | None:
    """95 % interval of a part after Clopper and Pearson 1934; None of nothing.

    Examples
    --------
    >>> exact_interval(1, 1)
    [0.025, 1.0]
    """
    if not total:
        return None
    interval = stats.binomtest(hits, total).proportion_ci(0.95, "exact")
    return [float(interval.low), float(interval.high)]


if __name__ == "__main__":
    main()
