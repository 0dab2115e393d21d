"""Simulated gated exams of eight time slots, made where they are missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from shortaxis.function.beating_wall import draw_beating_wall
from shortaxis.function.harmonics import BeatFit
from shortaxis.function.uncorrected import UncorrectedBeat, uncorrected_beat
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.methods import DEFAULT_METHOD, estimate_pose
from shortaxis.simulation.cohort import make_exam
from shortaxis.simulation.cohort_request import CohortRequest
from shortaxis.simulation.exam_files import (
    CohortFormat,
    StoredExam,
    exam_path,
    read_compact_exam,
)
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.wall_network import WallDrawer

__all__ = ["TIME_SLOTS", "GatedExam", "GatedExams"]

TIME_SLOTS = 8


@dataclass(frozen=True, eq=False)
class GatedExam:
    """An exam, and the pose that is estimated in its sum."""

    preset: str
    seed: int
    stored: StoredExam

    @cached_property
    def estimate(self) -> PoseEstimate:
        """By the default method."""
        return estimate_pose(self.stored.volume, DEFAULT_METHOD)

    @property
    def gates(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        """Counts (time_slot, slice, row, column)."""
        return np.stack([each.counts for each in self.volumes])

    @property
    def volumes(self) -> list[SpectVolume]:
        """Every slot."""
        stored = self.stored
        return PerfusionStudy(stored.volume, stored.gates).gate_volumes()

    def uncorrected(self, drawer: WallDrawer) -> UncorrectedBeat:
        """What is found before the correction."""
        fit = BeatFit(np.ones(len(self.gates), dtype=bool))
        volume, pose = self.stored.volume, self.estimate.pose
        return uncorrected_beat(draw_beating_wall(self.gates, volume, pose, fit, drawer))


@dataclass(frozen=True)
class GatedExams:
    """Exams of one preset, second version.

    Parameters
    ----------
    purpose : str
        First word of the folder's name.
    preset : str
    first : int
        Seed.
    count : int
        Of the exams.
    of_every_seed : bool
        Of `clinical` stress and rest of each patient, else one of both: every other seed.
    of_every : int
        Patient, by default each.
    """

    purpose: str
    preset: str
    first: int
    count: int
    of_every_seed: bool = False
    of_every: int = 1

    @property
    def seeds(self) -> Sequence[int]:
        """Of the exams."""
        return range(self.first, self.first + self.step * self.count, self.step)

    @property
    def step(self) -> int:
        """From one seed to the next."""
        is_one_of_two = self.preset == "clinical" and not self.of_every_seed
        return self.of_every * (2 if is_one_of_two else 1)

    @property
    def name(self) -> str:
        """Of the folder."""
        return f"{self.purpose}-gated-{self.preset}-{self.first}"

    def exams(self, cohorts: Path) -> Iterator[GatedExam]:
        """One after the other; each is simulated if it is not there."""
        for seed in self.seeds:
            yield self.exam(cohorts, seed)

    def exam(self, cohorts: Path, seed: int) -> GatedExam:
        """One of them; it is simulated if it is not there."""
        folder = cohorts / self.name
        path = exam_path(folder, seed, CohortFormat.COMPACT)
        if not path.exists():
            request = CohortRequest(self.preset, 1, seed, CohortFormat.COMPACT, TIME_SLOTS, 2)
            make_exam(request, folder, seed)
        return GatedExam(self.preset, seed, read_compact_exam(path))
