"""Stored exams of a cohort, simulated where they are missing."""

from __future__ import annotations

from pathlib import Path

from evidence.registry.result import Cohort
from shortaxis.simulation.exam_files import CohortFormat, exam_path, write_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.seed_ranges import CALIBRATION
from shortaxis.simulation.simulating import simulate

__all__ = ["exam_at", "seeds_of"]


def seeds_of(cohort: Cohort) -> range:
    """Seeds of a cohort.

    Raises
    ------
    OptionError
        If they are not for calibration.
    """
    seeds = range(cohort.first_seed, cohort.first_seed + cohort.count)
    CALIBRATION.require(seeds)
    return seeds


def exam_at(folder: Path, preset: str, seed: int, version: int = 1) -> Path:
    """An exam of a cohort's folder."""
    path = exam_path(folder, seed, CohortFormat.COMPACT)
    if not path.exists():
        scenario = sample_scenario(preset, seed, version=version)
        write_exam(simulate(scenario), folder, CohortFormat.COMPACT)
    return path
