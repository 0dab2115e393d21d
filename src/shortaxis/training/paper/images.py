"""Images that the paper's networks learn from: normalised, on one grid, with six parameters.

Every exam gives its own image and those that `shortaxis.training.paper.augmentation` makes of it
(Zhu et al., arXiv 2208.03752, *Data augmentation*). All end where the camera's field of view did.
They follow from a seed and their number; `shortaxis.training.paper.prepared` keeps them, for all
networks of an experiment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.euler import PoseParameters, parameters_from_pose
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.resampling import resample
from shortaxis.network.gradient_image import with_gradient_image
from shortaxis.network.spatial_transformer import ViewGrid
from shortaxis.simulation.exam_files import StoredExam
from shortaxis.spect.volume import SpectVolume
from shortaxis.training.paper.augmentation import DRAWS, augmented, fitted_law

__all__ = [
    "PaperExam",
    "PaperImage",
    "PaperImages",
    "grid_around",
    "normalised",
    "paper_exam",
    "with_both_channels",
]

LEVEL_PERCENTILE = 99.5
"""Of the counts, which is 1 to the network; the highest are a few voxels of organs or noise."""


class PaperImage(TypedDict):
    """One image: ``counts`` (1, slice, row, column), and ``parameters`` (6,), mm and degrees.

    Counts may be kept as float16; `with_both_channels` takes either.
    """

    counts: Tensor
    parameters: Tensor


@dataclass(frozen=True, eq=False)
class PaperExam:
    """An exam as it was acquired and on the network's grid, and its pose, LPS mm.

    ``field`` (slice, row, column) is 1 where the grid lies in the acquired field of view, else 0.
    """

    acquired: SpectVolume
    volume: SpectVolume
    field: CountsArray
    pose: RigidPose
    seed: int


class PaperImages(Dataset[PaperImage]):
    """Of every exam its own image and `draws` new ones, in this order.

    Parameters
    ----------
    exams : sequence of PaperExam
        All on the same grid.
    draws : int
        New images of each; 0 for exams that are watched or tested on.
    seed : int
        Of the draws, which follow the law of all exams' own parameters, as the paper's do.
    """

    def __init__(self, exams: Sequence[PaperExam], draws: int = DRAWS, seed: int = 0) -> None:
        self.exams = exams
        self.draws = draws
        self.seed = seed
        self.law = fitted_law([_parameters(each) for each in exams]) if draws else None

    def __len__(self) -> int:
        return len(self.exams) * (1 + self.draws)

    def __getitem__(self, number: int) -> PaperImage:
        place, draw = divmod(number, 1 + self.draws)
        exam = self.exams[place]
        if draw == 0 or self.law is None:
            counts, pose = exam.volume.counts, exam.pose
        else:
            rng = np.random.default_rng((self.seed, exam.seed, draw))
            grid = Grid(exam.volume.shape, exam.volume.patient_from_index)
            (image,) = augmented(exam.acquired, exam.pose, grid, self.law.draw(rng, 1))
            counts, pose = image.volume.counts * exam.field, image.pose
        parameters = parameters_from_pose(pose, exam.volume.center_mm)
        return {
            "counts": torch.from_numpy(normalised(counts))[None],
            "parameters": torch.tensor(astuple(parameters), dtype=torch.float32),
        }


def paper_exam(exam: StoredExam, grid: ViewGrid) -> PaperExam:
    """Lay an exam on the network's grid."""
    around = grid_around(exam.volume.center_mm, grid)
    inside = resample(np.ones_like(exam.volume.counts), exam.volume.patient_from_index, around)
    return PaperExam(
        exam.volume,
        exam.volume.resampled(around),
        (inside > 0).astype(np.float32),
        exam.pose,
        exam.scenario.exam_seed,
    )


def grid_around(center_mm: FloatArray, grid: ViewGrid) -> Grid:
    """The network's grid in the patient: its axes are those of LPS, its middle is given."""
    moved = np.eye(4)
    moved[:3, 3] = center_mm
    return Grid(grid.shape, moved @ grid.view_from_index)


def with_both_channels(counts: Tensor) -> Tensor:
    """What a network sees, float32 ``(batch, 2, ...)``, of the counts ``(batch, 1, ...)``."""
    return with_gradient_image(counts.float())


def normalised(counts: CountsArray) -> CountsArray:
    """Counts as a part of their level, float32 of the same shape."""
    level = max(float(np.percentile(counts, LEVEL_PERCENTILE)), float(np.finfo(np.float32).tiny))
    scaled: CountsArray = (counts / np.float32(level)).astype(np.float32, copy=False)
    return scaled


def _parameters(exam: PaperExam) -> PoseParameters:
    return parameters_from_pose(exam.pose, exam.volume.center_mm)
