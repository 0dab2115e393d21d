"""Whether worlds that are mirrored or whose axes are exchanged are told from right ones.

``python -m evidence run handedness -- [--cohorts FOLDER] [--data FOLDER]`` stores exams and real
studies in seven mirrored worlds, with their axes in five other orders, and with a chest that is
mirrored alone (`mirrored_worlds`), looks for the heart in each, and stores ``handedness.json``: the
area under the ROC curve of the log odds against the exams as they are, how many are flagged and
named rightly, and what a look costs. The exams are none that anything was trained or set on; of
those in ``COHORTS/handedness-PRESET-SEED`` what is missing is simulated. An exam is measured once:
a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from evidence.measuring.robustness.mirrored_worlds import (
    AS_STORED,
    EXCHANGED,
    MIRRORED_WORLDS,
    MirroredWorld,
)
from evidence.measuring.robustness.world_sources import Source, exam_source, real_paths, real_source
from evidence.recording.options import add_cohorts, add_real_data
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_cases
from evidence.registry.result import Cohort
from evidence.registry.table import RESULTS
from shortaxis.errors import HeartNotFoundError
from shortaxis.evaluation.scores.exam_score import FAILURE_DEG, FAILURE_MM
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.cube_symmetries import WayRound
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.handedness_weights import load_handedness
from shortaxis.reorientation.network_estimate import measured_estimate, scaled_for_network
from shortaxis.reorientation.network_grid import SmoothedVolume
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, load_cascade
from shortaxis.simulation.exam_files import CohortFormat, exam_path, write_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.seed_ranges import TEST
from shortaxis.simulation.simulating import simulate

NAME = "handedness"

Row = Mapping[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    add_real_data(parser)
    arguments = parser.parse_args()
    groups: dict[str, list[Row]] = {}
    for cohort in RESULTS[NAME].cohorts:
        cases = {
            f"{cohort.preset} {seed}": partial(row_of_exam, arguments.cohorts, cohort, seed)
            for seed in seeds_of(cohort)
        }
        groups[cohort.preset] = list(measured_cases(NAME, arguments.cohorts, cases).values())
    real = {
        f"real study {number}": partial(row_of_study, path)
        for number, path in enumerate(real_paths(arguments.data), start=1)
    }
    groups["real"] = list(measured_cases(NAME, arguments.cohorts, real).values())
    values = {name: summary(rows) for name, rows in groups.items()}
    store_result(NAME, values, RESULTS[NAME].cohorts[0].first_seed)


def seeds_of(cohort: Cohort) -> range:
    """Seeds of a cohort, which must be for tests."""
    seeds = range(cohort.first_seed, cohort.first_seed + cohort.count)
    TEST.require(seeds)
    return seeds


def row_of_exam(cohorts: Path, cohort: Cohort, seed: int) -> Row:
    """What comes of one exam in every world, and whether its heart is found as it is."""
    folder = cohorts / f"{NAME}-{cohort.preset}-{cohort.first_seed}"
    path = exam_path(folder, seed, CohortFormat.COMPACT)
    if not path.exists():
        write_exam(simulate(sample_scenario(cohort.preset, seed)), folder, CohortFormat.COMPACT)
    source = exam_source(path)
    try:
        errors = pose_errors(measured_estimate(source.volume)[0].pose, source.pose)
    except HeartNotFoundError:
        return {"good": False, "worlds": outcomes(source), "look_ms": None}
    good = errors.long_axis_deg <= FAILURE_DEG and errors.center_mm <= FAILURE_MM
    return {"good": bool(good), "worlds": outcomes(source), "look_ms": look_ms(source)}


def row_of_study(path: Path) -> Row:
    """The same of a real study, whose heart is where the network finds it."""
    source = real_source(path)
    return {"good": True, "worlds": outcomes(source), "look_ms": look_ms(source)}


def outcomes(source: Source) -> list[Row]:
    """What is said of a source in every world."""
    return [outcome(world, source) for world in MIRRORED_WORLDS]


def outcome(world: MirroredWorld, source: Source) -> Row:
    """What is said in one world; without a heart nothing is."""
    try:
        estimate, _ = measured_estimate(world.change(source.volume, source.pose.center_mm))
    except HeartNotFoundError:
        return {"found": False}
    said = estimate.handedness
    if said is None:
        raise ValueError("the installed weights have no handedness network")
    return {
        "found": True,
        "seen_part": said.seen_part,
        "log_odds": said.log_odds,
        "order_log_odds": said.order_log_odds,
        "flagged": said.is_doubted,
        "named": is_named(said.likeliest, world.way),
        "reasons": len(estimate.quality.reasons) - int(said.is_doubted),
    }


def is_named(found: WayRound, truth: WayRound) -> bool:
    """Whether the likeliest way round is the one that the world has."""
    return (found.order, found.flips) == (truth.order, truth.flips)


def look_ms(source: Source) -> float:
    """Processor time of a look at a volume whose heart is found, milliseconds."""
    check = load_handedness(DEFAULT_WEIGHTS)
    _, cascade = load_cascade(DEFAULT_WEIGHTS)
    if check is None:
        raise ValueError("the installed weights have no handedness network")
    smoothed = SmoothedVolume(scaled_for_network(source.volume))
    center_mm = cascade.find(smoothed.original, smoothed).pose.center_mm
    check.look(smoothed, center_mm)
    times = []
    for _ in range(5):
        start = time.process_time()
        check.look(smoothed, center_mm)
        times.append(1000 * (time.process_time() - start))
    return float(np.median(times))


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Every world against the right one, over exams whose heart is found in the right one."""
    good = [row for row in rows if row["good"]]
    costs = [row["look_ms"] for row in rows if row["look_ms"] is not None]
    return {
        "exams": len(rows),
        "good": len(good),
        "look_ms": {"median": float(np.median(costs)), "highest": max(costs)},
        "worlds": [_world(good, number) for number in range(len(MIRRORED_WORLDS))],
    }


def _world(rows: Sequence[Row], number: int) -> dict[str, Any]:
    world = MIRRORED_WORLDS[number]
    found = [row["worlds"][number] for row in rows if row["worlds"][number]["found"]]
    told = [each for each in found if each["log_odds"] is not None]
    key = "order_log_odds" if world.group == EXCHANGED else "log_odds"
    right = [
        row["worlds"][0][key]
        for row in rows
        if row["worlds"][0]["found"] and row["worlds"][0]["log_odds"] is not None
    ]
    wrong = [each[key] for each in told]
    return {
        "group": world.group,
        "world": world.name,
        "no_heart": len(rows) - len(found),
        "cannot_tell": len(found) - len(told),
        "told": len(told),
        "flagged": sum(each["flagged"] for each in told),
        "named": sum(each["named"] for each in told),
        "accepted": sum(not each["flagged"] and not each["reasons"] for each in found),
        "accepted_before": sum(not each["reasons"] for each in found),
        "auc": None if world.group == AS_STORED else area_under_curve(right, wrong),
        "lowest": min(wrong, default=None),
        "highest": max(wrong, default=None),
    }


def area_under_curve(right: Sequence[float], wrong: Sequence[float]) -> float | None:
    """Part of all pairs in which the right world has the higher value; ties count a half.

    Examples
    --------
    >>> area_under_curve([2.0, 1.0], [0.0, 1.0])
    0.875
    """
    if not right or not wrong:
        return None
    differences: FloatArray = np.subtract.outer(np.array(right), np.array(wrong))
    return float((differences > 0).mean() + 0.5 * (differences == 0).mean())


if __name__ == "__main__":
    main()
