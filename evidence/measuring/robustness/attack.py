"""Failures that nobody is asked to look at, among many altered volumes.

``python -m evidence run attack -- [--count N] [--cohorts FOLDER] [--data FOLDER]`` takes exams of
the benchmark, patients who moved, and the real studies; turns and shifts them, adds defects, hot
organs and noise, cuts the field, and smears some by a motion of up to 40 mm; estimates each, and
stores ``attack.json``. A failure is an error over 15 degrees or 15 mm. The truth of a real study is
the pose that is found before the changes; that of a mover his mean place. A run that was stopped
goes on where it was. Volumes without a heart and worlds under a wrong header are tried elsewhere
(``tests/reorientation``, ``permuted_worlds``).
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage, stats

from evidence.measuring.pose.altered_exams import real_exams
from evidence.measuring.pose.exam_alterations import ALTERATIONS, Exam
from evidence.measuring.robustness.moving_exams import moving_exam_at, still_exam_at
from evidence.measuring.robustness.patient_courses import sample_course
from evidence.recording.options import add_cohorts, add_real_data
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_cases
from evidence.registry.result import Cohort
from shortaxis.errors import HeartNotFoundError
from shortaxis.evaluation.scores.exam_score import FAILURE_DEG, FAILURE_MM
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.network_estimate import estimate_pose_by_network
from shortaxis.simulation.exam_files import read_compact_exam

DRAW_SEED = 0
STILL = Cohort("clinical", 8_000_000, 120)
STILL_FOLDER = "clinical-1000"
MOVING = {"clinical": Cohort("clinical", 8_800_000, 160), "wide": Cohort("wide", 8_800_000, 40)}

SHARES = {"still": 0.55, "moving": 0.2, "real": 0.25}
"""Of sources."""

SMEARED_PART = 0.25
"""Of volumes of patients who lay still: smeared by a motion."""

PLACES = 8
"""Of a motion that smears."""

CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Source:
    """Where volumes come from."""

    cohorts: Path
    data: Path

    def draw(self, rng: np.random.Generator) -> tuple[str, Exam]:
        """A source's name and one of its exams."""
        names = [name for name in SHARES if name != "real" or _real(self.data)]
        weights = np.array([SHARES[name] for name in names])
        name = str(rng.choice(names, p=weights / weights.sum()))
        if name == "real":
            real = _real(self.data)
            return name, real[int(rng.integers(len(real)))]
        return name, self._simulated(name, rng)

    def _simulated(self, name: str, rng: np.random.Generator) -> Exam:
        if name == "still":
            seed = STILL.first_seed + int(rng.integers(STILL.count))
            path = still_exam_at(self.cohorts, STILL_FOLDER, STILL.preset, seed)
        else:
            cohort = MOVING[str(rng.choice(list(MOVING), p=[0.8, 0.2]))]
            seed = cohort.first_seed + int(rng.integers(cohort.count))
            path = moving_exam_at(self.cohorts, cohort.preset, seed)
        exam = read_compact_exam(path)
        return Exam(exam.volume, exam.pose, *exam.size_mm)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    add_real_data(parser)
    parser.add_argument("--count", type=int, default=3000)
    arguments = parser.parse_args()
    source = Source(arguments.cohorts, arguments.data)
    cases = {str(number): partial(attacked, source, number) for number in range(arguments.count)}
    rows = list(measured_cases("attack", arguments.cohorts, cases).values())
    groups = {name: [row for row in rows if row["source"] == name] for name in SHARES}
    groups |= {f"with {change}": [row for row in rows if change in row["changes"]]
               for change in sorted({one for row in rows for one in row["changes"]})}  # fmt: skip
    values = {
        "count": arguments.count,
        "all": counted(rows),
        "groups": {name: counted(group) for name, group in groups.items() if group},
        "accepted_failures": [row for row in rows if is_accepted_failure(row)],
    }
    print(values["all"])
    store_result("attack", values)


def attacked(source: Source, number: int) -> dict[str, Any]:
    """One altered volume: where it came from, what was changed, and what was found."""
    rng = np.random.default_rng([DRAW_SEED, number])
    name, exam = source.draw(rng)
    altered = alter(exam, rng, may_smear=name != "moving")
    return {"source": name, "changes": list(altered.changes), **outcome(altered)}


def alter(exam: Exam, rng: np.random.Generator, *, may_smear: bool) -> Exam:
    """Change an exam in at least one way."""
    changes = [one for probability, one in ALTERATIONS if rng.random() < probability]
    if may_smear and rng.random() < SMEARED_PART:
        changes.insert(0, smear)
    for change in changes or [ALTERATIONS[0][1]]:
        exam = change(exam, rng)
    return exam


def smear(exam: Exam, rng: np.random.Generator) -> Exam:
    """The mean over a motion, as a camera shows it that sees all directions all the time."""
    course = sample_course(int(rng.integers(2**31)), PLACES)
    axes = np.linalg.inv(exam.volume.patient_from_index[:3, :3])
    counts = np.mean([_moved(exam.volume.counts, axes @ one) for one in course.shifts_mm], axis=0)
    center_mm = exam.pose.center_mm + course.shifts_mm.mean(axis=0)
    moved = replace(exam, pose=RigidPose(exam.pose.patient_from_cardiac, center_mm))
    return moved.with_counts(counts, "smear")


def outcome(exam: Exam) -> dict[str, Any]:
    """Errors and reasons; a heart that is not found is no failure that anyone accepts."""
    try:
        estimate = estimate_pose_by_network(exam.volume)
    except HeartNotFoundError:
        return {"errors": None, "is_failure": True, "is_flagged": True}
    errors = pose_errors(estimate.pose, exam.pose)
    return {
        "errors": [round(errors.long_axis_deg, 1), round(errors.center_mm, 1)],
        "is_failure": bool(errors.long_axis_deg > FAILURE_DEG or errors.center_mm > FAILURE_MM),
        "is_flagged": bool(estimate.quality.reasons),
    }


def is_accepted_failure(row: Mapping[str, Any]) -> bool:
    """Whether it failed and nobody is asked to look."""
    return bool(row["is_failure"] and not row["is_flagged"])


def counted(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Numbers of a group, with the interval of accepted failures."""
    accepted = sum(is_accepted_failure(row) for row in rows)
    interval = stats.binomtest(accepted, len(rows)).proportion_ci(CONFIDENCE, "wilson")
    found = Counter(
        failures=sum(row["is_failure"] for row in rows),
        flagged=sum(row["is_flagged"] for row in rows),
        not_found=sum(row["errors"] is None for row in rows),
    )
    return {
        "volumes": len(rows),
        **found,
        "failures_accepted": accepted,
        "interval": [round(float(end), 5) for end in (interval.low, interval.high)],
    }


def _moved(counts: np.ndarray, steps: np.ndarray) -> np.ndarray:
    moved: np.ndarray = ndimage.shift(counts, steps, order=1, mode="nearest")
    return moved


@cache
def _real(folder: Path) -> tuple[Exam, ...]:
    return tuple(real_exams(folder, "network")) if folder.is_dir() else ()


if __name__ == "__main__":
    main()
