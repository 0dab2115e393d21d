"""Numbered samples of the wall's training: the same seed and number give the same sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from shortaxis.evaluation.walls.true_wall import wall_in_frame
from shortaxis.geometry.pose import RigidPose
from shortaxis.training.wall.exams import WallExam
from shortaxis.training.wall.variations import (
    PLAIN,
    RARELY_FAR,
    FarFrames,
    WallVariation,
    draw_frame_error,
    draw_wall_variation,
    varied,
)
from shortaxis.ventricle.ray_counts import normalised_rays, sampled_along_rays

__all__ = ["WallSample", "WallSamples"]

SEEN_UPTAKE = 0.3
"""Of a healthy wall, from which muscle is seen."""


class WallSample(TypedDict):
    """One sample: the input, and the truth in the frame of its rays.

    ``counts`` (depth, row, angle), ``context`` (CONTEXT,), ``endocardium`` and ``epicardium`` (row,
    angle) mm, ``is_wall`` and ``is_seen`` (row, angle) 0 or 1, ``valve`` (5,) as `WallOutput` has
    it.
    """

    counts: Tensor
    context: Tensor
    endocardium: Tensor
    epicardium: Tensor
    is_wall: Tensor
    is_seen: Tensor
    valve: Tensor


class WallSamples(Dataset[WallSample]):
    """Samples ``0`` to ``count - 1`` of one run.

    Parameters
    ----------
    exams : sequence of WallExam
        Drawn from by their weights, or, without variations, taken in turn.
    count, seed : int
        Number of samples, and what they are drawn from.
    tone : float
        How much the tone of counts is varied, see `WallSettings`.
    far : FarFrames
        Frames that lie as those of an estimator that erred.
    is_varied : bool
        Whether counts and size are varied; without, only the frame is.
    """

    def __init__(
        self,
        exams: Sequence[WallExam],
        count: int,
        seed: int,
        *,
        tone: float = 0.1,
        far: FarFrames = RARELY_FAR,
        is_varied: bool = True,
    ) -> None:
        self.exams = exams
        self.count = count
        self.seed = seed
        self.tone = tone
        self.far = far
        self.is_varied = is_varied
        weights = np.array([exam.weight for exam in exams])
        self._rising = np.cumsum(weights / weights.sum())

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> WallSample:
        rng = np.random.default_rng((self.seed, number))
        place = int(np.searchsorted(self._rising, rng.random()))
        exam = self.exams[min(place, len(self.exams) - 1) if self.is_varied else number]
        variation = draw_wall_variation(rng, self.tone) if self.is_varied else PLAIN
        return _sample(exam, draw_frame_error(rng, self.far), variation)


def _sample(exam: WallExam, frame: RigidPose, variation: WallVariation) -> WallSample:
    true_from_frame = frame.matrix.copy()
    true_from_frame[:3] /= variation.scale
    index_from_frame = exam.index_from_cardiac @ true_from_frame
    rays = sampled_along_rays(exam.counts, index_from_frame)
    wall = wall_in_frame(exam.wall, true_from_frame)
    slopes = wall.valve.slopes
    aside = wall.valve.center_mm[:2]
    maps = np.stack(
        [
            wall.endocardium_mm,
            wall.epicardium_mm,
            wall.is_wall,
            wall.is_wall * (wall.uptake >= SEEN_UPTAKE),
        ]
    )
    valve = np.array([wall.valve.on_axis_mm, *slopes, *aside])
    if variation.is_mirrored:
        rays, maps = (np.roll(each[..., ::-1], 1, axis=-1) for each in (rays, maps))
        valve[[2, 4]] *= -1
    rays, context = varied(rays, exam.spectrum.described(variation.scale), variation)
    counts, _ = normalised_rays(rays)
    inner, outer, is_wall, is_seen = torch.from_numpy(maps.astype(np.float32))
    return {
        "counts": torch.from_numpy(counts),
        "context": torch.from_numpy(context),
        "endocardium": inner,
        "epicardium": outer,
        "is_wall": is_wall,
        "is_seen": is_seen,
        "valve": torch.tensor(valve, dtype=torch.float32),
    }
