"""Numbered training samples: the same seed and number give the same sample, in any process.

So a run that was stopped goes on with the sample after the last one, and nothing has to be
stored of the state of a generator.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from shortaxis.reorientation.network_grid import NetworkGrid
from shortaxis.training.exams import TrainingExam
from shortaxis.training.rendering import rendered, rendered_noise
from shortaxis.training.variations import Variation, draw_variation
from shortaxis.training.views import GridView, draw_localiser_view, draw_refiner_view

__all__ = ["Sample", "Samples"]

NOISE_PART = 0.04
ABSENT_PART = 0.12


class Sample(TypedDict):
    """One sample: ``counts`` (1, n, n, n), and the truth in the grid's frame.

    ``rotation`` (3, 3), ``center_mm`` (3,), ``log_size`` (2,), ``has_heart`` 0 or 1,
    ``roll_weight`` 0 to 1.
    """

    counts: Tensor
    rotation: Tensor
    center_mm: Tensor
    log_size: Tensor
    has_heart: Tensor
    roll_weight: Tensor


class Samples(Dataset[Sample]):
    """Samples ``0`` to ``count - 1`` of one run.

    Parameters
    ----------
    exams : sequence of TrainingExam
        Smoothed for the block's grid.
    grid : NetworkGrid
        What the block that is trained sees.
    is_localiser : bool
        Whether the grid lies in the patient's frame, or around a pose.
    count, seed : int
        Number of samples, and what they are drawn from.
    varied : bool
        Whether counts are varied; without, only the grid is.
    """

    def __init__(
        self,
        exams: Sequence[TrainingExam],
        grid: NetworkGrid,
        *,
        is_localiser: bool,
        count: int,
        seed: int,
        varied: bool = True,
    ) -> None:
        self.exams = exams
        self.grid = grid
        self.is_localiser = is_localiser
        self.count = count
        self.seed = seed
        self.varied = varied

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> Sample:
        rng = np.random.default_rng((self.seed, number))
        exam = self.exams[int(rng.integers(len(self.exams)))]
        variation = draw_variation(rng) if self.varied else Variation()
        view = self._view(rng, exam)
        if self.varied and rng.random() < NOISE_PART:
            counts = rendered_noise(self.grid, rng)
            view = GridView(view.patient_from_grid, has_heart=False)
        else:
            counts = rendered(exam, self.grid, view.patient_from_grid, variation)
        target = view.target(exam.pose)
        return {
            "counts": torch.from_numpy(counts)[None],
            "rotation": torch.tensor(target.patient_from_cardiac, dtype=torch.float32),
            "center_mm": torch.tensor(target.center_mm, dtype=torch.float32),
            "log_size": torch.tensor(np.log(exam.size_mm) + np.log(variation.scale)).float(),
            "has_heart": torch.tensor(float(view.has_heart)),
            "roll_weight": torch.tensor(exam.roll_weight),
        }

    def _view(self, rng: np.random.Generator, exam: TrainingExam) -> GridView:
        if self.is_localiser:
            return draw_localiser_view(rng, exam)
        return draw_refiner_view(rng, exam, ABSENT_PART if self.varied else 0.0)
