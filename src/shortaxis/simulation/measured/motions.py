"""Draw how patients of version 2 move: along the body or across it, at once or little by little."""

from __future__ import annotations

import numpy as np

from shortaxis.simulation.acquisition import PatientMotion

__all__ = ["sample_measured_motion"]

MOVING_PART = (0.08, 0.15)
"""Patients who move by more than a few millimetres, by spread."""
CREEP_PART = 0.35
"""Of them: the heart creeps up after exercise, as breathing calms down."""
ALONG_SD_MM, ACROSS_SD_MM = 9.0, 5.0
LARGEST_MM = 26.0
CREEP_MM = (4.0, 20.0)


def sample_measured_motion(rng: np.random.Generator, spread: int) -> PatientMotion:
    """Draw the motion of one patient; most do not move."""
    moves, creeps = rng.random() < MOVING_PART[spread], rng.random() < CREEP_PART
    along, left, back = rng.normal(0, (ALONG_SD_MM, ACROSS_SD_MM, ACROSS_SD_MM / 2)).tolist()
    creep, after = rng.uniform(*CREEP_MM), rng.uniform(0.15, 0.85)
    if not moves:
        return PatientMotion()
    if creeps:
        return PatientMotion(shift_mm=float(creep), is_creep=True)
    along, left, back = np.clip((along, left, back), -LARGEST_MM, LARGEST_MM).tolist()
    return PatientMotion(along, float(after), left, back)
