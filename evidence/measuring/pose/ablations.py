"""What is the roll read from: ``python -m evidence run ablations -- [--cohorts FOLDER]``.

The same exams are simulated as they are, without uptake of the liver, without a right ventricle,
and in a torso that is as warm everywhere, and their poses are estimated by the installed weights,
and by those of an earlier release where they lie in ``weights-2.4`` below the cohorts (``git show
REVISION:src/shortaxis/inference/installed_weights/default/FILE``). What changes the roll is what it
was read from. Attenuation stays as it was, and so does the noise's seed. Stored in
``ablations.json``. An exam is measured once: a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_cases
from evidence.registry.table import RESULTS
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.euler import with_conventional_roll
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors, signed_roll_deg
from shortaxis.phantom.torso import Torso
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import simulate

NAME = "ablations"

Row = Mapping[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    (cohort,) = RESULTS[NAME].cohorts
    parser.add_argument("--count", type=int, default=cohort.count)
    arguments = parser.parse_args()
    seeds = range(cohort.first_seed, cohort.first_seed + arguments.count)
    earlier = arguments.cohorts / EARLIER
    weights = {"installed": DEFAULT_WEIGHTS}
    if earlier.is_dir():
        weights[EARLIER] = str(earlier)
    cases = {
        f"{world} {seed} {' '.join(weights)}": partial(
            rows_of, cohort.preset, seed, change, weights
        )
        for seed in seeds
        for world, change in WORLDS.items()
    }
    measured = list(measured_cases(NAME, arguments.cohorts, cases).values())
    by_weights = {
        name: summaries([rows[name] for rows in measured], list(WORLDS)) for name in weights
    }
    for name, worlds in by_weights.items():
        for world, values in worlds.items():
            print(f"{name:12s} {world:20s}", values)
    record = {"exams": arguments.count, "worlds": by_weights}
    store_result(NAME, record, cohort.first_seed)


def summaries(rows: Sequence[Row], worlds: Sequence[str]) -> dict[str, Any]:
    """Summary of every world; rows come exam by exam, and within one as the worlds do."""
    usual = rows[:: len(worlds)]
    return {
        world: summary(rows[number :: len(worlds)], usual) for number, world in enumerate(worlds)
    }


def without_liver(scenario: ExamScenario) -> ExamScenario:
    """Liver and gall bladder as warm as the tissue around them."""
    torso = scenario.phantom.torso
    level = torso.body.uptake
    return _in_torso(
        scenario,
        replace(
            torso,
            liver=replace(torso.liver, uptake=level),
            gall_bladder=replace(torso.gall_bladder, uptake=level),
        ),
    )


def without_right_ventricle(scenario: ExamScenario) -> ExamScenario:
    """A left ventricle alone."""
    heart = replace(scenario.phantom.heart, has_right_ventricle=False)
    return replace(scenario, phantom=replace(scenario.phantom, heart=heart))


def in_flat_torso(scenario: ExamScenario) -> ExamScenario:
    """Everything but the heart as warm as soft tissue."""
    scenario = without_liver(scenario)
    torso = scenario.phantom.torso
    level = torso.body.uptake
    organs = ("lungs", "spleen", "right_kidney", "left_kidney", "skeleton", "breasts")
    warm = {name: replace(getattr(torso, name), uptake=level) for name in organs}
    stomach = replace(torso.stomach, wall_uptake=level, content_uptake=level)
    bowel = tuple(replace(loop, uptake=level) for loop in torso.bowel)
    body = replace(torso.body, fat_uptake=min(level, 0.3))
    return _in_torso(scenario, replace(torso, body=body, stomach=stomach, bowel=bowel, **warm))


AS_IS = "as it is"

EARLIER = "weights-2.4"
"""The last ones that learnt from version 1 of the presets."""

WORLDS: Mapping[str, Callable[[ExamScenario], ExamScenario]] = {
    AS_IS: lambda scenario: scenario,
    "no liver": without_liver,
    "no right ventricle": without_right_ventricle,
    "torso flat": in_flat_torso,
}


def rows_of(
    preset: str,
    seed: int,
    change: Callable[[ExamScenario], ExamScenario],
    weights: Mapping[str, str],
) -> dict[str, Row]:
    """What each of the weights says of one exam in one world."""
    exam = simulate(change(sample_scenario(preset, seed)))
    return {name: row_of(exam, folder) for name, folder in weights.items()}


def row_of(exam: SimulatedExam, weights: str) -> Row:
    """Signed error of the roll, error of the axis, and true and found anatomical roll, degrees."""
    try:
        pose = measured_estimate(exam.volume, weights)[0].pose
    except HeartNotFoundError:
        return {"found": False}
    return {
        "found": True,
        "axis_deg": pose_errors(pose, exam.pose).long_axis_deg,
        "error_deg": signed_roll_deg(pose, exam.pose),
        "true_deg": anatomical_roll_deg(exam.pose),
        "found_deg": anatomical_roll_deg(pose),
    }


def anatomical_roll_deg(pose: RigidPose) -> float:
    """How far a heart is turned about its long axis from the conventional roll, signed."""
    return signed_roll_deg(pose, with_conventional_roll(pose))


def summary(rows: Sequence[Row], usual: Sequence[Row]) -> dict[str, Any]:
    """Errors of a world, how much of the true roll is followed, and what it changes."""
    pairs = [
        (row, as_is)
        for row, as_is in zip(rows, usual, strict=True)
        if row["found"] and as_is["found"]
    ]
    error = np.array([row["error_deg"] for row, _ in pairs])
    change = np.array([_turned(row["found_deg"] - as_is["found_deg"]) for row, as_is in pairs])
    true, found = (np.array([row[key] for row, _ in pairs]) for key in ("true_deg", "found_deg"))
    return {
        "found": len(pairs),
        "axis_deg": _percentiles(np.array([row["axis_deg"] for row, _ in pairs])),
        "roll_deg": _percentiles(np.abs(error)),
        "mean_roll_error_deg": round(float(error.mean()), 2),
        "followed": round(float(np.polyfit(true, found, 1)[0]), 3),
        "change_deg": _percentiles(np.abs(change)),
        "mean_change_deg": round(float(change.mean()), 2),
    }


def _in_torso(scenario: ExamScenario, torso: Torso) -> ExamScenario:
    return replace(scenario, phantom=replace(scenario.phantom, torso=torso))


def _turned(angle_deg: float) -> float:
    """The same turn between -180 and 180 degrees."""
    return (angle_deg + 180.0) % 360.0 - 180.0


def _percentiles(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    return [round(float(value), 2) for value in np.percentile(values, [50, 95])]


if __name__ == "__main__":
    main()
