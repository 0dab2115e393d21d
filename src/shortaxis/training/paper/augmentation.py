"""More images from few, as the paper makes them: short-axis images turned back into other patients.

Zhu et al. (arXiv 2208.03752, *Data augmentation*) fit a Gaussian to each of the six parameters,
draw from the truncated Gaussians, and transform short-axis images inversely with what was drawn: 40
new transaxial images each, so that 381 exams give 15,621 images. Where they truncate is not said;
here it is two standard deviations, as is that the parameters are drawn independently.

A short-axis image is the exam itself, seen along other axes: turned back from one or moved as a
whole, the new patient is the same. Here the exam is moved, so that counts are interpolated once and
nothing is cut off that the camera saw. Where the short-axis image is cut close to the heart, its
faces lie along the cardiac axes and give the answer away: a network that had learnt from cubes of
288 mm was 1 degree off on new images, also of exams that it had not seen, and 9 degrees on exams as
they were. For the same reason what the camera did not see is taken from the nearest voxel that it
did see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from scipy import stats

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose, compose, invert
from shortaxis.geometry.resampling import resample
from shortaxis.spect.volume import SpectVolume

__all__ = [
    "DRAWS",
    "TRUNCATED_AT",
    "AugmentedImage",
    "ParameterLaw",
    "augmented",
    "fitted_law",
]

DRAWS = 40
"""New images of each exam."""

TRUNCATED_AT = 2.0
"""Standard deviations from the mean beyond which nothing is drawn."""


@dataclass(frozen=True, eq=False)
class ParameterLaw:
    """Mean and standard deviation of each of the six parameters, ``(6,)``: mm and degrees."""

    means: FloatArray
    deviations: FloatArray

    def draw(self, rng: np.random.Generator, count: int = DRAWS) -> list[PoseParameters]:
        """Draw parameters from the truncated Gaussians, independently of each other."""
        law = stats.truncnorm(-TRUNCATED_AT, TRUNCATED_AT, loc=self.means, scale=self.deviations)
        drawn = law.rvs(size=(count, len(self.means)), random_state=rng)
        return [PoseParameters(*map(float, row)) for row in drawn]


@dataclass(frozen=True, eq=False)
class AugmentedImage:
    """A transaxial image and the pose of its heart, LPS mm."""

    volume: SpectVolume
    pose: RigidPose


def fitted_law(parameters: Sequence[PoseParameters]) -> ParameterLaw:
    """Fit a Gaussian to each parameter of the training exams.

    Raises
    ------
    OptionError
        If there are fewer than two exams.
    """
    if len(parameters) < 2:
        raise OptionError(
            "too few exams to fit the parameters", expected="2 or more", found=f"{len(parameters)}"
        )
    values = np.array([astuple(each) for each in parameters], dtype=np.float64)
    return ParameterLaw(values.mean(axis=0), values.std(axis=0, ddof=1))


def augmented(
    exam: SpectVolume,
    pose: RigidPose,
    grid: Grid,
    drawn: Sequence[PoseParameters],
) -> Iterator[AugmentedImage]:
    """Move an exam so that its heart lies where it was drawn to lie.

    Parameters
    ----------
    exam : SpectVolume
        Its counts along any axes: transaxial slices, or short-axis slices cut from them.
    pose : RigidPose
        The exam's true pose.
    grid : Grid
        Of the new transaxial images.
    drawn : sequence of PoseParameters
        Of the new images; translations count from the centre of the grid.
    """
    for parameters in drawn:
        new = pose_from_parameters(parameters, grid.center_mm)
        # Where the exam's patient was is where the new one is, seen from either heart.
        motion = compose(new, invert(pose))
        counts = resample(
            exam.counts, motion.matrix @ exam.patient_from_index, grid, beyond="nearest"
        )
        yield AugmentedImage(SpectVolume(counts, grid.patient_from_index), new)
