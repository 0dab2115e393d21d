"""Whether a pose found in slices made here is as good as one found in the simulator's own slices.

``python -m evidence run raw_pose -- [--count N] [--workers N] [--cohorts FOLDER]`` simulates exams
of cameras with parallel holes, motion of the patient included as the preset has it. The pose is
estimated in the slices that the simulator reconstructs (filtered backprojection or OSEM, with
corrections, as drawn) and in those that ``study_of_projections`` makes of the same views by the
preset that suits. A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
from itertools import compress
from typing import Any

import numpy as np

from evidence.measuring.robustness.paired_loss import paired_loss
from evidence.recording.options import add_cohorts, add_workers
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_seeds
from evidence.registry.result import Cohort
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reconstruction.presets import PRESETS
from shortaxis.reconstruction.reconstructing import reconstruct
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.simulation.acquisition import Tracer
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.volume import SpectVolume

COHORT = Cohort("parallel", 8_950_000, 300)
MEASURES = ("long_axis_deg", "roll_deg", "center_mm")

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COHORT.count)
    add_workers(parser)
    add_cohorts(parser)
    arguments = parser.parse_args()
    seeds = range(COHORT.first_seed, COHORT.first_seed + arguments.count)
    rows = measured_seeds("raw_pose", arguments.cohorts, seeds, measured, arguments.workers)
    found = [row["own"] is not None and row["simulators"] is not None for row in rows]
    both = list(compress(rows, found))
    patients = [seed // 2 for seed in compress(seeds, found)]
    values = {
        "exams": len(rows),
        "not_found": {
            name: sum(row[name] is None for row in rows) for name in ("own", "simulators")
        },
        "errors": {name: spread([row[name] for row in both]) for name in ("own", "simulators")},
        "loss": losses(both, patients),
        "apart": spread([row["apart"] for row in both]),
    }
    store_result("raw_pose", values, COHORT.first_seed)


def measured(seed: int) -> Row:
    """Errors of both poses, and how far they lie from each other."""
    scenario = sample_scenario(COHORT.preset, seed)
    exam = simulate(scenario)
    if exam.projections is None:
        raise TypeError("an exam of parallel holes keeps its projections")
    is_thallium = scenario.acquisition.tracer == Tracer.TL201_CHLORIDE.name
    preset = "thallium" if is_thallium else "standard"
    made = reconstruct(exam.projections, PRESETS[preset].settings).volume
    own, theirs = found_in(made), found_in(exam.volume)
    return {
        "own": None if own is None else off(own, exam.pose),
        "simulators": None if theirs is None else off(theirs, exam.pose),
        "apart": None if own is None or theirs is None else off(own, theirs),
    }


def found_in(volume: SpectVolume) -> RigidPose | None:
    """The pose, or None where there is no heart."""
    try:
        return measured_estimate(volume)[0].pose
    except HeartNotFoundError:
        return None


def off(found: RigidPose, true: RigidPose) -> list[float]:
    """Axis and roll, degrees; centre, mm."""
    errors = pose_errors(found, true)
    return [round(errors.long_axis_deg, 3), round(errors.roll_deg, 3), round(errors.center_mm, 3)]


def losses(rows: list[Row], patients: list[int]) -> Row:
    """How much larger the median error is in slices made here, with its interval."""
    errors = {
        name: np.abs(np.array([row[name] for row in rows], dtype=np.float64))
        for name in ("simulators", "own")
    }
    each = {
        name: paired_loss(errors["simulators"][:, number], errors["own"][:, number], patients)
        for number, name in enumerate(MEASURES)
    }
    return {
        name: {
            "loss": round(loss.loss, 2),
            "interval": [round(end, 2) for end in loss.interval or ()],
        }
        for name, loss in each.items()
    }


def spread(rows: list[list[float]]) -> Row:
    """Median and 95th percentile of each measure; of the roll its size."""
    values = np.abs(np.array(rows, dtype=np.float64).reshape(-1, len(MEASURES)))
    return {
        name: [round(float(np.percentile(column, part)), 2) for part in (50, 95)]
        for name, column in zip(MEASURES, values.T, strict=True)
    }


if __name__ == "__main__":
    main()
