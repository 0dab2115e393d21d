"""How far an attenuation map may lie off before that is said.

``python -m evidence run map_registration -- [--count N] [--cohorts FOLDER]`` simulates exams of
cameras with parallel holes, patients lying still, and reconstructs their views by ``standard``. The
attenuation of the phantom is compared with the image as it is, and moved to six sides. The limit
was chosen on exams of other seeds (6,500,800 on). A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

import numpy as np

from evidence.measuring.robustness.moving_views import views_of
from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_seeds
from evidence.registry.result import Cohort
from shortaxis.reconstruction.attenuation import AttenuationMap
from shortaxis.reconstruction.presets import PRESETS
from shortaxis.reconstruction.reconstructing import photopeak_kev, reconstruct
from shortaxis.reconstruction.registration import LIMIT, registration_of
from shortaxis.simulation.acquisition import PatientMotion
from shortaxis.simulation.drawn_slots import DrawnSlots
from shortaxis.simulation.parallel_camera import body_voxels, grid_of
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.volume import SpectVolume

COHORT = Cohort("parallel", 8_950_330, 40)
SHIFTS_MM = (10.0, 20.0, 30.0)
SIDES = {
    "right": (-1.0, 0.0, 0.0),
    "left": (1.0, 0.0, 0.0),
    "front": (0.0, -1.0, 0.0),
    "back": (0.0, 1.0, 0.0),
    "head": (0.0, 0.0, 1.0),
    "feet": (0.0, 0.0, -1.0),
}
"""Where the map is moved to, LPS."""

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COHORT.count)
    add_cohorts(parser)
    arguments = parser.parse_args()
    seeds = range(COHORT.first_seed, COHORT.first_seed + arguments.count)
    rows = measured_seeds("map_registration", arguments.cohorts, seeds, measured)
    values = {
        "exams": len(rows),
        "limit": LIMIT,
        "shifts_mm": SHIFTS_MM,
        "in_place": {
            "largest": max(row["in_place"] for row in rows),
            "flagged": sum(row["in_place"] > LIMIT for row in rows),
        },
        "flagged": {
            side: [sum(row[side][place] > LIMIT for row in rows) for place in range(len(SHIFTS_MM))]
            for side in SIDES
        },
    }
    store_result("map_registration", values, COHORT.first_seed)


def measured(seed: int) -> Row:
    """Part of what is hot that lies in lung or air, by where the map lies."""
    scenario = sample_scenario(COHORT.preset, seed)
    still = replace(scenario.acquisition, motion=PatientMotion())
    scenario = replace(scenario, acquisition=still)
    projections = views_of(simulate(scenario))
    volume = reconstruct(projections, PRESETS["standard"].settings).volume
    grid = grid_of(body_voxels(scenario), scenario)
    per_cm = next(iter(DrawnSlots(scenario, grid))).attenuation_per_cm.numpy()
    energy_kev = photopeak_kev(projections)

    def hot_in_lung(shift_mm: np.ndarray) -> float:
        affine = grid.patient_from_index.copy()
        affine[:3, 3] += shift_mm
        moved = AttenuationMap(SpectVolume(per_cm, affine))
        on_voxels = moved.per_cm_on(volume.grid, energy_kev)
        return round(registration_of(volume.counts, on_voxels, energy_kev).hot_in_lung, 4)

    sides = {
        side: [hot_in_lung(distance * np.array(towards)) for distance in SHIFTS_MM]
        for side, towards in SIDES.items()
    }
    return {"in_place": hot_in_lung(np.zeros(3)), **sides}


if __name__ == "__main__":
    main()
