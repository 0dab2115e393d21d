"""How often an estimator fails on altered exams, and how often it says so.

``python validation/altered_exams.py --method M [--count N] [--seed S] [--data FOLDER]`` takes drawn
hearts and, where they are, the real studies; moves them, adds defects, hot organs and noise, cuts
the field of view, and stores ``results/altered_exams.json``. A failure is an error over 15 degrees or
15 mm. The truth of a real study is the pose that the same estimator finds before the changes, so
its rows tell robustness, not accuracy.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / name) for name in ("tools", "tests")]
from exam_alterations import ALTERATIONS, Exam, sample_drawn_exam
from real_studies import find_studies
from record import REPOSITORY, store_result
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.workflow.estimators import METHODS
from shortaxis.workflow.studies import find_studies as find_studies_in

FIRST_SEED = 30_000
"""Limits of the quality flags were set on seeds below 30,000 of these and other draws."""

FAILURE_DEG, FAILURE_MM = 15.0, 15.0
REAL_SHARE = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("SHORTAXIS_REAL_DATA", REPOSITORY.parent / "shared" / "real")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=FIRST_SEED)
    parser.add_argument("--method", required=True, choices=list(METHODS))
    arguments = parser.parse_args()
    real = real_exams(arguments.data, arguments.method)
    rows = []
    for number in range(arguments.count):
        exam, source = sample_exam(np.random.default_rng(arguments.seed + number), real)
        rows.append({"source": source, "changes": exam.changes, **judge(exam, arguments.method)})
        if number % 50 == 49:
            print(f"{number + 1} of {arguments.count}", flush=True)
    groups = {source: summarise([row for row in rows if row["source"] == source])
              for source in sorted({row["source"] for row in rows})}  # fmt: skip
    unchanged = [row for row in rows if set(row["changes"]) <= {"motion"}]
    groups["only moved or unchanged"] = summarise(unchanged)
    for name, values in groups.items():
        print(name, values)
    values = {"count": arguments.count, "method": arguments.method, "groups": groups}
    store_result("altered_exams", values, arguments.seed)


def real_exams(folder: Path, method: str) -> list[Exam]:
    """Real studies with the estimator's own pose; empty where there are none."""
    exams = []
    for path, _ in find_studies(folder):
        volume = find_studies_in(path).studies[0].load().study.volume
        estimate = METHODS[method](volume)
        if estimate.extent is not None:
            exams.append(
                Exam(volume, estimate.pose, estimate.extent.length_mm, estimate.extent.radius_mm)
            )
    return exams


def sample_exam(rng: np.random.Generator, real: list[Exam]) -> tuple[Exam, str]:
    """Draw an exam and its changes."""
    if real and rng.random() < REAL_SHARE:
        exam, source = real[rng.integers(len(real))], "real"
    else:
        exam, source = sample_drawn_exam(rng), "drawn"
    for probability, alter in ALTERATIONS:
        if rng.random() < probability:
            exam = alter(exam, rng)
    return exam, source


def judge(exam: Exam, method: str) -> dict[str, Any]:
    """Errors and flag of one estimate; a heart that is not found is told, so flagged."""
    try:
        estimate: PoseEstimate = METHODS[method](exam.volume)
    except HeartNotFoundError:
        return {"axis": np.nan, "center": np.nan, "reasons": ("not found",)}
    errors = pose_errors(estimate.pose, exam.pose)
    return {
        "axis": errors.long_axis_deg,
        "center": errors.center_mm,
        "reasons": estimate.quality.reasons,
    }


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Percentiles, failures and flags of a group."""
    axis = np.array([row["axis"] for row in rows])
    center = np.array([row["center"] for row in rows])
    flagged = np.array([bool(row["reasons"]) for row in rows])
    found = np.isfinite(axis)
    failed = found & ((axis > FAILURE_DEG) | (center > FAILURE_MM))
    return {
        "exams": len(rows),
        "not_found": int((~found).sum()),
        "failures": int(failed.sum()),
        "failures_accepted": int((failed & ~flagged).sum()),
        "sent_to_review": int((found & flagged).sum()),
        "all_found": _percentiles(axis[found], center[found]),
        "accepted": _percentiles(axis[found & ~flagged], center[found & ~flagged]),
        "reasons": Counter(reason for row in rows for reason in row["reasons"]).most_common(),
    }


def _percentiles(axis_deg: np.ndarray, center_mm: np.ndarray) -> dict[str, list[float]]:
    if not len(axis_deg):
        return {}
    return {
        "axis_deg_median_p95_max": np.percentile(axis_deg, [50, 95, 100]).round(2).tolist(),
        "center_mm_median_p95_max": np.percentile(center_mm, [50, 95, 100]).round(2).tolist(),
    }


if __name__ == "__main__":
    main()
