"""All results, by name, and the few measurements that are kept with the package instead."""

from __future__ import annotations

from evidence.registry.result import Result
from evidence.registry.rows import (
    node,
    pictures,
    polar_maps,
    pose,
    real_studies,
    simulation,
    speed,
    training,
)

__all__ = ["KEPT_WITH_THE_PACKAGE", "RESULTS"]

SUBJECTS = (pose, real_studies, polar_maps, simulation, training, speed, node, pictures)

RESULTS: dict[str, Result] = {row.name: row for subject in SUBJECTS for row in subject.ROWS}

KEPT_WITH_THE_PACKAGE = {
    "calibrate_weights": "evidence/measuring/training/calibrate_weights.py",
    "calibrate_handedness": "evidence/measuring/training/calibrate_handedness.py",
    "join_handedness": "evidence/measuring/training/join_handedness.py",
    "motion_rule": "evidence/measuring/training/motion_rule.py",
    "function_correction": "evidence/measuring/polar_maps/function_correction.py",
    "function_normals": "evidence/measuring/polar_maps/function_normals.py",
    "benchmark_checksums": "evidence/measuring/training/benchmark_checksums.py",
}
"""Scripts that write into ``src/shortaxis``, where a hash or a test watches over it."""
