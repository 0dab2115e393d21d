"""How well an estimator follows known motions of its input.

Every moved input is estimated as if it were a new study, and the pose is moved back. All these
poses should be one. How far they lie apart needs no truth: a large spread means a large error; a
small one proves nothing, as an estimator that is wrong in the same way each time is consistent too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.euler import with_conventional_roll
from shortaxis.geometry.mean_pose import mean_pose
from shortaxis.geometry.motions import PatientMotion
from shortaxis.geometry.pose import RigidPose, compose, invert
from shortaxis.reorientation.estimate import PoseEstimate, QualityFlag
from shortaxis.spect.volume import SpectVolume

__all__ = ["Answer", "Answers", "collect_answers", "comparable_pose"]

Estimator = Callable[[SpectVolume], PoseEstimate]
Move = Callable[[SpectVolume, PatientMotion], SpectVolume]


def comparable_pose(pose: RigidPose, *, knows_roll: bool) -> RigidPose:
    """The pose, or where the roll is a convention, the same axis with the roll of the convention.

    The conventional roll refers to the patient's superior direction, so it does not follow a
    motion; it is applied again after the pose was moved back.
    """
    return pose if knows_roll else with_conventional_roll(pose)


@dataclass(frozen=True, eq=False)
class Answer:
    """What an estimator said about a moved input; `estimate` is None if it found no heart."""

    motion: PatientMotion
    estimate: PoseEstimate | None

    @property
    def moved_back(self) -> RigidPose | None:
        """The pose in the frame of the input that was not moved."""
        if self.estimate is None:
            return None
        pose = compose(invert(self.motion.pose), self.estimate.pose)
        return comparable_pose(pose, knows_roll=self.estimate.knows_roll)

    @property
    def is_flagged(self) -> bool:
        """Whether the estimator asked for a review; a heart that was not found is no such case."""
        return self.estimate is not None and self.estimate.quality.flag is QualityFlag.REVIEW


@dataclass(frozen=True, eq=False)
class Answers:
    """All answers to one way of moving; `excluded` are motions that would have cut the heart."""

    answers: tuple[Answer, ...]
    excluded: tuple[PatientMotion, ...] = ()

    @property
    def found(self) -> tuple[Answer, ...]:
        """Those with a pose."""
        return tuple(answer for answer in self.answers if answer.estimate is not None)

    @property
    def mean(self) -> RigidPose | None:
        """Mean of the poses moved back; None where no heart was found."""
        poses = [answer.moved_back for answer in self.answers]
        known = [pose for pose in poses if pose is not None]
        return mean_pose(known) if known else None


def collect_answers(
    volume: SpectVolume,
    motions: Iterable[PatientMotion],
    move: Move,
    estimate: Estimator,
    excluded: Iterable[PatientMotion] = (),
) -> Answers:
    """Move the volume by every motion and estimate again.

    Parameters
    ----------
    volume : SpectVolume
        The input, not moved.
    motions : iterable of PatientMotion
        What is done to it, one at a time.
    move : callable
        How: it takes the volume and a motion and returns the moved volume.
    estimate : callable
        The estimator; it may raise `HeartNotFoundError`.
    excluded : iterable of PatientMotion
        Motions that were drawn and left out.
    """
    answers = [Answer(motion, _found(estimate, move(volume, motion))) for motion in motions]
    return Answers(tuple(answers), tuple(excluded))


def _found(estimate: Estimator, volume: SpectVolume) -> PoseEstimate | None:
    try:
        return estimate(volume)
    except HeartNotFoundError:
        return None
