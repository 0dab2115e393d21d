"""Move a study by known motions, estimate again, and see how far the poses lie apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from shortaxis.geometry.motions import PatientMotion, sample_motion
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.consistency import Answers, collect_answers, comparable_pose
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.methods import estimate_pose
from shortaxis.reorientation.moved_volumes import (
    heart_stays_inside,
    with_moved_affine,
    with_moved_counts,
)
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.consistency.options import (
    MAX_SHIFT_MM,
    MAX_TURN_DEG,
    ConsistencyOptions,
)

__all__ = ["Consistency", "Progress", "measure_study_consistency"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Consistency:
    """The estimate of a study and of what known motions made of it.

    `resampled` are the answers to counts sampled again on the grid of the input, `affine_only`
    those to the same counts under a moved affine. All poses are in LPS mm.
    """

    study: PerfusionStudy = field(repr=False)
    options: ConsistencyOptions
    estimate: PoseEstimate
    resampled: Answers = field(repr=False)
    affine_only: Answers = field(repr=False)

    @property
    def knows_roll(self) -> bool:
        """Whether the roll is what the method saw, and not a convention."""
        found = (*self.resampled.found, *self.affine_only.found)
        seen = [answer.estimate.knows_roll for answer in found if answer.estimate is not None]
        return self.estimate.knows_roll and all(seen)

    @property
    def unmoved_pose(self) -> RigidPose:
        """The pose of the input that was not moved, to compare with."""
        return comparable_pose(self.estimate.pose, knows_roll=self.estimate.knows_roll)


def measure_study_consistency(
    study: PerfusionStudy, options: ConsistencyOptions, progress: Progress | None = None
) -> Consistency:
    """Estimate a study, and again after each motion, made in two ways.

    The motions turn about the estimated centre of the heart. Those that would take a ventricle out
    of the grid are left out of `resampled`, where they would cut it, and counted; nothing can be
    cut where only the affine moves.

    Parameters
    ----------
    study : PerfusionStudy
        A transaxial reconstruction; of a gated one the sum is taken.
    options : ConsistencyOptions
        Method, number of motions, seed.
    progress : callable, optional
        Called with the number of estimates done and their total.

    Raises
    ------
    HeartNotFoundError
        If no left ventricle is found in the input that was not moved.
    """
    volume = study.volume

    def estimated(moved: SpectVolume) -> PoseEstimate:
        return estimate_pose(moved, options.method, options.weights)

    first = estimated(volume)
    motions = _drawn(options, first.pose)
    inside = [heart_stays_inside(volume.grid, first.pose, motion) for motion in motions]
    kept = [motion for motion, stays in zip(motions, inside, strict=True) if stays]
    cut = [motion for motion, stays in zip(motions, inside, strict=True) if not stays]
    total = len(kept) + len(motions)
    return Consistency(
        study,
        options,
        first,
        collect_answers(
            volume, _counted(kept, 0, total, progress), with_moved_counts, estimated, cut
        ),
        collect_answers(
            volume, _counted(motions, len(kept), total, progress), with_moved_affine, estimated
        ),
    )


def _drawn(options: ConsistencyOptions, pose: RigidPose) -> list[PatientMotion]:
    rng = np.random.default_rng(options.seed)
    return [
        sample_motion(rng, pose.center_mm, MAX_TURN_DEG, MAX_SHIFT_MM)
        for _ in range(options.motions)
    ]


def _counted(
    motions: Iterable[PatientMotion], before: int, total: int, progress: Progress | None
) -> Iterator[PatientMotion]:
    """The motions, with a report of progress after each."""
    for number, motion in enumerate(motions, start=before + 1):
        yield motion
        if progress is not None:
            progress(number, total)
