"""What the exams of the benchmarks are, by their draws: ``python -m evidence run benchmark_draws``.

Nothing is simulated: who is imaged, how, and with what is drawn before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from evidence.recording.record import store_result
from shortaxis.evaluation.cohorts.benchmarks import BENCHMARKS, Benchmark
from shortaxis.geometry.euler import angles_from_rotation
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import LATEST_VERSION, ExamScenario

FIRST_SEED = 8_000_000
PERCENTILES = (5, 50, 95)


def main() -> None:
    latest = [each for each in BENCHMARKS.values() if each.preset_version == LATEST_VERSION]
    values = {each.name: draws_of(each) for each in latest}
    store_result("benchmark_draws", {"benchmarks": values}, FIRST_SEED)


def draws_of(benchmark: Benchmark) -> dict[str, Any]:
    """Counts of exams by kind, and percentiles of what is a number."""
    exams = [
        sample_scenario(benchmark.preset, seed, time_slots=benchmark.time_slots)
        for seed in benchmark.request.seeds
    ]
    return {
        "exams": len(exams),
        "patients": len({each.patient for each in exams}),
        "counts": {name: sum(map(holds, exams)) for name, holds in KINDS.items()},
        "cameras": dict(Counter(each.acquisition.camera for each in exams).most_common()),
        "percentiles": {
            name: percentiles(map(measured, exams)) for name, measured in MEASURES.items()
        },
    }


KINDS = {
    "stress": lambda exam: exam.condition == "stress",
    "Tl-201": lambda exam: exam.acquisition.tracer == "TL201_CHLORIDE",
    "PET": lambda exam: exam.acquisition.technique == "PET",
    "attenuation corrected": lambda exam: exam.reconstruction.attenuation_corrected,
    "resolution modelled": lambda exam: exam.reconstruction.resolution_modelled,
    "with a defect": lambda exam: bool(exam.phantom.heart.defects),
    "patient moves": lambda exam: exam.acquisition.motion.distance_mm > 0,
}

MEASURES = {
    "elevation, degrees": lambda exam: _angles(exam)[0],
    "azimuth, degrees": lambda exam: _angles(exam)[2],
    "anatomical roll, degrees": lambda exam: _angles(exam)[1],
    "length of the ventricle, mm": lambda exam: exam.phantom.heart.left_ventricle.length_mm,
    "radius of the ventricle, mm": lambda exam: exam.phantom.heart.left_ventricle.radius_mm,
    "ejection fraction, %": lambda exam: 100 * exam.phantom.heart.motion.ejection_fraction,
    "stored pixel, mm": lambda exam: exam.field_of_view.pixel_mm,
}


def _angles(exam: ExamScenario) -> tuple[float, float, float]:
    return angles_from_rotation(exam.phantom.pose.patient_from_cardiac)


def percentiles(values: Iterable[float]) -> list[float]:
    """5th, 50th and 95th, to one decimal."""
    found: list[float] = np.percentile(list(values), PERCENTILES).round(1).tolist()
    return found


if __name__ == "__main__":
    main()
