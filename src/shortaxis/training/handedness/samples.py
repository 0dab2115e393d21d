"""Numbered samples of the handedness network: the same seed and number give the same sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from shortaxis.network.handedness import HANDEDNESS_SIZE
from shortaxis.reorientation.network_grid import NetworkGrid
from shortaxis.training.exams import PosedExam, TrainingExam, training_exam
from shortaxis.training.handedness.views import draw_handedness_view
from shortaxis.training.rendering import rendered
from shortaxis.training.variations import Variation, draw_variation

__all__ = [
    "HANDEDNESS_GRIDS",
    "HandednessExam",
    "HandednessSample",
    "HandednessSamples",
    "handedness_exam",
]

HANDEDNESS_GRIDS = tuple(
    NetworkGrid(HANDEDNESS_SIZE.voxels, spacing_mm, HANDEDNESS_SIZE.level_radius_mm)
    for spacing_mm in HANDEDNESS_SIZE.spacings_mm
)
"""What the network is shown."""


@dataclass(frozen=True, eq=False)
class HandednessExam:
    """One exam, smoothed for each grid."""

    by_grid: tuple[TrainingExam, ...]


class HandednessSample(TypedDict):
    """``counts`` (grid, n, n, n), and the number of the `order` of its axes; no flip."""

    counts: Tensor
    order: Tensor


def handedness_exam(exam: PosedExam) -> HandednessExam:
    """Smooth and scale one exam for each grid."""
    return HandednessExam(tuple(training_exam(exam, grid) for grid in HANDEDNESS_GRIDS))


class HandednessSamples(Dataset[HandednessSample]):
    """Samples ``0`` to ``count - 1`` of one run.

    Parameters
    ----------
    exams : sequence of HandednessExam
        All the right way round.
    count, seed : int
        Number of samples, and what they are drawn from.
    varied : bool
        Whether counts and grids are varied; without, only the error of a found centre is.
    """

    def __init__(
        self, exams: Sequence[HandednessExam], *, count: int, seed: int, varied: bool = True
    ) -> None:
        self.exams = exams
        self.count = count
        self.seed = seed
        self.varied = varied

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> HandednessSample:
        rng = np.random.default_rng((self.seed, number))
        exams = self.exams[int(rng.integers(len(self.exams)))].by_grid
        variation = draw_variation(rng) if self.varied else Variation()
        heart_mm = exams[0].pose.center_mm
        view = draw_handedness_view(rng, heart_mm, varied=self.varied)
        crops = [
            view.seen(rendered(exam, grid, view.patient_from_grid, variation), grid, heart_mm)
            for exam, grid in zip(exams, HANDEDNESS_GRIDS, strict=True)
        ]
        return {
            "counts": torch.from_numpy(np.stack(crops)),
            "order": torch.tensor(view.order),
        }
